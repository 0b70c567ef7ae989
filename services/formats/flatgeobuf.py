"""Tables of FlatBuffers (the format's internals page), read field by field out of untrusted bytes.

FlatGeobuf 3 (flatgeobuf.org, header.fbs and feature.fbs): polygons and names, from its first feature to its last.
"""

import struct
from dataclasses import replace
from itertools import pairwise
from typing import Any, NoReturn

from services.errors import AreaError
from services.formats.crs_text import resolve_crs
from services.formats.features import FeatureCollector
from services.formats.limits import FileLimits
from services.formats.outline import Outline
from services.formats.wkb import DEPTH, KINDS, pairs

Table = int
"""Where a table begins."""


class Buffer:
    """Bytes that hold tables. Every method raises struct.error where they are too short."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def number(self, form: str, place: int) -> Any:
        """One number of struct's form, little-endian."""
        if place < 0:
            raise struct.error("before the beginning")
        return struct.unpack_from("<" + form, self.data, place)[0]

    def root(self) -> Table:
        """The first table."""
        return int(self.number("I", 0))

    def field(self, table: Table, index: int, form: str, default: Any = 0) -> Any:
        """A number of a table, or its default."""
        place = self._place(table, index)
        return self.number(form, place) if place else default

    def table(self, table: Table, index: int) -> Table | None:
        """A table in a table."""
        place = self._place(table, index)
        return place + int(self.number("I", place)) if place else None

    def tables(self, table: Table, index: int) -> list[Table]:
        """The tables of a list."""
        start, count = self._list(table, index, 4)
        return [place + int(self.number("I", place)) for place in range(start, start + 4 * count, 4)]

    def numbers(self, table: Table, index: int, form: str) -> tuple[Any, ...]:
        """The numbers of a list."""
        start, count = self._list(table, index, struct.calcsize("<" + form))
        return struct.unpack_from(f"<{count}{form}", self.data, start)

    def text(self, table: Table, index: int) -> str:
        """A text; empty where there is none."""
        return self.raw(table, index).decode("utf-8", "replace")

    def raw(self, table: Table, index: int) -> bytes:
        """A list of bytes."""
        start, count = self._list(table, index, 1)
        return self.data[start : start + count]

    def _place(self, table: Table, index: int) -> int:
        """Where a field stands; 0 where the table lacks it."""
        columns = table - int(self.number("i", table))
        if 4 + 2 * index + 2 > int(self.number("H", columns)):
            return 0
        offset = int(self.number("H", columns + 4 + 2 * index))
        return table + offset if offset else 0

    def _list(self, table: Table, index: int, size: int) -> tuple[int, int]:
        place = self._place(table, index)
        if not place:
            return 0, 0
        start = place + int(self.number("I", place))
        count = int(self.number("I", start))
        if start + 4 + size * count > len(self.data):
            raise struct.error("a list is longer than the bytes")
        return start + 4, count


MAGIC = b"fgb\x03fgb"
"""And one byte of the patch level."""
_NODE = 40
"""Bytes of a node of the index."""
_WIDTHS = {0: 1, 1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 8, 8: 8, 9: 4, 10: 8}
"""Bytes of a property by the type of its column; all others begin with their length."""
_STRING = 11
_NAMES = ("name", "title")


def read_flatgeobuf(data: bytes, limits: FileLimits) -> Outline:
    """The polygons of all features. Raises AreaError where the file is cut or its coordinate system is not named."""
    if not data.startswith(MAGIC):
        _refuse("it does not begin as one")
    try:
        return _Reader(data, limits).outline()
    except (struct.error, IndexError):
        _refuse("it is cut off or damaged")


def _refuse(reason: str) -> NoReturn:
    raise AreaError(f"The FlatGeobuf cannot be read: {reason}.", "Check that it is complete, or save it anew.")


class _Reader:
    """The header, then feature by feature."""

    def __init__(self, data: bytes, limits: FileLimits) -> None:
        self._data = data
        self._found = FeatureCollector(limits)
        self._place = 8
        self._header = self._next()
        self._root = self._header.root()
        self._kind = int(self._header.field(self._root, 2, "B"))
        columns = self._header.tables(self._root, 7)
        self._columns = [(self._header.text(one, 0).lower(), int(self._header.field(one, 1, "B"))) for one in columns]

    def outline(self) -> Outline:
        """All polygons, with the coordinate system of the header."""
        count = int(self._header.field(self._root, 8, "Q"))
        self._pass_over_index(count, int(self._header.field(self._root, 9, "H", 16)))
        read = 0
        while self._place < len(self._data):
            self._feature(self._next())
            read += 1
        if count and read != count:
            _refuse(f"it holds {read:,} of its {count:,} features")
        outline = self._found.outline("FlatGeobuf", name=self._header.text(self._root, 0))
        return self._placed(outline)

    def _next(self) -> Buffer:
        (length,) = struct.unpack_from("<I", self._data, self._place)
        self._place += 4 + length
        if self._place > len(self._data):
            _refuse("it is cut off")
        return Buffer(self._data[self._place - length : self._place])

    def _pass_over_index(self, count: int, node: int) -> None:
        """A packed R-tree: nodes of all levels, from the leaves to the root."""
        if not node or not count:
            return
        if node < 2 or count * _NODE > len(self._data):
            _refuse(f"it claims {count:,} features, more than there are bytes")
        nodes = level = count
        while level > 1 or nodes == 1:  # a single leaf has a root as well
            level = -(-level // node)
            nodes += level
        self._place += _NODE * nodes
        if self._place > len(self._data):
            _refuse("its index is cut off")

    def _feature(self, buffer: Buffer) -> None:
        root = buffer.root()
        geometry = buffer.table(root, 0)
        if geometry is None:
            self._found.other("empty feature")
            return
        self._geometry(buffer, geometry, self._kind, 0)
        self._found.feature(self._name(buffer.raw(root, 1)))

    def _geometry(self, buffer: Buffer, table: Table, kind: int, depth: int) -> None:
        if depth > DEPTH:
            raise AreaError(f"A geometry is nested deeper than {DEPTH} collections.", "Give one MultiPolygon.")
        kind = kind or int(buffer.field(table, 6, "B"))
        if kind == 3:
            self._polygon(buffer, table)
        elif kind in {6, 7}:
            for part in buffer.tables(table, 7):
                self._geometry(buffer, part, 3 if kind == 6 else 0, depth + 1)
        else:
            self._found.other(KINDS[kind] if kind < len(KINDS) else "curve")

    def _polygon(self, buffer: Buffer, table: Table) -> None:
        numbers = buffer.numbers(table, 1, "d")
        points = len(numbers) // 2
        self._found.count(points)
        self._found.heights |= bool(buffer.numbers(table, 2, "d"))
        ring = pairs(numbers[: 2 * points], 2)
        ends = [0, *(buffer.numbers(table, 0, "I") or (points,))]
        if any(start > end for start, end in pairwise(ends)) or ends[-1] != points:
            _refuse("the rings of a polygon are in disorder")
        rings = (ring[start:end] for start, end in pairwise(ends))
        self._found.polygon(tuple(one for one in rings if one))

    def _name(self, properties: bytes) -> str:
        """The text of the first column that may be a name."""
        place, names = 0, {}
        while place + 2 <= len(properties):
            (column,) = struct.unpack_from("<H", properties, place)
            title, kind = self._columns[column]
            place += 2
            length = _WIDTHS.get(kind)
            if length is None:
                (length,) = struct.unpack_from("<I", properties, place)
                place += 4
            if kind == _STRING:
                names[title] = properties[place : place + length].decode("utf-8", "replace")
            place += length
        return next((names[name] for name in _NAMES if names.get(name)), "")

    def _placed(self, outline: Outline) -> Outline:
        crs = self._header.table(self._root, 10)
        code = int(self._header.field(crs, 1, "i")) if crs is not None else 0
        wkt = self._header.text(crs, 4) if crs is not None else ""
        organization = self._header.text(crs, 0).upper() if crs is not None else ""
        if code > 0 and organization in {"", "EPSG"}:
            return replace(outline, epsg=code)
        if not wkt:
            raise AreaError(
                "The FlatGeobuf names no coordinate system.", "Save it in EPSG:4326, longitude and latitude."
            )
        return resolve_crs(outline, wkt)

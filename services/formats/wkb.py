"""Well-known binary (OGC 06-103r4 § 8), with the flags of ISO and of PostGIS: polygons out of untrusted bytes."""

import math
import struct
from typing import NoReturn

from services.errors import AreaError
from services.formats.features import FeatureCollector
from services.formats.outline import Position

DEPTH = 8
"""Collections in collections that are followed."""
KINDS = (
    *("Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"),
    *("GeometryCollection", "CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface"),
    *("Curve", "Surface", "PolyhedralSurface", "Tin", "Triangle"),
)
"""By their code, which FlatGeobuf uses too."""
_FLAT = {"Polygon", "MultiPolygon", "GeometryCollection"}


def read_wkb(data: bytes, start: int, found: FeatureCollector) -> None:
    """Adds the polygons of the geometry that begins at byte `start`. Raises AreaError where it is cut or unknown."""
    try:
        _Reader(data, start, found).geometry(0)
    except struct.error:
        _refuse("a geometry ends too early")


def pairs(numbers: tuple[float, ...], width: int) -> tuple[Position, ...]:
    """x and y of every `width` numbers. Raises AreaError where one is not finite."""
    ring = tuple(zip(numbers[::width], numbers[1::width], strict=True))
    for x, y in ring:
        if not (math.isfinite(x) and math.isfinite(y)):
            raise AreaError(f"The coordinate {x:g}, {y:g} is not a finite number.", "Remove that corner.")
    return ring


def _refuse(reason: str) -> NoReturn:
    raise AreaError(f"The file cannot be read: {reason}.", "Check that it is complete, or save it anew.")


class _Reader:
    """Goes through the bytes once."""

    def __init__(self, data: bytes, start: int, found: FeatureCollector) -> None:
        self._data = data
        self._place = start
        self._found = found

    def geometry(self, depth: int) -> None:
        """One typed geometry."""
        if depth > DEPTH:
            raise AreaError(f"A geometry is nested deeper than {DEPTH} collections.", "Give one MultiPolygon.")
        order = self._data[self._place : self._place + 1]
        if order not in {b"\0", b"\1"}:
            _refuse("a geometry begins with neither byte order")
        self._place += 1
        little = "<" if order == b"\1" else ">"
        code = self._number(little)
        if code & 0x20000000:  # the SRID of PostGIS
            self._number(little)
        thousands = (code & 0xFFFF) // 1000
        z, m = bool(code & 0x80000000) or thousands in {1, 3}, bool(code & 0x40000000) or thousands in {2, 3}
        number = (code & 0xFFFF) % 1000
        if number >= len(KINDS) or thousands > 3:
            _refuse(f"a geometry has the unknown type {code}")
        kind = KINDS[number]
        if kind == "Polygon":
            self._found.heights |= z
            self._found.measures |= m
            self._polygon(little, 2 + z + m)
        elif kind in _FLAT:
            for _ in range(self._number(little)):
                self.geometry(depth + 1)
        else:
            self._found.other(kind)
            if depth:  # what follows cannot be found without reading it
                self._skip(kind, little, 2 + z + m, depth)

    def _number(self, little: str) -> int:
        (number,) = struct.unpack_from(little + "I", self._data, self._place)
        self._place += 4
        return int(number)

    def _polygon(self, little: str, width: int) -> None:
        rings = []
        for _ in range(self._number(little)):
            points = self._number(little)
            if 8 * width * points > len(self._data) - self._place:
                _refuse(f"a ring claims {points:,} corners, more than there are bytes")
            self._found.count(points)
            numbers = struct.unpack_from(f"{little}{width * points}d", self._data, self._place)
            self._place += 8 * width * points
            rings.append(pairs(numbers, width))
        self._found.polygon(tuple(ring for ring in rings if ring))

    def _skip(self, kind: str, little: str, width: int, depth: int) -> None:
        """Over a point or a line that stands in a collection."""
        if kind == "Point":
            self._place += 8 * width
        elif kind == "LineString":
            self._place += 8 * width * self._number(little)
        elif kind in {"MultiPoint", "MultiLineString"}:
            for _ in range(self._number(little)):
                self.geometry(depth + 1)
        else:
            _refuse(f"a collection holds a {kind}, which is not read")
        if self._place > len(self._data):
            _refuse("a geometry ends too early")

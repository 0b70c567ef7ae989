"""Packs: the frames that all machines share, in immutable objects of a store, with their index in the database.

An object has the planes of one square of tiles at one acquisition that one request brought. Its row says what is in it,
and where; so nobody lists a bucket or asks for heads. A square may have several objects at a date: what was asked for
later, other bands, other tiles of it. They are not joined: reading asks for ranges of bytes, and a row is small.
"""

import hashlib
import json
import struct
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from services.cache.frame_index import BITS, PLANES, Place, Row, Squares, packed, place_of, unpacked
from services.cache.frame_key import FrameKey
from services.errors import StorageError
from services.geo import Bounds
from services.storage import Database, ObjectStore, going_on, sealed, table_of, unsealed, write_beside

_RANGE = struct.Struct("<II")
"""Offset and length of a plane in its object; in the order of the frames, and of PLANES in each."""
_BYTES = "frames", "ranges"
_AT_ONCE = 200
"""Acquisitions in one question."""


@dataclass(frozen=True)
class Pack:
    """A row: one object, and what is in it."""

    object: str
    """Its name in the store."""
    sheet: str
    west: int
    """Column of the square."""
    south: int
    """Row of the square."""
    acquisition: str
    size: int
    """Bytes."""
    stored: float
    """Seconds since 1970."""
    frames: bytes
    """Rectangles with the bits of their planes, as `frame_index.FRAME`."""
    ranges: bytes

    @classmethod
    def of(cls, place: Place, frames: Mapping[FrameKey, Mapping[str, bytes]]) -> tuple["Pack", bytes]:
        """Of planes of one square, and the object's bytes. Its name is that of its content."""
        parts, ranges, bits, offset = [], [], dict[Bounds, int](), 0
        for key, planes in frames.items():
            ordered = sorted(planes, key=PLANES.index)
            bits[key.bounds] = sum(BITS[plane] for plane in ordered)
            for plane in ordered:
                parts.append(sealed(key.plane_key(plane), planes[plane]))
                ranges.append(_RANGE.pack(offset, len(parts[-1])))
                offset += len(parts[-1])
        content = b"".join(parts)
        where = hashlib.sha256(repr(place).encode()).hexdigest()[:16]
        name = f"frames/{where}/{hashlib.sha256(content).hexdigest()[:32]}"
        return cls(name, *place, offset, time.time(), packed(bits), b"".join(ranges)), content

    def parts(self) -> Iterator[tuple[Bounds, str, tuple[int, int]]]:
        """Each plane with its place in the object."""
        ranges = _RANGE.iter_unpack(self.ranges)
        for bounds, bits in unpacked(self.frames).items():
            for plane in PLANES:
                if bits & BITS[plane]:
                    offset, length = next(ranges)
                    yield bounds, plane, (offset, length)

    def without(self, struck: Callable[[Bounds, str], bool]) -> "Pack":
        """The row without some planes; their bytes stay in the object until it has none."""
        left = [part for part in self.parts() if not struck(*part[:2])]
        bits: dict[Bounds, int] = defaultdict(int)
        for bounds, plane, _ in left:
            bits[bounds] |= BITS[plane]
        ranges = b"".join(_RANGE.pack(*where) for _, _, where in left)
        return replace(self, frames=packed(bits), ranges=ranges)


@dataclass(frozen=True)
class Stored:
    """What the store of all machines holds, by its rows."""

    objects: int
    bytes: int
    """Of the objects, with what was struck out of some of them."""


_packs = table_of("packs", Pack, id=int)
_fields = [_packs.c[name] for name in Pack.__dataclass_fields__]


class FramePacks:
    """Those of one store and its database. Raises StorageError where either fails, here and in every method."""

    def __init__(self, objects: ObjectStore, database: Database, unsent: Path) -> None:
        self._objects, self._database, self._unsent = objects, database, unsent

    def put(self, frames: Mapping[FrameKey, Mapping[str, bytes]]) -> None:
        """Store planes of frames, encoded; first the bytes, then the row that says where they are.

        What cannot be sent is kept in the folder `unsent`, and sent before the next ones: it was paid for.
        """
        packs = [Pack.of(place, those) for place, those in _placed(frames).items()]
        try:
            self.send_rest()
            while packs:
                self._send(*packs[0])
                del packs[0]
        except StorageError:
            for pack, content in packs:
                self._keep(pack, content)
            raise

    def send_rest(self) -> None:
        """What could not be sent before."""
        for path in sorted(self._unsent.glob("*.pack")):
            with suppress(FileNotFoundError):  # another process has just sent it
                head, _, content = path.read_bytes().partition(b"\n")
                told = json.loads(head)
                self._send(Pack(**told | {name: bytes.fromhex(told[name]) for name in _BYTES}), content)
                path.unlink()

    def _keep(self, pack: Pack, content: bytes) -> None:
        head = json.dumps(asdict(pack) | {name: getattr(pack, name).hex() for name in _BYTES}).encode()
        self._unsent.mkdir(parents=True, exist_ok=True)
        path = self._unsent / f"{pack.object.rpartition('/')[2]}.pack"
        write_beside(path, lambda to: to.write_bytes(head + b"\n" + content))

    def _send(self, pack: Pack, content: bytes) -> None:
        self._objects.put(pack.object, content)
        self._enter(pack)

    @going_on
    def _enter(self, pack: Pack) -> None:
        with self._database.transaction(write=True) as connection:
            if connection.scalar(sa.select(_packs.c.id).where(_packs.c.object == pack.object)) is None:
                connection.execute(sa.insert(_packs).values(asdict(pack)))

    def present(self, keys: Iterable[FrameKey]) -> dict[FrameKey, frozenset[str]]:
        """Of those frames of which planes are there, which. Asks the database alone."""
        wanted: dict[tuple[Place, Bounds], FrameKey] = {(place_of(key), key.bounds): key for key in keys}
        found: dict[FrameKey, int] = defaultdict(int)
        for pack in self._packs(place for place, _ in wanted):
            for bounds, bits in unpacked(pack.frames).items():
                key = wanted.get((_place(pack), bounds))
                if key is not None:
                    found[key] |= bits
        return {key: frozenset(plane for plane in PLANES if bits & BITS[plane]) for key, bits in found.items()}

    def read(self, key: FrameKey, planes: Collection[str]) -> dict[FrameKey, dict[str, bytes]]:
        """Planes of a frame, encoded, and the same planes of its neighbours that lie in the same objects: whoever reads
        one tile of a date reads those beside it. What is damaged or gone is struck out and missing."""
        found: dict[FrameKey, dict[str, bytes]] = defaultdict(dict)
        for pack in self._packs([place_of(key)]):
            if any(bounds == key.bounds and plane in planes for bounds, plane, _ in pack.parts()):
                self._read(pack, key, frozenset(planes), found)
        return found

    def _read(self, pack: Pack, key: FrameKey, planes: frozenset[str], found: dict[FrameKey, dict[str, bytes]]) -> None:
        wanted = [part for part in pack.parts() if part[1] in planes]
        came = self._objects.get_ranges(pack.object, [where for _, _, where in wanted]) or [b""] * len(wanted)
        damaged = set()
        for (bounds, plane, _), data in zip(wanted, came, strict=True):
            one = key if bounds == key.bounds else _key(pack, bounds)
            try:
                found[one][plane] = unsealed(one.plane_key(plane), data)
            except ValueError:
                damaged.add((bounds, plane))
        if damaged:
            self._replace(pack, pack.without(lambda bounds, plane: (bounds, plane) in damaged))

    def strike_out(self, where: Callable[[FrameKey], bool]) -> tuple[Counter[str], int]:
        """Forget all planes of those frames, and remove objects in which nothing is left; how much, as `amount`."""
        return self._summed(self._those(where), forget=True)

    def amount(self, where: Callable[[FrameKey], bool]) -> tuple[Counter[str], int]:
        """Planes of those frames by their providers, and bytes of all of them. Asks the database alone."""
        return self._summed(self._those(where))

    def _summed(self, those: Iterable[tuple[Pack, Pack]], *, forget: bool = False) -> tuple[Counter[str], int]:
        planes, size = Counter[str](), 0
        for pack, left in those:
            kept = {part[:2] for part in left.parts()}
            lengths = [where[1] for bounds, plane, where in pack.parts() if (bounds, plane) not in kept]
            planes[pack.sheet.partition("/")[0]] += len(lengths)
            size += sum(lengths)
            if forget:
                self._replace(pack, left)
        return planes, size

    def _those(self, where: Callable[[FrameKey], bool]) -> Iterator[tuple[Pack, Pack]]:
        """Packs with some of the frames, and what is left of each without them."""
        last = 0
        while packs := self._after(last):
            for number, pack in packs:
                gone = {bounds for bounds in unpacked(pack.frames) if where(_key(pack, bounds))}
                if gone:
                    yield pack, pack.without(lambda bounds, _, gone=gone: bounds in gone)  # type: ignore[misc] # of this
                last = number

    def stored(self) -> Stored:
        """How much there is of all. Quick, by an index."""
        query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(_packs.c.size), 0))
        with self._database.transaction() as connection:
            return Stored(*connection.execute(query).one())

    def _replace(self, pack: Pack, left: Pack) -> None:
        ours = _packs.c.object == pack.object
        with self._database.transaction(write=True) as connection:
            if left.ranges:
                connection.execute(sa.update(_packs).where(ours).values(frames=left.frames, ranges=left.ranges))
            else:
                connection.execute(sa.delete(_packs).where(ours))
        if not left.ranges:
            self._objects.delete([pack.object])

    def rows(self, sheet: str, squares: Squares) -> list[Row]:
        """What there is of these squares of tiles, as `FrameStore.rows`."""
        columns, rows = squares
        inside = (
            _packs.c.west.between(columns.start, columns.stop - 1),
            _packs.c.south.between(rows.start, rows.stop - 1),
        )
        query = sa.select(_packs.c.acquisition, _packs.c.frames).where(_packs.c.sheet == sheet, *inside)
        with self._database.transaction() as connection:
            return [(acquisition, frames) for acquisition, frames in connection.execute(query)]

    def state(self) -> tuple[int, int]:
        """The same as long as the same packs are there."""
        query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(_packs.c.id), 0))
        with self._database.transaction() as connection:
            count, newest = connection.execute(query).one()
            return count, newest

    @going_on
    def _packs(self, places: Iterable[Place]) -> list[Pack]:
        """Those of the squares at these acquisitions, a question for some hundred of them."""
        squares: dict[tuple[str, int, int], dict[str, None]] = defaultdict(dict)
        for sheet, west, south, acquisition in places:
            squares[sheet, west, south][acquisition] = None
        found = []
        with self._database.transaction() as connection:
            for (sheet, west, south), dates in squares.items():
                ours = _packs.c.sheet == sheet, _packs.c.west == west, _packs.c.south == south
                for some in _chunks(list(dates)):
                    query = sa.select(*_fields).where(*ours, _packs.c.acquisition.in_(some)).order_by(_packs.c.id)
                    found += [Pack(**row) for row in connection.execute(query).mappings()]
        return found

    def _after(self, number: int) -> list[tuple[int, Pack]]:
        query = sa.select(_packs.c.id, *_fields).where(_packs.c.id > number).order_by(_packs.c.id).limit(_AT_ONCE)
        with self._database.transaction() as connection:
            return [(number, Pack(*fields)) for number, *fields in connection.execute(query)]


def _placed(frames: Mapping[FrameKey, Mapping[str, bytes]]) -> dict[Place, dict[FrameKey, Mapping[str, bytes]]]:
    """By the squares of their tiles."""
    placed: dict[Place, dict[FrameKey, Mapping[str, bytes]]] = defaultdict(dict)
    for key, planes in frames.items():
        placed[place_of(key)][key] = planes
    return placed


def _place(pack: Pack) -> Place:
    return pack.sheet, pack.west, pack.south, pack.acquisition


def _key(pack: Pack, bounds: Bounds) -> FrameKey:
    stem, _, size = pack.sheet.rpartition("/")
    edges = ",".join(edge.hex() for edge in bounds)
    return FrameKey.of_plane(f"{stem}/{edges}/{size}/{pack.acquisition}/")[0]


def _chunks(names: list[str]) -> Iterator[list[str]]:
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))

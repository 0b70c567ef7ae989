"""The cache of frames that everybody shares: one compressed plane an entry, verified when it is read."""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from services.cache.frame_index import FrameIndex, Row, Squares, rows_within
from services.cache.frame_key import FrameKey
from services.cache.packs import FramePacks, Stored
from services.cache.plane_codec import BadPlane, decode, encode
from services.cache.presence import Presence
from services.errors import StorageError
from services.recipe import CSMASK
from services.sentinel2 import DATA_MASK, SCL
from services.settings import Settings
from services.storage import ByteStore, Database, Flights, Reservation, SingleFlight, object_store

Where = Callable[[FrameKey], bool]
"""Which frames are meant."""


class MissingFrame(StorageError):
    """Planes that were there are not there, or were damaged and have been removed: whoever reads plans again."""


def plane_type(plane: str) -> type[np.uint8 | np.uint16]:
    """Classes and dataMask are uint8, bands and angles are uint16."""
    return np.uint8 if plane in (SCL, CSMASK, DATA_MASK) else np.uint16


class Frames(Protocol):
    """Where planes are read from."""

    def read(self, key: FrameKey, planes: Sequence[str]) -> dict[str, NDArray[Any]]:
        """The planes, (height, width) each; raises MissingFrame where one is not there or damaged."""


@dataclass(frozen=True)
class Amount:
    """A part of the cache."""

    planes: int
    """On this machine or in the store of all machines."""
    bytes: int
    """On the disk of this machine."""
    by_provider: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Planes of each; empty where they were removed already."""
    stored: int = 0
    """Bytes in the store of all machines; 0 where there is none."""


@dataclass(frozen=True)
class Stock:
    """The cache as a whole."""

    planes: int
    bytes: int
    """On the disk, with the table."""
    limit: int
    """Bytes beyond which the least recently used make room."""
    oldest: datetime | None
    """When the first plane of those that are there was stored, UTC; None where there is none."""


class FrameStore:
    """Frames under `folder`, at most `size_limit` bytes; those that were not used for longest make room.

    Threads and processes may share a folder. Raises StorageError where it cannot be used, here and in every method.
    """

    def __init__(
        self, folder: Path, size_limit: int, packs: FramePacks | None = None, flights: Flights | None = None
    ) -> None:
        """With `packs` what is fetched is stored there too, for all machines, and is there wherever it was fetched."""
        self._limit, self._packs = size_limit, packs
        self._bytes = ByteStore(folder, size_limit, index=FrameIndex())
        self._single_flight = flights or SingleFlight(folder / "flights")
        self._presence = Presence(self._bytes)
        self._bringing = [threading.Lock() for _ in range(64)]

    @classmethod
    def of(cls, settings: Settings, database: Callable[[], Database]) -> "FrameStore":
        """Those that the settings name; the database is opened where several machines share it."""
        folder, limit = settings.home / "frames", int(settings.cache_gb * 1e9)
        objects = object_store(settings)
        packs = FramePacks(objects, database(), folder / "unsent") if objects else None
        several = bool(settings.database_url.get_secret_value())
        return cls(folder, limit, packs, database().locks.flights(folder / "flights") if several else None)

    @property
    def shared(self) -> bool:
        """Whether what is fetched is stored for all machines."""
        return self._packs is not None

    def present(self, keys: Iterable[FrameKey], planes: Collection[str]) -> dict[FrameKey, frozenset[str]]:
        """Which of the planes are there of each frame; one may still turn out damaged when it is read."""
        found = self._presence.of(keys, planes)
        if self._packs is not None:
            wanted = frozenset(planes)
            far = self._packs.present([key for key, there in found.items() if not wanted <= there])
            found |= {key: found[key] | (there & wanted) for key, there in far.items()}
        return found

    def reserving(self, keys: Iterable[FrameKey], planes: Collection[str]) -> AbstractContextManager[Reservation]:
        """Whoever needs room meanwhile, in whatever process, leaves these planes, there or to come."""
        return self._bytes.reserving(key.plane_key(plane) for key in keys for plane in planes)

    def claimed(self) -> int:
        """Bytes of the limit that reservations count on."""
        return self._bytes.claimed()

    def make_room(self, size: int) -> None:
        """Before so many bytes are asked for: raises StorageError where they would find none.

        Their space on the disk is reserved, or nobody minds.
        """
        self._bytes.make_room(size)

    def write(self, key: FrameKey, planes: Mapping[str, NDArray[Any]], reserved: Reservation | None = None) -> None:
        """Store planes of one frame, each of its shape, in the space `reserved`; others that are there stay. They stay
        on this machine: for what is computed.

        Raises ValueError for a plane of another shape or type than the frame has.
        """
        self._bytes.put_many(_named(key, _encoded(key, planes)), reserved=reserved)

    def write_fetched(
        self, frames: Mapping[FrameKey, Mapping[str, NDArray[Any]]], reserved: Reservation | None = None
    ) -> None:
        """Store what was paid for, as far as it can be: here as `write` does, and for all machines.

        Raises StorageError once all has been tried, and StoreUnreachable where the store of all machines does not
        answer; it is sent there later, and counts as fetched here.
        """
        refused: StorageError | None = None
        encoded = {key: _encoded(key, planes) for key, planes in frames.items()}
        for key, planes in encoded.items():
            try:
                self._bytes.put_many(_named(key, planes), reserved=reserved)
            except StorageError as error:
                refused = error
        if self._packs is not None:
            self._packs.put(encoded)
        if refused is not None:
            raise refused

    def send_rest(self) -> None:
        """To the store of all machines, what it did not take when it was fetched."""
        if self._packs is not None:
            self._packs.send_rest()

    def read(self, key: FrameKey, planes: Collection[str]) -> dict[str, NDArray[Any]]:
        """Planes of one frame, each of its shape: bands and angles uint16, classes and dataMask uint8.

        Raises MissingFrame where one of them is missing or damaged; what is damaged is removed.
        """
        names = {key.plane_key(plane): plane for plane in planes}
        found = self._bytes.get_many(names)
        if self._packs is not None and len(found) < len(names):
            found |= self._bring(self._packs, key, [plane for name, plane in names.items() if name not in found])
        frame = {}
        for name, data in found.items():
            plane = names[name]
            try:
                frame[plane] = _unpacked(key, plane, data)
            except BadPlane:
                self._bytes.remove(name)
        missing = [plane for plane in planes if plane not in frame]
        if missing:
            self._presence.forget(key)
            raise MissingFrame(
                f"{', '.join(missing)} of {key.acquisition} are no longer in the cache.", "Fetch them again."
            )
        return frame

    def _bring(self, packs: FramePacks, key: FrameKey, planes: Collection[str]) -> dict[str, bytes]:
        """Planes of a frame by their names, from the store of all machines, where those beside it come along; one
        thread at a time for a square. What finds no room here is read there again."""
        with self._bringing[hash(key.vicinity) % len(self._bringing)]:
            found = self._bytes.get_many([key.plane_key(plane) for plane in planes])
            if len(found) < len(planes):
                for one, those in packs.read(key, planes).items():
                    found |= _named(one, those) if one == key else {}
                    with suppress(StorageError):
                        self._bytes.put_many(_named(one, those))
            return found

    def holding(self, keys: Iterable[FrameKey], cancelled: Callable[[], bool]) -> AbstractContextManager[None]:
        """Be the only one, of all threads and processes, who fetches these frames, once entered.

        Waits for whoever fetches one of them now; what is there must be looked up inside. Raises Cancelled.
        """
        return self._single_flight.holding({key.vicinity for key in keys}, cancelled)

    def verify(self, keys: Iterable[FrameKey], planes: Collection[str]) -> int:
        """Read all of these frames and remove what is damaged; how many frames are not whole.

        For once a frame was missed: without it each damaged frame would be found by a fetch of its own.
        """
        broken = 0
        for key in keys:
            there = self.present([key], planes)[key]
            try:
                self.read(key, there)
            except MissingFrame:
                broken += 1
        return broken

    def clear(self, where: Where) -> Amount:
        """Remove all planes of those frames; how much that was. Whoever reads one meanwhile fetches it again."""
        amount = Amount(*self._bytes.remove_many([name for name, _ in self._those(where)]))
        if self._packs is not None:
            far, stored = self._packs.strike_out(where)
            amount = replace(amount, planes=max(amount.planes, far.total()), stored=stored)
        self._presence.forget()
        return amount

    def amount(self, where: Where) -> Amount:
        """What `clear` would remove."""
        those = list(self._those(where))
        near = Counter(name.partition("/")[0] for name, _ in those)
        far, stored = self._packs.amount(where) if self._packs is not None else (Counter[str](), 0)
        most = near | far  # what is near is far, too, unless it was computed
        return Amount(most.total(), sum(size for _, size in those), most, stored)

    def rows(self, sheet: str, squares: Squares) -> list[Row]:
        """What there is of these squares of tiles, see `frame_index`. Hinders nobody who writes meanwhile."""
        here = self._bytes.indexed(lambda sql: rows_within(sql, sheet, squares))
        return here if self._packs is None else here + self._packs.rows(sheet, squares)

    def state(self) -> tuple[float, ...]:
        """The same as long as the same planes are there. Quick, however many they are."""
        return (*self._bytes.state(), *(self._packs.state() if self._packs is not None else ()))

    def stock(self) -> Stock:
        """How much there is. Quick, however much it is."""
        planes, oldest = self._bytes.holdings()
        stored = None if oldest is None else datetime.fromtimestamp(oldest, UTC)
        return Stock(planes, self._bytes.volume(), self._limit, stored)

    def stored(self) -> Stored | None:
        """What the store of all machines holds, by the rows of the database; None where there is none. Quick."""
        return None if self._packs is None else self._packs.stored()

    def volume(self) -> int:
        """Bytes on the disk."""
        return self._bytes.volume()

    def _those(self, where: Where) -> Iterator[tuple[str, int]]:
        """Names and bytes of the planes of frames; a name that is not one of ours is none."""
        of, meant = "", False
        for name, size in self._bytes.entries():
            stem = name.rpartition("/")[0]
            if stem != of:  # planes of a frame are stored together: one look for all of them
                of, meant = stem, _is_meant(stem, where)
            if meant:
                yield name, size

    def close(self) -> None:
        """Close this thread's connection; the next call opens one again."""
        self._bytes.close()


def _encoded(key: FrameKey, planes: Mapping[str, NDArray[Any]]) -> dict[str, bytes]:
    """Raises ValueError for a plane of another shape or type than the frame has."""
    for plane, pixels in planes.items():
        height, width = key.shape(plane)
        if pixels.shape != (height, width) or pixels.dtype != plane_type(plane):
            raise ValueError(
                f"{plane} of {key.acquisition} must be {height} × {width} px of "
                f"{np.dtype(plane_type(plane))}, got {pixels.shape} of {pixels.dtype}."
            )
    return {plane: encode(pixels) for plane, pixels in planes.items()}


def _named(key: FrameKey, planes: Mapping[str, bytes]) -> dict[str, bytes]:
    return {key.plane_key(plane): data for plane, data in planes.items()}


def _is_meant(stem: str, where: Where) -> bool:
    """Whether a frame is, as the names of all its planes begin."""
    try:
        return where(FrameKey.of_plane(f"{stem}/")[0])
    except ValueError:
        return False


def _unpacked(key: FrameKey, plane: str, data: bytes) -> NDArray[Any]:
    """A plane of its shape and type; raises BadPlane."""
    pixels = decode(data, key.shape(plane))
    if pixels.dtype != plane_type(plane):
        raise BadPlane(f"{plane} is {pixels.dtype}.")
    return pixels

"""The cache of frames that everybody shares: one compressed plane an entry, verified when it is read."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from services.cache.frame_index import FrameIndex, Row, Squares, rows_within
from services.cache.frame_key import FrameKey
from services.cache.plane_codec import BadPlane, decode, encode
from services.cache.presence import Presence
from services.errors import StorageError
from services.recipe import CSMASK
from services.sentinel2 import DATA_MASK, SCL
from services.storage import ByteStore, Reservation, SingleFlight

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
    bytes: int
    by_provider: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Planes of each; empty where they were removed already."""


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

    def __init__(self, folder: Path, size_limit: int) -> None:
        self._limit = size_limit
        self._bytes = ByteStore(folder, size_limit, index=FrameIndex())
        self._single_flight = SingleFlight(folder / "flights")
        self._presence = Presence(self._bytes)

    def present(self, keys: Iterable[FrameKey], planes: Collection[str]) -> dict[FrameKey, frozenset[str]]:
        """Which of the planes are there of each frame; one may still turn out damaged when it is read."""
        return self._presence.of(keys, planes)

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
        """Store planes of one frame, each of its shape, in the space `reserved`; others that are there stay.

        Raises ValueError for a plane of another shape or type than the frame has.
        """
        for plane, pixels in planes.items():
            height, width = key.shape(plane)
            if pixels.shape != (height, width) or pixels.dtype != plane_type(plane):
                raise ValueError(
                    f"{plane} of {key.acquisition} must be {height} × {width} px of "
                    f"{np.dtype(plane_type(plane))}, got {pixels.shape} of {pixels.dtype}."
                )
        encoded = {key.plane_key(plane): encode(pixels) for plane, pixels in planes.items()}
        self._bytes.put_many(encoded, reserved=reserved)

    def read(self, key: FrameKey, planes: Collection[str]) -> dict[str, NDArray[Any]]:
        """Planes of one frame, each of its shape: bands and angles uint16, classes and dataMask uint8.

        Raises MissingFrame where one of them is missing or damaged; what is damaged is removed.
        """
        names = {key.plane_key(plane): plane for plane in planes}
        found = self._bytes.get_many(names)
        frame = {}
        for name, data in found.items():
            plane = names[name]
            try:
                frame[plane] = _unpacked(key, plane, data)
            except BadPlane:
                self._bytes.remove(name)
        missing = [plane for plane in planes if plane not in frame]
        if missing:
            self._presence.forget()
            raise MissingFrame(
                f"{', '.join(missing)} of {key.acquisition} are no longer in the cache.", "Fetch them again."
            )
        return frame

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
        self._presence.forget()
        return amount

    def amount(self, where: Where) -> Amount:
        """What `clear` would remove."""
        those = list(self._those(where))
        return Amount(len(those), sum(size for _, size in those), Counter(name.partition("/")[0] for name, _ in those))

    def rows(self, sheet: str, squares: Squares) -> list[Row]:
        """What there is of these squares of tiles, see `frame_index`. Hinders nobody who writes meanwhile."""
        return self._bytes.indexed(lambda sql: rows_within(sql, sheet, squares))

    def state(self) -> tuple[int, int, float]:
        """The same as long as the same planes are there. Quick, however many they are."""
        return self._bytes.state()

    def stock(self) -> Stock:
        """How much there is. Quick, however much it is."""
        planes, oldest = self._bytes.holdings()
        stored = None if oldest is None else datetime.fromtimestamp(oldest, UTC)
        return Stock(planes, self._bytes.volume(), self._limit, stored)

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

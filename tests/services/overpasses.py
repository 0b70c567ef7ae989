"""Acquisitions whose footprint is said outright, as the tiles that they miss; and frames for them."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.cache import FrameKey, MissingFrame, frame_key
from services.errors import StorageError
from services.grid import Tile, TileIndex
from services.recipe import CSMASK, MASKS, Recipe
from services.sentinel2 import DATA_MASK, SCL


@dataclass(frozen=True)
class Overpass:
    """What a composition knows of an acquisition."""

    key: str
    time: datetime
    missed: frozenset[TileIndex] = frozenset()
    satellite: str = "S2A"
    orbit: int = 79
    cloud_cover: float = 4.5
    coverage: float = 1.0
    gone: str = ""
    remembered: dict[Hashable, Any] = field(default_factory=dict, compare=False)

    @property
    def date(self) -> str:
        """ISO day, UTC."""
        return self.time.astimezone(UTC).date().isoformat()

    def version(self, tile: Tile) -> str:
        """As of a service that chooses among its products itself."""
        return ""

    def touches(self, tile: Tile) -> bool:
        """All but the missed ones."""
        return tile.index not in self.missed

    def at(self, tile: Tile) -> "Overpass":
        """It is a date of all that it shows."""
        return self


def overpasses(count: int, missed: Sequence[Collection[TileIndex]] = ()) -> tuple[Any, ...]:
    """Five days apart; the first ones miss the tiles that `missed` says for each."""
    begin = datetime(2017, 4, 1, 9, 50, 31, tzinfo=UTC)
    gaps = [frozenset(tiles) for tiles in missed] + [frozenset[TileIndex]()] * (count - len(missed))
    return tuple(Overpass(f"S2A_R079_{day:03}", begin + timedelta(days=5 * day), gaps[day]) for day in range(count))


class MemoryFrames:
    """Frames in memory; one can be lost, or the store can fail."""

    def __init__(self, planes: dict[FrameKey, dict[str, NDArray[Any]]]) -> None:
        self.planes = planes
        self.reads = 0
        self.lost: FrameKey | None = None
        self.broken: StorageError | None = None

    def read(self, key: FrameKey, planes: Collection[str]) -> dict[str, NDArray[Any]]:
        """As the cache does it."""
        self.reads += 1
        if self.broken:
            raise self.broken
        if key == self.lost or key not in self.planes:
            raise MissingFrame(f"{key.acquisition} is not there.", "Fetch it again.")
        return {plane: self.planes[key][plane] for plane in planes}


def random_planes(recipe: Recipe, seed: int, cloudy: float = 1.0) -> dict[str, NDArray[Any]]:
    """Bands, SCL of any class at `cloudy` of the pixels and vegetation else, and a dataMask with a swath's edge."""
    random = np.random.default_rng(seed)
    width, height = recipe.lattice.size_px(recipe.resolution)
    planes: dict[str, NDArray[Any]] = {
        band: random.integers(0, 12_000, (height, width)).astype(np.uint16) for band in recipe.bands
    }
    planes[SCL] = random.choice(np.arange(12, dtype=np.uint8), (height, width))
    if cloudy < 1:
        planes[SCL][random.random((height, width)) >= cloudy] = 4
    columns = np.broadcast_to(np.arange(width), (height, width))
    planes[DATA_MASK] = (columns < random.integers(width // 2, 2 * width)).astype(np.uint8)
    planes[CSMASK] = np.where(random.random((height, width)) < cloudy / 2, 1 + seed % 2, 0).astype(np.uint8)
    return planes


def random_frames(recipe: Recipe, acquisitions: Sequence[Any], cloudy: float = 1.0) -> MemoryFrames:
    """Different planes for each tile at each acquisition that touches it."""
    frames = {}
    for tile in recipe.neighbourhood.tiles:
        for number, acquisition in enumerate(acquisitions):
            if acquisition.touches(tile):
                seed = 1000 * number + 31 * tile.index.x + tile.index.y
                frames[frame_key(recipe, tile.index, acquisition)] = random_planes(recipe, seed, cloudy)
    return MemoryFrames(frames)


DISKS = {"cautious": (3, 7, 8, 9, 10), "csmask": (1, 2)}
"""Masks that put a disk around what grows, and which classes grow; others put a square around clouds and shadows."""


def counting(question: Recipe, planes: dict[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """Where an observation counts, by hand."""
    valid: NDArray[np.bool_] = planes[DATA_MASK] == 1
    invalid = MASKS[question.mask].invalid
    if not invalid:
        return valid
    classes = planes[CSMASK if question.mask == "csmask" else SCL]
    grown = [klass for klass in invalid if klass in DISKS.get(question.mask, (3, 8, 9, 10))]
    return valid & ~np.isin(classes, invalid) & ~near(np.isin(classes, grown), question.grow, question.mask in DISKS)


def near(masked: NDArray[np.bool_], grow: int, disk: bool = False) -> NDArray[np.bool_]:
    """Within `grow` pixels of what is masked: all shifts of the plane over each other."""
    height, width = masked.shape
    wide = np.zeros((height + 2 * grow, width + 2 * grow), np.bool_)
    for down in range(2 * grow + 1):
        for right in range(2 * grow + 1):
            if not disk or (down - grow) ** 2 + (right - grow) ** 2 <= grow**2:
                wide[down : down + height, right : right + width] |= masked
    return wide[grow : grow + height, grow : grow + width]

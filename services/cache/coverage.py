"""Cache coverage: which tiles the team's cache holds at which dates, by the names of its planes; and parts to evict."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from time import monotonic

import numpy as np
import shapely
from numpy.typing import NDArray

from services.area import AOI
from services.cache.frame_key import FrameKey
from services.cache.frame_store import FrameStore
from services.errors import AreaError, GridError
from services.geo import Bounds
from services.grid import Lattice, TileIndex
from services.recipe import Interval, Recipe


def part_of_cache(year: int | None = None, aoi: AOI | None = None) -> Callable[[FrameKey], bool]:
    """Frames of acquisitions of that year (UTC) whose tiles share ground with that area; None is any.

    A frame whose acquisition does not tell its year is of no year.
    """

    @cache
    def inside(epsg: int, bounds: Bounds) -> bool:
        area = None if aoi is None else drawn(aoi, epsg)
        return area is not None and bool(shapely.intersects(area, shapely.box(*bounds)))

    @cache
    def drawn(aoi: AOI, epsg: int) -> shapely.Geometry | None:
        try:
            geometry = aoi.drawn(epsg)
        except AreaError:  # half the Earth away from that zone
            return None
        shapely.prepare(geometry)
        return geometry

    def has(key: FrameKey) -> bool:
        return (year is None or _year(key) == year) and (aoi is None or inside(key.epsg, key.bounds))

    return has


def _year(key: FrameKey) -> int | None:
    try:
        return key.year
    except ValueError:
        return None


MANY = 50_000
"""Names; a scan of more takes a noticeable part of a second."""
REST_SECONDS = 10.0
"""For so long the last scan of many names does, while others write."""
_KEPT = 16
"""Scans that are kept, of the lattices that were asked for last."""
_X, _Y, _DAY, _ACQUISITION = range(4)
_STRIDE = 2**32
"""Beyond any tile index, so that two are one number."""
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class HeldYear:
    """What is held of one year."""

    year: int
    """UTC, as in the acquisitions' keys."""
    tiles: int
    """Of which at least one date is held."""
    dates: int
    """Different acquisitions, each of any of the tiles."""


@dataclass(frozen=True, eq=False)
class CacheCoverage:
    """The frames of a lattice of which the cache holds all planes that a recipe needs."""

    frames: NDArray[np.int64]
    """(n, 4): x and y of the tile, day as `date.toordinal`, number of the acquisition."""

    def within(self, lower_left: TileIndex, columns: int, rows: int) -> "CacheCoverage":
        """Those of the tiles of a rectangle."""
        x, y = self.frames[:, _X] - lower_left.x, self.frames[:, _Y] - lower_left.y
        return CacheCoverage(self.frames[(x >= 0) & (x < columns) & (y >= 0) & (y < rows)])

    def of(self, indices: NDArray[np.int64]) -> "CacheCoverage":
        """Those of these tiles: (m, 2), sorted by x, then y, as `Grid.indices`."""
        if not len(indices):
            return CacheCoverage(self.frames[:0])
        wanted, places = _place(indices), _place(self.frames)
        nearest = np.minimum(np.searchsorted(wanted, places), len(wanted) - 1)
        return CacheCoverage(self.frames[wanted[nearest] == places])

    def years(self) -> tuple[HeldYear, ...]:
        """What is held of each year, the latest first."""
        years = _years(self.frames[:, _DAY])
        found = []
        for year in np.unique(years)[::-1].tolist():
            frames = self.frames[years == year]
            tiles, dates = np.unique(_place(frames)), np.unique(frames[:, _ACQUISITION])
            found.append(HeldYear(year, len(tiles), len(dates)))
        return tuple(found)

    def dates(self, interval: Interval) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every tile that is held, (m, 2), and of how many dates of the interval, (m,); 0 for other dates only."""
        days = self.frames[:, _DAY]
        inside = (days >= interval.start.toordinal()) & (days < interval.end.toordinal())
        _, first, tile = np.unique(_place(self.frames), return_index=True, return_inverse=True)
        return self.frames[first, :_DAY], np.bincount(tile[inside], minlength=len(first))


class Inventory:
    """The holdings of the lattices that were asked for, kept until the cache changes. For several threads."""

    def __init__(self, frames: FrameStore) -> None:
        self._frames = frames
        self._turn = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], _Scan] = OrderedDict()

    def of(self, recipe: Recipe) -> CacheCoverage:
        """What the cache holds of the recipe's lattice, whatever its place and days. Raises StorageError.

        Up to date, but for the rest after a scan of many names.
        """
        asked = recipe.provider, recipe.collection, recipe.lattice, recipe.resolution, frozenset(recipe.planes)
        with self._turn:
            state, scan = self._frames.state(), self._kept.get(asked)
            if scan is None or (scan.state != state and monotonic() >= scan.good_until):
                found, names = _scanned(self._frames, recipe)
                rest = REST_SECONDS if names > MANY else 0.0
                scan = self._kept[asked] = _Scan(found, state, monotonic() + rest)
            self._kept.move_to_end(asked)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return scan.found


@dataclass(frozen=True)
class _Scan:
    found: CacheCoverage
    state: tuple[int, int, float]
    """Of the cache before the scan."""
    good_until: float
    """Seconds of the monotonic clock."""


def holdings(frames: FrameStore, recipe: Recipe) -> CacheCoverage:
    """What the cache holds of the recipe's lattice, whatever its place and days. Raises StorageError.

    A tile is the lattice's where its rectangle is the same to the last bit, and its size in pixels.
    """
    return _scanned(frames, recipe)[0]


def _scanned(frames: FrameStore, recipe: Recipe) -> tuple[CacheCoverage, int]:
    """The holdings, and how many names were looked at."""
    lattice, wanted = recipe.lattice, frozenset(recipe.planes)
    size = lattice.size_px(recipe.resolution)
    planes: dict[str, int] = {}
    names = frames.names(FrameKey.prefix(recipe.provider, recipe.collection, lattice.epsg))
    for name in names:
        stem, _, plane = name.rpartition("/")
        if plane in wanted:
            planes[stem] = planes.get(stem, 0) + 1
    tiles: dict[str, TileIndex | None] = {}
    acquisitions: dict[str, tuple[int, int] | None] = {}
    found = []
    for stem, there in planes.items():
        if there < len(wanted):
            continue
        rectangle, _, acquisition = stem.rpartition("/")
        if rectangle not in tiles:
            tiles[rectangle] = _tile(stem, lattice, size)
        if acquisition not in acquisitions:
            acquisitions[acquisition] = _date(stem, len(acquisitions))
        tile, dated = tiles[rectangle], acquisitions[acquisition]
        if tile is not None and dated is not None:
            found.append((tile.x, tile.y, *dated))
    return CacheCoverage(np.array(found, np.int64).reshape(-1, 4)), len(names)


def _tile(stem: str, lattice: Lattice, size: tuple[int, int]) -> TileIndex | None:
    """Which tile of the lattice a frame shows; None where it is another rectangle."""
    try:
        key, _ = FrameKey.of_plane(f"{stem}/")
        index = lattice.index_of(*key.bounds[:2])
    except (ValueError, OverflowError, GridError):  # no name of ours
        return None
    return index if (key.width, key.height) == size and lattice.bounds(index) == key.bounds else None


def _date(stem: str, number: int) -> tuple[int, int] | None:
    """The day of a frame's acquisition and its number; None where its key does not tell it."""
    try:
        return FrameKey.of_plane(f"{stem}/")[0].day.toordinal(), number
    except ValueError:
        return None


def _place(tiles: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for each tile: they are ordered by x, then y."""
    places: NDArray[np.int64] = tiles[:, _X] * _STRIDE + tiles[:, _Y]
    return places


def _years(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """The calendar year of each day."""
    since = (days - _EPOCH).astype("datetime64[D]")
    return since.astype("datetime64[Y]").astype(np.int64) + 1970

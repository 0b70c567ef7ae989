"""Cache coverage: which tiles the team's cache holds at which dates, by the index of its frames; and parts to evict."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from services.area import AOI
from services.cache.frame_index import BITS, FRAME, Squares, sheet_of
from services.cache.frame_key import SQUARE, FrameKey
from services.cache.frame_store import FrameStore
from services.errors import AreaError
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


_KEPT = 16
"""Answers that are kept, of the ground that was asked for last."""
_X, _Y, _DAY, _ACQUISITION = range(4)
_STRIDE = 2**32
"""Beyond any tile index, so that two are one number."""
_NO_DAY = -1
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


Box = tuple[TileIndex, int, int]
"""South-western tile, columns and rows."""
EVERYWHERE = range(-(2**40), 2**40)
"""All squares."""


class Inventory:
    """The holdings of the ground that was asked for, kept until the cache changes. For several threads."""

    def __init__(self, frames: FrameStore) -> None:
        self._frames = frames
        self._turn = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], tuple[CacheCoverage, object]] = OrderedDict()

    def of(self, recipe: Recipe, box: Box | None = None) -> CacheCoverage:
        """What the cache holds of the recipe's lattice, whatever its place and days, in those tiles at least, or in
        all. Raises StorageError."""
        ground = recipe.provider, recipe.collection, recipe.lattice, recipe.resolution
        asked = *ground, frozenset(recipe.planes), box
        with self._turn:
            state, kept = self._frames.state(), self._kept.get(asked)
            if kept is None or kept[1] != state:
                kept = self._kept[asked] = holdings(self._frames, recipe, box), state
            self._kept.move_to_end(asked)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return kept[0]


def holdings(frames: FrameStore, recipe: Recipe, box: Box | None = None) -> CacheCoverage:
    """What the cache holds of the recipe's lattice, whatever its place and days, in the squares of the box at least.

    A tile is the lattice's where its rectangle is the same to the last bit, and its size in pixels. Raises
    StorageError.
    """
    lattice, wanted = recipe.lattice, sum(BITS[plane] for plane in set(recipe.planes))
    sheet = sheet_of(recipe.provider, recipe.collection, lattice.epsg, lattice.size_px(recipe.resolution))
    rows = frames.rows(sheet, (EVERYWHERE, EVERYWHERE) if box is None else _squares(lattice, box))
    found = np.frombuffer(b"".join(packed for _, packed in rows), FRAME)
    dates = {one: number for number, one in enumerate(dict.fromkeys(acquisition for acquisition, _ in rows))}
    days = np.array([_day(sheet, acquisition) for acquisition in dates], np.int64)
    each = [len(packed) // FRAME.itemsize for _, packed in rows]
    number = np.repeat(np.array([dates[acquisition] for acquisition, _ in rows], np.int64), each)
    if len(number) and frames.shared:
        found, number = _joined(found, number)
    tiles = np.rint((found["bounds"][:, :2] - (lattice.x0, lattice.y0)) / (lattice.dx, lattice.dy))
    edges = lattice.rectangle(_Arrays(*tiles.T), 1, 1)  # type: ignore[arg-type] # arrays as numbers
    same = (found["bounds"] == np.stack(edges, axis=1)).all(axis=1)
    held = same & (found["planes"] & wanted == wanted)
    if len(number):
        held &= days[number] != _NO_DAY
    columns = tiles[held].astype(np.int64), days[number[held]], number[held]
    return CacheCoverage(np.column_stack(columns).reshape(-1, 4))


def _joined(found: NDArray[np.void], number: NDArray[np.int64]) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Frames of which several rows tell, as one: what is here, and what objects that all machines share have of it."""
    order = np.lexsort((found["bounds"][:, 1], found["bounds"][:, 0], number))
    found, number = found[order].copy(), number[order]
    other = (found["bounds"][1:] != found["bounds"][:-1]).any(axis=1) | (number[1:] != number[:-1])
    first = np.flatnonzero(np.concatenate([[True], other]))
    planes = np.bitwise_or.reduceat(found["planes"], first)
    found, number = found[first], number[first]
    found["planes"] = planes
    return found, number


class _Arrays(NamedTuple):
    """Many tiles at once, where a lattice asks for one: its arithmetic is the same to the last bit."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]


def _squares(lattice: Lattice, box: Box) -> Squares:
    """Those that the box touches, and one more on each side, for what is lost in rounding."""
    west, south, east, north = lattice.rectangle(*box)
    width, height = SQUARE * lattice.dx, SQUARE * lattice.dy
    columns = range(int(west // width) - 1, int(east // width) + 2)
    return columns, range(int(south // height) - 1, int(north // height) + 2)


def _day(sheet: str, acquisition: str) -> int:
    """The day of an acquisition; _NO_DAY where its key does not tell it."""
    try:
        return FrameKey.of_plane(f"{sheet.rpartition('/')[0]}/0,0,0,0/1x1/{acquisition}/")[0].day.toordinal()
    except ValueError:
        return _NO_DAY


def _place(tiles: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for each tile: they are ordered by x, then y."""
    places: NDArray[np.int64] = tiles[:, _X] * _STRIDE + tiles[:, _Y]
    return places


def _years(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """The calendar year of each day."""
    since = (days - _EPOCH).astype("datetime64[D]")
    return since.astype("datetime64[Y]").astype(np.int64) + 1970

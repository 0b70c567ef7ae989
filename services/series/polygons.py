"""Pixels of polygons, and numbers of their values: exact percentiles of each polygon, however many there are."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from services.errors import RecipeError
from services.preview import raster
from services.recipe import Recipe
from services.series.place import Coverage, Selection

AT_ONCE = 2_000_000
"""Pixels of polygons that are held together: some tens of MB. A polygon that has more is alone."""
_PERCENTILES = np.array([0.10, 0.25, 0.50, 0.75, 0.90])

Kind = TypeVar("Kind", bound=np.generic)
Statistics = NDArray[np.float64]
"""(polygon, 7): mean, standard deviation, p10, p25, median, p75 and p90; NaN where no value counts."""


@dataclass(frozen=True, eq=False)
class Footprint:
    """A polygon on the raster of a picture."""

    coverage: Coverage
    rows: NDArray[np.int64]
    """Of its pixels, from the north."""
    columns: NDArray[np.int64]
    """From the west."""

    @classmethod
    def of(cls, recipe: Recipe, polygon: Polygon | MultiPolygon) -> "Footprint":
        """Of a polygon in metres of the recipe's zone. Raises RecipeError where it encloses nothing for certain."""
        if polygon.is_empty or not polygon.area or not polygon.is_valid:
            raise RecipeError("The polygon encloses nothing, or its edges cross.", "Draw it again.")
        pixels = raster(recipe)
        bounds = pixels.neighbourhood.bounds
        seen = shapely.intersection(polygon, shapely.box(*bounds))
        rows, columns = _pixels(polygon, seen.bounds, bounds, pixels.shape) if seen.area else _NONE
        inside = min(1.0, seen.area / polygon.area)
        return cls(Coverage(len(rows), 1.0 if inside > 1 - 1e-9 else inside), rows, columns)


_NONE = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def _pixels(
    polygon: Polygon | MultiPolygon,
    seen: tuple[float, float, float, float],
    bounds: tuple[float, float, float, float],
    shape: tuple[int, int],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns whose centres lie in the polygon, looked for where it is `seen`.

    As GDAL decides it, also of a centre that lies on an edge.
    """
    from affine import Affine  # with GDAL, which only polygons need
    from rasterio.features import rasterize

    wide, high = (bounds[2] - bounds[0]) / shape[1], (bounds[3] - bounds[1]) / shape[0]
    left, right = _span((seen[0] - bounds[0]) / wide, (seen[2] - bounds[0]) / wide, shape[1])
    top, bottom = _span((bounds[3] - seen[3]) / high, (bounds[3] - seen[1]) / high, shape[0])
    place = Affine(wide, 0, bounds[0] + left * wide, 0, -high, bounds[3] - top * high)
    rows, columns = np.nonzero(rasterize([polygon], (bottom - top, right - left), transform=place, dtype=np.uint8))
    return rows + top, columns + left


def _span(first: float, last: float, size: int) -> tuple[int, int]:
    """Whole pixels from where until before where, at least one."""
    low = min(max(0, math.floor(first)), size - 1)
    return low, min(size, max(low + 1, math.ceil(last)))


def together(footprints: Iterable[Footprint]) -> Iterator[list[Footprint]]:
    """About AT_ONCE pixels at a time."""
    group, size = list[Footprint](), 0
    for one in footprints:
        if group and size + len(one.rows) > AT_ONCE:
            yield group
            group, size = [], 0
        group.append(one)
        size += len(one.rows)
    if group:
        yield group


@dataclass(frozen=True, eq=False)
class Zones:
    """Polygons over which numbers are made, each of one pixel at least."""

    footprints: Sequence[Footprint]
    recipe: Recipe

    @cached_property
    def selection(self) -> Selection:
        """The pixels of one polygon after another."""
        rows, columns = (
            np.concatenate([getattr(one, axis) for one in self.footprints]) for axis in ("rows", "columns")
        )
        return Selection.of(self.recipe, rows, columns)

    def _apart(self, values: NDArray[Kind]) -> NDArray[Kind]:
        """A polygon after another."""
        apart = np.empty_like(values)
        apart[self.selection.order] = values
        return apart

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """Where the pixels of each polygon begin."""
        ends = np.cumsum([0, *(len(one.rows) for one in self.footprints)], dtype=np.int64)
        return ends[:-1]

    @cached_property
    def tiles(self) -> NDArray[np.bool_]:
        """(polygon, tile in display order): which tiles have a pixel of the polygon."""
        touched = np.zeros((len(self.footprints), len(raster(self.recipe).tiles)), np.bool_)
        for position, _, place in self.selection.tiles:
            touched[np.searchsorted(self._starts, self.selection.order[place], side="right") - 1, position] = True
        return touched

    def statistics(self, values: NDArray[np.float32], clear: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Statistics]:
        """Of each polygon how many values count, and the numbers of these; both are in the order of the selection."""
        if len(self.footprints) > 1:  # within one the order does not matter
            values, clear = self._apart(values), self._apart(clear)
        counts: NDArray[np.int64] = np.add.reduceat(clear, self._starts, dtype=np.int64)
        counted: NDArray[np.float32] = values[clear]
        found = np.full((len(counts), 2 + len(_PERCENTILES)), np.nan)
        some, starts = np.flatnonzero(counts), (np.cumsum(counts) - counts)[counts > 0]
        if not len(some):
            return counts, found
        number, exact = counts[some], counted.astype(np.float64)
        mean = np.add.reduceat(exact, starts) / number
        spread = np.add.reduceat(np.square(exact, out=exact), starts) / number - mean**2
        ranks = _PERCENTILES * (number[:, np.newaxis] - 1)
        low, high = np.floor(ranks).astype(np.int64), np.ceil(ranks).astype(np.int64)
        for start, count, below, above in zip(starts, number, low, high, strict=True):
            counted[start : start + count].partition(np.concatenate((below, above)))
        first, second = (counted[starts[:, np.newaxis] + rank].astype(np.float64) for rank in (low, high))
        found[some] = np.column_stack((mean, np.sqrt(np.maximum(spread, 0)), first + (second - first) * (ranks - low)))
        return counts, found

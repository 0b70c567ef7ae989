"""What polygons had on each date, many of them in one pass over the cache."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from services.catalogue import Choice
from services.recipe import Recipe
from services.render import Quantity
from services.series.cached_dates import CachedDates, Shown, masks_of
from services.series.polygons import Footprint, Statistics, Zones, together
from services.series.sampling import Sample, samples
from services.series.values import PolygonPoint, PolygonSeries, of_choice

THREADS = 2
"""That take pixels out of tiles and count, besides those that read: as many dates are in hand."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """Of one date, by polygon."""

    counts: NDArray[np.int64]
    statistics: Statistics

    def point(self, choice: Choice, number: int, pixels: int) -> PolygonPoint:
        """Of one polygon."""
        count = int(self.counts[number])
        numbers = self.statistics[number].tolist() if count else [None] * len(self.statistics[number])
        return PolygonPoint(*of_choice(choice), pixels, count, *numbers)


@dataclass(frozen=True, eq=False)
class Dated:
    """One date over the polygons of a pass."""

    touched: Shown
    """With all tiles that it touches."""
    held: frozenset[int]
    """Positions of those that are in the cache."""
    numbers: Numbers | None
    """None where none is."""

    def shows(self, tiles: frozenset[int]) -> bool:
        """Whether a polygon in these tiles has an observation."""
        return not tiles.isdisjoint(self.touched.frames)

    def whole(self, tiles: frozenset[int]) -> bool:
        """Whether all that it shows of such a polygon is in the cache."""
        return (tiles & self.touched.frames.keys()) <= self.held


def polygon_series(
    cached: CachedDates, recipe: Recipe, quantity: Quantity, named: Sequence[tuple[str, Footprint]]
) -> Iterator[PolygonSeries]:
    """Of each, in their order; each has one pixel at least. See `SeriesService.polygon_series`."""
    names = iter([name for name, _ in named])
    for group in together(footprint for _, footprint in named):
        zones = Zones(group, recipe)
        dates = list(_dated(cached, recipe, quantity, zones))
        for number, (footprint, touched) in enumerate(zip(group, zones.tiles, strict=True)):
            tiles = frozenset(np.flatnonzero(touched).tolist())
            shown = [date for date in dates if date.shows(tiles)]
            whole = [date for date in shown if date.whole(tiles)]
            yield PolygonSeries(
                **cached.about(recipe, quantity, [one.touched for one in shown], [one.touched for one in whole]),
                name=next(names),
                epsg=recipe.lattice.epsg,
                coverage=footprint.coverage,
                points=tuple(
                    one.numbers.point(one.touched.choice, number, footprint.coverage.pixels)
                    for one in whole
                    if one.numbers is not None
                ),
            )


def _dated(cached: CachedDates, recipe: Recipe, quantity: Quantity, zones: Zones) -> Iterator[Dated]:
    """The dates of the interval that show one of the polygons, oldest first."""
    dates = cached.of_interval(recipe, zones.selection)
    held = cached.held(dates, (*quantity.bands, *masks_of(recipe)))
    found = samples(recipe, [date for date in held if date.frames], quantity.bands, zones.selection, cached.compositor)

    def count(sample: Callable[[], Sample]) -> Numbers:
        taken = sample()
        return Numbers(*zones.statistics(*quantity.each(taken.planes, taken.clear)))

    with ThreadPoolExecutor(THREADS, thread_name_prefix="series") as pool:
        made = (one for some in iter(lambda: list(islice(found, THREADS)), []) for one in pool.map(count, some))
        for date, here in zip(dates, held, strict=True):
            yield Dated(date, frozenset(here.frames), next(made) if here.frames else None)

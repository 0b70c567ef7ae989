"""Observations at chosen pixels: read from the cache a date after another, so that memory does not grow with dates."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.catalogue import Choice
from services.preview import CachedPlanes, PreviewCompositor, raster
from services.recipe import Recipe
from services.series.cached_dates import Shown
from services.series.place import Selection

Tiles = Mapping[int, CachedPlanes]
"""By position in display order."""


@dataclass(frozen=True, eq=False)
class Sample:
    """What one date shows at the pixels of a selection, a tile after another."""

    choice: Choice
    planes: Mapping[str, NDArray[Any]]
    """DN, classes or data mask by plane, (pixel,); 0 in tiles that the date does not touch or the cache lacks."""
    clear: NDArray[np.bool_]
    """Which of the pixels count under the recipe's mask."""

    @classmethod
    def of(cls, choice: Choice, names: Sequence[str], tiles: Tiles, selection: Selection, width: int) -> "Sample":
        """From planes of these names, of tiles so many pixels wide."""
        size = len(selection.order)
        clear, planes = np.zeros(size, np.bool_), dict[str, NDArray[Any]]()
        for position, inside, place in selection.tiles:
            if position in tiles:
                found = tiles[position]
                clear[place] = found.clear(slice(None), width).reshape(-1).take(inside)
                for name, plane in zip(names, found.planes, strict=True):
                    planes.setdefault(name, np.zeros(size, plane.dtype))[place] = plane.reshape(-1).take(inside)
        return cls(choice, planes, clear)


def samples(
    recipe: Recipe, dates: Sequence[Shown], planes: Sequence[str], selection: Selection, compositor: PreviewCompositor
) -> Iterator[Callable[[], Sample]]:
    """Of each date that has a tile, in their order; what is called takes the pixels out of its tiles, in any thread.

    Raises MissingFrame where the cache has lost what was there.
    """
    wanted = [(time, position, key) for time, date in enumerate(dates) for position, key in date.frames.items()]
    found = compositor.observed(recipe, [key for *_, key in wanted], planes)
    width = raster(recipe).tile_shape[1]
    for time, frames in groupby(zip(wanted, found, strict=True), key=lambda pair: pair[0][0]):
        tiles = {position: tile_planes for (_, position, _), (_, tile_planes) in frames}
        yield partial(Sample.of, dates[time].choice, planes, tiles, selection, width)

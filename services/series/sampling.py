"""Observations at chosen pixels: read from the cache a date after another, so that memory does not grow with dates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.cache import FrameKey, frame_key
from services.catalogue import Choice
from services.preview import PreviewCompositor, raster
from services.recipe import Recipe
from services.series.place import Selection


@dataclass(frozen=True, eq=False)
class Sample:
    """What one date shows at the pixels of a selection."""

    choice: Choice
    planes: Mapping[str, NDArray[Any]]
    """DN, classes or data mask by plane, (pixel,); 0 in tiles that the date does not touch or the cache lacks."""
    clear: NDArray[np.bool_]
    """Which of the pixels count under the recipe's mask."""


@dataclass(frozen=True)
class Shown:
    """A date with the tiles of a selection that it touches."""

    choice: Choice
    frames: Mapping[int, FrameKey]
    """By the tile's position in display order."""

    @classmethod
    def of(cls, recipe: Recipe, choice: Choice, selection: Selection) -> "Shown":
        """Perhaps none of them."""
        tiles, one = raster(recipe).tiles, choice.acquisition
        touched = (position for position, *_ in selection.tiles if one.touches(tiles[position]))
        return cls(choice, {position: frame_key(recipe, tiles[position].index, one) for position in touched})


def masks_of(recipe: Recipe) -> tuple[str, ...]:
    """The planes that the recipe's mask is made of."""
    return tuple(plane for plane in recipe.planes if plane not in recipe.bands)


def samples(
    recipe: Recipe, dates: Sequence[Shown], planes: Sequence[str], selection: Selection, compositor: PreviewCompositor
) -> Iterator[Sample]:
    """Of each date, in their order. Raises MissingFrame where the cache has lost what was there."""
    wanted = [(time, position, key) for time, date in enumerate(dates) for position, key in date.frames.items()]
    found = compositor.observed(recipe, [key for *_, key in wanted], planes)
    width = raster(recipe).tile_shape[1]
    parts = {position: (inside, into) for position, inside, into in selection.tiles}
    for time, frames in groupby(zip(wanted, found, strict=True), key=lambda pair: pair[0][0]):
        clear = np.zeros(selection.size, np.bool_)
        values: dict[str, NDArray[Any]] = {}
        for (_, position, _), (_, tile_planes) in frames:
            inside, into = parts[position]
            clear[into] = tile_planes.clear(slice(None), width).reshape(-1)[inside]
            for name, plane in zip(planes, tile_planes.planes, strict=True):
                values.setdefault(name, np.zeros(selection.size, plane.dtype))[into] = plane.reshape(-1)[inside]
        yield Sample(dates[time].choice, values, clear)

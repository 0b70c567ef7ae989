"""What a page or a program asks of a place in a picture, of the catalogue's kept answer and the cache."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.cache import FrameStore, MissingFrame
from services.catalogue import Acquisition, Choice, choose, kept_or_raise
from services.composite import Image, Stack, indices_of
from services.preview import PreviewCompositor
from services.providers import Provider
from services.recipe import METHODS, Recipe
from services.render import Quantity
from services.sentinel2 import DATA_MASK, SCL
from services.series.place import Pixel, Selection, pixel_at
from services.series.quantity import quantity_named
from services.series.sampling import Sample, Shown, masks_of, samples
from services.series.values import (
    BandValue,
    IndexValue,
    PixelPoint,
    PixelSeries,
    PixelValues,
    of_choice,
)
from services.text import plural

Known = Callable[[Recipe], Sequence[Acquisition] | None]
"""The acquisitions of a recipe's interval, from the kept answer alone; None where there is none."""


class SeriesService:
    """Of one process, for all sessions; its memory is that of the previews. Asks no provider, and costs nothing.

    Every method raises MissingFrame where the cache has not what it needs, and RecipeError for a place outside the
    picture or a quantity that its bands do not allow.
    """

    def __init__(
        self, frames: FrameStore, compositor: PreviewCompositor, known: Known, provider: Callable[[Recipe], Provider]
    ) -> None:
        self._frames, self._compositor, self._known, self._provider = frames, compositor, known, provider

    def pixel_values(self, recipe: Recipe, easting: float, northing: float) -> PixelValues:
        """Of the composite under a point in metres of the recipe's zone, to the last bit as in the picture."""
        pixel = pixel_at(recipe, easting, northing)
        chosen, selection = kept_or_raise(self._found(recipe), recipe), _one(recipe, pixel)
        dates = [date for one in chosen if (date := Shown.of(recipe, Choice(one, True, ""), selection)).frames]
        lacking = len(dates) - len(self._cached(dates, recipe.planes))
        if lacking:
            raise MissingFrame(
                f"{plural(lacking, 'date')} of {len(dates)} that the picture uses here are not in the cache.",
                "Fetch the picture first, or lower the cloud limit.",
            )
        found = list(samples(recipe, dates, recipe.bands, selection, self._compositor))
        return _values(recipe, pixel, found)

    def pixel_series(self, recipe: Recipe, easting: float, northing: float, quantity: str) -> PixelSeries:
        """What the pixel had on all cached dates of the interval, used and excluded ones."""
        pixel, shown = pixel_at(recipe, easting, northing), quantity_named(quantity, recipe.bands)
        selection = _one(recipe, pixel)
        dates = self._dates(recipe, selection)
        planes = (*shown.bands, *masks_of(recipe))
        cached, classified = self._cached(dates, planes), self._cached(dates, (*planes, SCL))
        known = {date.choice.acquisition.key for date in classified}
        unclassified = [date for date in cached if date.choice.acquisition.key not in known]
        points = [
            _point(sample, shown)
            for some, named in ((classified, (SCL,)), (unclassified, ()))
            for sample in samples(recipe, some, (*shown.bands, DATA_MASK, *named), selection, self._compositor)
        ]
        return PixelSeries(
            **self._about(recipe, shown, dates, cached),
            pixel=pixel,
            points=tuple(sorted(points, key=lambda point: (point.time, point.acquisition))),
        )

    def _found(self, recipe: Recipe) -> Sequence[Acquisition]:
        """All acquisitions of the interval."""
        found = self._known(recipe)
        if found is None:
            raise MissingFrame(
                f"The catalogue's answer for {recipe.interval.words} is not here.", "Look at the acquisitions first."
            )
        return found

    def _dates(self, recipe: Recipe, selection: Selection) -> list[Shown]:
        """Of the interval, those that show a tile of the selection, oldest first."""
        choices = sorted(choose(self._found(recipe), recipe), key=lambda choice: choice.acquisition.time)
        return [date for choice in choices if (date := Shown.of(recipe, choice, selection)).frames]

    def _cached(self, dates: Sequence[Shown], planes: Sequence[str]) -> list[Shown]:
        """Those of which the cache has all these planes."""
        wanted = frozenset(planes)
        present = self._frames.present([key for date in dates for key in date.frames.values()], wanted)
        return [date for date in dates if all(wanted <= present[key] for key in date.frames.values())]

    def _about(
        self, recipe: Recipe, quantity: Quantity, dates: Sequence[Shown], cached: Sequence[Shown]
    ) -> Mapping[str, Any]:
        """What every series says of itself."""
        here = {date.choice.acquisition.key for date in cached}
        all_of = [date.choice.acquisition for date in dates]
        provider, years = self._provider(recipe), sorted({one.time.year for one in all_of if one.key in here})
        return {
            "quantity": quantity,
            "missing": tuple(one.date for one in all_of if one.key not in here),
            "attribution": provider.attribution(years),
            "simulated": provider.simulated,
        }


def _one(recipe: Recipe, pixel: Pixel) -> Selection:
    return Selection.of(recipe, np.array([pixel.row]), np.array([pixel.column]))


def _point(sample: Sample, quantity: Quantity) -> PixelPoint:
    """Of a selection of one pixel."""
    values, clear = quantity.each(sample.planes, sample.clear)
    there = bool(sample.planes[DATA_MASK][0] == 1) and not np.isnan(values[0])
    return PixelPoint(
        *of_choice(sample.choice),
        value=float(values[0]) if there else None,
        clear=bool(clear[0]),
        scl=int(sample.planes[SCL][0]) if SCL in sample.planes else None,
    )


def _values(recipe: Recipe, pixel: Pixel, found: Sequence[Sample]) -> PixelValues:
    """The observations of one pixel, reduced as those of the picture."""
    square = (1, 1)
    observations = [[sample.planes[band].reshape(square) for band in recipe.bands] for sample in found]
    clear = [sample.clear.reshape(square) for sample in found]
    clouds = [sample.choice.acquisition.cloud_cover for sample in found]
    stack, method = Stack(recipe.bands, observations, clear, clouds, square), METHODS[recipe.method]
    reflectance, count = stack.picture(method, len(recipe.bands))
    image = Image((0, 0, 1, 1), pixel.epsg, recipe.bands, np.moveaxis(reflectance, 0, -1), count, ())
    indices = {index: stack.index(method, index) for index in indices_of(recipe.bands)}
    return PixelValues(
        pixel,
        int(count[0, 0]),
        len(found),
        tuple(
            BandValue(band, _number(image.reflectance[..., place]), int(image.dn(band)[0, 0]) if count.any() else None)
            for place, band in enumerate(recipe.bands)
        ),
        tuple(IndexValue(index.name, index.title, _number(values)) for index, values in indices.items()),
    )


def _number(values: NDArray[np.float32]) -> float | None:
    """Of one pixel."""
    return None if np.isnan(values).all() else float(values.flat[0])

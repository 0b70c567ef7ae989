"""What a page or a program asks of a place in a picture: one service for all of them."""

from collections.abc import Callable, Sequence

import numpy as np
from shapely.geometry import MultiPolygon, Polygon

from services.area import Part
from services.cache import FrameStore
from services.errors import AreaError, RecipeError
from services.preview import Known, PreviewCompositor
from services.providers import Provider
from services.recipe import Recipe
from services.series.cached_dates import CachedDates
from services.series.many import PolygonTable
from services.series.pixels import pixel_series, pixel_values
from services.series.place import Coverage, pixel_at
from services.series.polygons import Footprint
from services.series.quantity import quantity_named
from services.series.values import PixelSeries, PixelValues, PolygonSeries
from services.series.zonal import polygon_series


class SeriesService:
    """Of one process, for all sessions; its memory is that of the previews. Asks no provider, and costs nothing.

    Every method raises MissingFrame where the cache has not what it needs, and RecipeError for a place outside the
    picture or a quantity that its bands do not allow.
    """

    def __init__(
        self, frames: FrameStore, compositor: PreviewCompositor, known: Known, provider: Callable[[Recipe], Provider]
    ) -> None:
        self._cached = CachedDates(frames, compositor, known, provider)

    def pixel_values(self, recipe: Recipe, easting: float, northing: float) -> PixelValues:
        """Of the composite under a point in metres of the recipe's zone, to the last bit as in the picture."""
        return pixel_values(self._cached, recipe, pixel_at(recipe, easting, northing))

    def pixel_series(self, recipe: Recipe, easting: float, northing: float, quantity: str) -> PixelSeries:
        """What the pixel had on all cached dates of the interval, used and excluded ones."""
        return pixel_series(self._cached, recipe, pixel_at(recipe, easting, northing), quantity)

    def polygon_series(
        self, recipe: Recipe, polygon: Polygon | MultiPolygon, quantity: str, name: str = ""
    ) -> PolygonSeries:
        """The same of a polygon in metres of the recipe's zone; a pixel is in it where its centre is."""
        footprint, shown = Footprint.of(recipe, polygon), quantity_named(quantity, recipe.bands)
        if not footprint.coverage.pixels:
            raise RecipeError(footprint.coverage.words, "Draw it in the picture, and larger than a pixel.")
        return next(polygon_series(self._cached, recipe, shown, [(name, footprint)]))

    def many(self, recipe: Recipe, parts: Sequence[Part], quantity: str) -> PolygonTable:
        """The same of each feature of a file; one without a pixel stands in the table with the reason."""
        shown, found = quantity_named(quantity, recipe.bands), [_footprint(recipe, part) for part in parts]
        named = [(part.name, one) for part, one in zip(parts, found, strict=True)]
        made = polygon_series(self._cached, recipe, shown, [pair for pair in named if pair[1].coverage.pixels])
        about, epsg = self._cached.about(recipe, shown, (), ()), recipe.lattice.epsg
        return PolygonTable(
            tuple(
                next(made)
                if one.coverage.pixels
                else PolygonSeries(**about, name=name, epsg=epsg, coverage=one.coverage, points=())
                for name, one in named
            ),
            tuple(None if part.aoi is None else part.aoi.geometry for part in parts),
        )


def _footprint(recipe: Recipe, part: Part) -> Footprint:
    """Of a feature, with its lines straight in degrees; without a pixel where it is no area or lies too far away."""
    reason = part.reason
    if part.aoi is not None:
        try:
            return Footprint.of(recipe, part.aoi.drawn(recipe.lattice.epsg))
        except AreaError as error:
            reason = error.sentences
    return Footprint(Coverage(0, 0.0, reason), np.zeros(0, np.int64), np.zeros(0, np.int64))

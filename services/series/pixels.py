"""One pixel: its values in the picture, and what it had on each date."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.cache import MissingFrame
from services.catalogue import Choice, kept_or_raise
from services.composite import Image, Index, Reduced, indices_of
from services.preview import raster
from services.recipe import Recipe
from services.render import Quantity
from services.sentinel2 import DATA_MASK, SCL
from services.series.cached_dates import CachedDates, masks_of
from services.series.place import Pixel, Selection
from services.series.quantity import quantity_named
from services.series.sampling import Sample, samples
from services.series.values import BandValue, IndexValue, PixelPoint, PixelSeries, PixelValues, of_choice
from services.text import plural


def pixel_values(cached: CachedDates, recipe: Recipe, pixel: Pixel) -> PixelValues:
    """See `SeriesService.pixel_values`."""
    used = (Choice(one, True, "") for one in kept_or_raise(cached.found(recipe), recipe))
    selection = _selection(recipe, pixel)
    dates = cached.shown(recipe, used, selection)
    lacking = sum(not date.frames for date in cached.held(dates, recipe.planes))
    if lacking:
        raise MissingFrame(
            f"{plural(lacking, 'date')} of {len(dates)} that the picture uses here are not in the cache.",
            "Fetch the picture first, or lower the cloud limit.",
        )
    ((position, inside, _),) = selection.tiles
    place = (position, *divmod(int(inside[0]), raster(recipe).tile_shape[1]))
    indices = indices_of(recipe.bands)
    found = cached.compositor.pixel(recipe, [date.choice.acquisition for date in dates], place, indices)
    return _values(recipe, pixel, found, indices, len(dates))


def pixel_series(cached: CachedDates, recipe: Recipe, pixel: Pixel, quantity: str) -> PixelSeries:
    """See `SeriesService.pixel_series`."""
    shown, selection = quantity_named(quantity, recipe.bands), _selection(recipe, pixel)
    dates, planes = cached.of_interval(recipe, selection), (*shown.bands, *masks_of(recipe))
    here = [date for date in cached.held(dates, planes) if date.frames]
    classified = [bool(date.frames) for date in cached.held(here, (*planes, SCL))]
    points = [
        _point(sample(), shown)
        for known in (True, False)
        for sample in samples(
            recipe,
            [date for date, has_class in zip(here, classified, strict=True) if has_class is known],
            (*shown.bands, DATA_MASK, *((SCL,) if known else ())),
            selection,
            cached.compositor,
        )
    ]
    return PixelSeries(
        **cached.about(recipe, shown, dates, here),
        pixel=pixel,
        points=tuple(sorted(points, key=lambda point: (point.time, point.acquisition))),
    )


def _selection(recipe: Recipe, pixel: Pixel) -> Selection:
    return Selection.of(recipe, np.array([pixel.row]), np.array([pixel.column]))


def _point(sample: Sample, quantity: Quantity) -> PixelPoint:
    values, clear = quantity.each(sample.planes, sample.clear)
    there = bool(sample.planes[DATA_MASK][0] == 1) and not np.isnan(values[0])
    return PixelPoint(
        *of_choice(sample.choice),
        value=float(values[0]) if there else None,
        clear=bool(clear[0]),
        scl=int(sample.planes[SCL][0]) if SCL in sample.planes else None,
    )


def _values(recipe: Recipe, pixel: Pixel, found: Reduced, indices: Sequence[Index], dates: int) -> PixelValues:
    picture, count = np.moveaxis(found.picture, 0, -1), int(found.count[0, 0])
    image = Image((0, 0, 1, 1), pixel.epsg, recipe.bands, picture, found.count, ())
    day = 0 if found.days is None else int(found.days[0, 0])
    return PixelValues(
        pixel,
        count,
        dates,
        tuple(
            BandValue(band, _number(picture[..., place]), int(image.dn(band)[0, 0]) if count else None)
            for place, band in enumerate(recipe.bands)
        ),
        tuple(IndexValue(index.name, index.title, _number(found.indices[index.name])) for index in indices),
        f"{day // 10_000}-{day // 100 % 100:02}-{day % 100:02}" if day else "",
    )


def _number(values: NDArray[np.float32]) -> float | None:
    """Of one pixel."""
    return None if np.isnan(values).all() else float(values.flat[0])

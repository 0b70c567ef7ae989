"""Series as tables that a spreadsheet opens; each row says its unit, its place and where its pixels come from."""

from collections.abc import Iterable, Iterator
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING

from services.text import csv_text

if TYPE_CHECKING:
    from services.series.values import DatePoint, PixelSeries, PolygonSeries, Series

_DATE = ("date", "time_utc", "acquisition", "satellite", "relative_orbit", "cloud_cover_percent")
_USED = ("used", "reason")
_SOURCE = ("mask", "buffer_px", "nbar", "crs", "simulated", "attribution")
PIXEL_COLUMNS = (
    *(*_DATE, *_USED, "quantity", "unit", "value", "clear", "scl", "scl_class"),
    *("easting", "northing", "longitude", "latitude", *_SOURCE),
)
"""`cloud_cover_percent` is of the whole granules; `used` says whether the picture is made of the date. `value` stands
there also where the pixel is not `clear` under the `mask` with its buffer around clouds. `nbar` says whether view
angles are evened out in it. The place is the centre of the pixel, in metres of `crs` and in degrees of WGS 84."""
POLYGON_COLUMNS = (
    *("polygon", *_DATE, *_USED, "quantity", "unit", "pixels", "clear_pixels", "clear_percent"),
    *("mean", "median", "std", "p10", "p25", "p75", "p90", "inside_percent", "note", *_SOURCE),
)
"""A pixel is the polygon's where its centre lies in it; numbers are of the `clear_pixels`, of `pixels`. Percentiles lie
between two pixels where they must (linear), `std` is of the population, `inside_percent` the part of the polygon's area
that the picture shows."""


def pixel_csv(series: "PixelSeries") -> str:
    """A row a date, oldest first."""
    pixel = series.pixel
    place = (_Exact(one) for one in (pixel.easting, pixel.northing, pixel.longitude, pixel.latitude))
    last = (*place, *_source(series, pixel.epsg))
    rows = (
        (
            *(*_when(point), series.quantity.name, series.unit, _float(point.value), point.clear),
            *(point.scl, point.scl_word, *last),
        )
        for point in series.points
    )
    return csv_text(PIXEL_COLUMNS, ([*map(_cell, row)] for row in rows))


def polygons_csv(many: Iterable["PolygonSeries"]) -> str:
    """A row a polygon and date."""
    return csv_text(POLYGON_COLUMNS, ([*map(_cell, row)] for series in many for row in polygon_rows(series)))


def polygon_rows(series: "PolygonSeries") -> Iterator[tuple[object, ...]]:
    """Plain values under POLYGON_COLUMNS; one row with the reason where there is no date."""
    coverage, source = series.coverage, _source(series, series.epsg)
    last = (100 * coverage.inside, coverage.words or _gap(series), *source)
    for point in series.points:
        numbers = (point.mean, point.median, point.std, point.p10, point.p25, point.p75, point.p90)
        counts = (point.pixels, point.count, 100 * point.clear_share)
        yield (series.name, *_when(point), series.quantity.name, series.unit, *counts, *map(_float, numbers), *last)
    if not series.points:
        nothing = (None,) * len((*_DATE, *_USED))
        yield (series.name, *nothing, series.quantity.name, series.unit, coverage.pixels, *[None] * 9, *last)


def _gap(series: "PolygonSeries") -> str:
    return "" if series.points else "No date of the polygon is in the cache."


def _when(point: "DatePoint") -> tuple[object, ...]:
    time = point.time.astimezone(UTC).replace(microsecond=0)
    day = (time.date(), time.time(), point.acquisition, point.satellite, point.orbit, point.cloud_cover)
    return *day, point.used, point.reason


def _source(series: "Series", epsg: int) -> tuple[object, ...]:
    choices = series.mask, series.buffer, series.nbar
    return *choices, f"EPSG:{epsg}", series.simulated, series.attribution


class _Exact(float):
    """A number of the quantity, which keeps six decimals: half a DN is 0.00005, and a cell of the sheet has four."""


def _float(value: float | None) -> float | None:
    return None if value is None else _Exact(value)


def _cell(value: object) -> object:
    """As the sheet has it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return Decimal(f"{value:.6f}") if isinstance(value, _Exact) else value

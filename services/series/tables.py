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
_SOURCE = ("crs", "simulated", "attribution")
PIXEL_COLUMNS = (
    *(*_DATE, *_USED, "quantity", "unit", "value", "clear", "scl", "scl_class"),
    *("easting", "northing", "longitude", "latitude", *_SOURCE),
)
"""`cloud_cover_percent` is of the whole granules; `used` says whether the picture is made of the date. `value` stands
there also where the pixel is not `clear` under the mask. The place is the centre of the pixel, in metres of `crs` and
in degrees of WGS 84."""
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
    place = (*map(_metres, (pixel.easting, pixel.northing)), *map(_exact, (pixel.longitude, pixel.latitude)))
    source = _source(series, pixel.epsg)
    rows = (
        (
            *_when(point),
            *(series.quantity.name, series.unit, _exact(point.value), _yes(point.clear), point.scl, point.scl_word),
            *place,
            *source,
        )
        for point in series.points
    )
    return csv_text(PIXEL_COLUMNS, rows)


def polygons_csv(many: Iterable["PolygonSeries"]) -> str:
    """A row a polygon and date."""
    return csv_text(POLYGON_COLUMNS, (row for series in many for row in _polygon_rows(series)))


def _polygon_rows(series: "PolygonSeries") -> Iterator[tuple[object, ...]]:
    source, coverage = _source(series, series.epsg), series.coverage
    for point in series.points:
        numbers = (point.mean, point.median, point.std, point.p10, point.p25, point.p75, point.p90)
        yield (
            *(series.name, *_when(point), series.quantity.name, series.unit),
            *(point.pixels, point.count, 100 * point.clear_share, *map(_exact, numbers)),
            *(100 * coverage.inside, coverage.words, *source),
        )


def _when(point: "DatePoint") -> tuple[object, ...]:
    time = point.time.astimezone(UTC)
    day = (point.date, f"{time:%H:%M:%S}", point.acquisition, point.satellite, point.orbit, point.cloud_cover)
    return *day, _yes(point.used), point.reason


def _source(series: "Series", epsg: int) -> tuple[str, str, str]:
    return f"EPSG:{epsg}", _yes(series.simulated), series.attribution


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def _exact(value: float | None) -> Decimal | None:
    """Six decimals: half a DN is 0.00005, and a cell of the sheet has four."""
    return None if value is None else Decimal(f"{value:.6f}")


def _metres(value: float) -> Decimal:
    return Decimal(f"{value:.3f}")

"""Looking into a picture: a pixel or polygons and the cache in, values and time series out; nothing is paid."""

from services.series.many import PolygonTable
from services.series.place import Pixel, pixel_at
from services.series.polygons import Footprint
from services.series.quantity import quantity_named
from services.series.service import SeriesService
from services.series.values import (
    PixelPoint,
    PixelSeries,
    PixelValues,
    PolygonPoint,
    PolygonSeries,
)

__all__ = [
    "Footprint",
    "Pixel",
    "PixelPoint",
    "PixelSeries",
    "PixelValues",
    "PolygonPoint",
    "PolygonSeries",
    "PolygonTable",
    "SeriesService",
    "pixel_at",
    "quantity_named",
]

"""A part of the cache that somebody wants to be rid of: a year, an area, or a year of an area."""

from collections.abc import Callable
from functools import cache

import shapely

from services.aoi import AOI
from services.errors import AreaError
from services.framekey import FrameKey
from services.utm import Bounds


def part(year: int | None = None, aoi: AOI | None = None) -> Callable[[FrameKey], bool]:
    """Frames of acquisitions of that year (UTC) whose tiles share ground with that area; None is any.

    A frame whose acquisition does not tell its year is of no year.
    """

    @cache
    def inside(epsg: int, bounds: Bounds) -> bool:
        area = None if aoi is None else projected(aoi, epsg)
        return area is not None and bool(shapely.intersects(area, shapely.box(*bounds)))

    @cache
    def projected(aoi: AOI, epsg: int) -> shapely.Geometry | None:
        try:
            geometry = aoi.projected(epsg)
        except AreaError:  # half the Earth away from that zone
            return None
        shapely.prepare(geometry)
        return geometry

    def has(key: FrameKey) -> bool:
        return (year is None or _year(key) == year) and (aoi is None or inside(key.epsg, key.bounds))

    return has


def _year(key: FrameKey) -> int | None:
    try:
        return key.year
    except ValueError:
        return None

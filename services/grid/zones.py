"""UTM zones of an area, and its part in each of them: so that no tile need be far from its own zone."""

from itertools import pairwise, product
from math import floor

import shapely
from shapely.geometry import Polygon, box

from services.area import AOI
from services.geo import parts, to_polygons, utm_epsg

_STEP = 3
"""Degrees: all borders of zones are multiples of it, also those of Norway and Svalbard."""
_LATITUDES = (-90, 0, 56, 64, 72, 90)
"""Degrees between which the borders of zones are the same."""


def zones_of(aoi: AOI) -> tuple[int, ...]:
    """EPSG codes of the zones that the area lies in, as Sentinel-2's tiles have them."""
    return tuple(sorted(_pieces(aoi)))


def largest_zone(aoi: AOI) -> int:
    """EPSG code of the zone that has most of it, in the plane of degrees."""
    return max(sorted(_pieces(aoi).items()), key=lambda found: sum(piece.area for piece in found[1]))[0]


def part_in(aoi: AOI, epsg: int) -> AOI:
    """What of the area lies in one of its zones."""
    joined = parts(shapely.union_all(_pieces(aoi)[epsg]))
    rings = [tuple(tuple((x, y) for x, y in ring.coords) for ring in (one.exterior, *one.interiors)) for one in joined]
    polygons, _ = to_polygons(rings, repair=False)
    return AOI(aoi.name, polygons)


def _pieces(aoi: AOI) -> dict[int, list[Polygon]]:
    """By the code of each zone what of the area lies in it; a line or a point that touches one is nothing."""
    found: dict[int, list[Polygon]] = {}
    for polygon in parts(aoi.geometry):
        west, _, east, _ = polygon.bounds
        across = range(floor(west / _STEP) * _STEP, min(180, floor(east / _STEP) * _STEP + _STEP), _STEP)
        for first, (south, north) in product(across, pairwise(_LATITUDES)):
            inside = shapely.intersection(polygon, box(first, south, first + _STEP, north))
            epsg = utm_epsg(first + _STEP / 2, (south + north) / 2)
            found.setdefault(epsg, []).extend(one for one in parts(inside) if one.area > 0)
    return {epsg: pieces for epsg, pieces in found.items() if pieces}

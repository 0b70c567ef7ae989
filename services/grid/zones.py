"""UTM zones of an area: its part in each zone with the team grid there, so that no tile is far from its own zone."""

from itertools import pairwise, product
from math import floor

import shapely
from shapely.geometry import Polygon, box

from services.area import AOI
from services.geo import parts, to_polygons, utm_epsg
from services.grid.grid import Grid
from services.settings import Settings

_STEP = 3
"""Degrees: all borders of zones are multiples of it, also those of Norway and Svalbard."""
_LATITUDES = (-90, 0, 56, 64, 72, 90)
"""Degrees between which the borders of zones are the same."""


def zones_of(aoi: AOI) -> tuple[int, ...]:
    """EPSG codes of the zones that the area lies in, as Sentinel-2's tiles have them."""
    return tuple(sorted(_pieces(aoi)))


def zone_grids(aoi: AOI, tile_size: int, limits: Settings | None = None) -> tuple[Grid, ...]:
    """The team grid of each zone over the area's part there, in the order of their codes. Raises as Grid.team.

    Tiles at a border are in both zones, so that no gap is between them.
    """
    return tuple(
        Grid.team(_part(aoi, pieces), tile_size, limits, epsg) for epsg, pieces in sorted(_pieces(aoi).items())
    )


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


def _part(aoi: AOI, pieces: list[Polygon]) -> AOI:
    joined = parts(shapely.union_all(pieces))
    rings = [tuple(tuple((x, y) for x, y in ring.coords) for ring in (one.exterior, *one.interiors)) for one in joined]
    polygons, _ = to_polygons(rings, repair=False)
    return AOI(aoi.name, polygons)

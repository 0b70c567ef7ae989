"""The outline of an area as a map draws it: few enough places, and one piece across the 180th meridian."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon

from pages.state.context import outlines
from services.area import AOI
from services.geo import central_meridian

EDITABLE_VERTICES = 300
"""An area of more corners is shown, and cannot be edited on the map: each corner is a handle."""
SHOWN_VERTICES = 3000
_PLACE_BYTES, _RING_BYTES = 112, 300
"""In memory."""

Place = tuple[float, float]
"""Latitude and longitude in degrees, in the order of maps."""
Polygons = list[list[list[Place]]]
"""Of each its rings, the shell first, open."""


@dataclass(frozen=True)
class Outline:
    """What is drawn of an area."""

    polygons: Polygons
    editable: bool
    """Whether its corners are few enough to be moved on the map."""
    bounds: list[list[float]]
    """The south-western and the north-eastern corner, latitude first."""


def outline_key(aoi: AOI | None) -> str:
    """The same for the same polygons, however they are called; empty for none."""
    return "" if aoi is None else aoi.outline_digest


def drawn(aoi: AOI) -> Outline:
    """The outline, made once for all sessions."""
    outline: Outline = outlines().made(("drawn", aoi.digest), lambda: _made(aoi), _size)
    return outline


def area_outline(aoi: AOI) -> tuple[Polygons, bool]:
    """Polygons of rings of places, continuous across the 180th meridian; and whether they are few enough to edit."""
    few = aoi.vertices <= EDITABLE_VERTICES
    geometry = _continuous(aoi)
    if aoi.vertices > SHOWN_VERTICES:
        west, south, east, north = geometry.bounds
        geometry = shapely.simplify(geometry, max(east - west, north - south) / 2000)
    polygons = []
    for part in shapely.get_parts(geometry):
        rings = [part.exterior, *part.interiors]
        polygons.append([[place(x, y) for x, y in ring.coords[:-1]] for ring in rings])
    return polygons, few


def _continuous(aoi: AOI) -> Polygon | MultiPolygon:
    """In degrees; what was cut at the 180th meridian is one piece again, beyond ±180."""
    if not aoi.crosses_antimeridian:
        return aoi.geometry
    middle = central_meridian(aoi.epsg)
    turned = [
        translate(part, -360 * round((part.bounds[0] + part.bounds[2]) / 720 - middle / 360))
        for part in shapely.get_parts(aoi.geometry)
    ]
    return cast(Polygon | MultiPolygon, shapely.union_all(turned))


def place(longitude: float, latitude: float) -> Place:
    """In the order of maps, to 0.1 m."""
    return round(latitude, 6), round(longitude, 6)


def _made(aoi: AOI) -> Outline:
    polygons, editable = area_outline(aoi)
    corners = np.array([at for rings in polygons for ring in rings for at in ring])
    return Outline(polygons, editable, [corners.min(axis=0).tolist(), corners.max(axis=0).tolist()])


def _size(outline: Outline) -> int:
    """Bytes, about."""
    rings = [ring for rings in outline.polygons for ring in rings]
    return _PLACE_BYTES * sum(map(len, rings)) + _RING_BYTES * len(rings)

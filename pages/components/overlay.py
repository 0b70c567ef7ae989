"""What is drawn over the map: the area, its grid, the tiles of the picture; as plain numbers for `map.js`."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import shapely
import streamlit as st
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon

from pages.components.choices import Choices
from services.aoi import AOI
from services.grid import Grid
from services.lattice import Lattice, TileIndex
from services.utm import Ring, central_meridian

EDITABLE_VERTICES = 300
"""An area of more corners is shown, and cannot be edited on the map: each corner is a handle."""
SHOWN_VERTICES = 3000

Place = tuple[float, float]
"""Latitude and longitude in degrees, in the order of maps."""
Polygons = list[list[list[Place]]]
"""Of each its rings, the shell first, open."""


def outline_key(aoi: AOI | None) -> str:
    """The same for the same polygons, however they are called; empty for none."""
    return "" if aoi is None else f"{hash(aoi.polygons):x}"


def shown(chosen: Choices) -> dict[str, Any]:
    """What map.js draws: plain numbers, places as (latitude, longitude).

    `key` names the area's outline: a new one is brought into view. `area_map` adds the event in which an outline
    was drawn on this map: that one is in view already.
    """
    if chosen.aoi is None or chosen.grid is None or chosen.centre is None:
        return {"key": ""}
    outline, editable = _outline(chosen.aoi.digest, chosen.aoi)
    lattice = chosen.grid.lattice
    around = lattice.neighbourhood(chosen.centre, chosen.radius)
    corners = np.array([place for rings in outline for ring in rings for place in ring])
    return {
        "key": outline_key(chosen.aoi),
        "editable": editable,
        "area": outline,
        "bounds": [corners.min(axis=0).tolist(), corners.max(axis=0).tolist()],
        "grid": _lines(chosen.aoi.digest, chosen.grid.spec, chosen.grid),
        "tile": min(lattice.dx, lattice.dy),
        "tiles": _turned(around.polygon_wgs84),
        "centre": _turned(lattice.neighbourhood(chosen.centre, 0).polygon_wgs84),
        "inner": inner_edges(lattice, chosen.centre, chosen.radius),
    }


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
        polygons.append([[_place(x, y) for x, y in ring.coords[:-1]] for ring in rings])
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


def inner_edges(lattice: Lattice, centre: TileIndex, radius: int) -> list[list[Place]]:
    """The edges between the tiles of a neighbourhood, as straight lines: they are shorter than a screen."""
    side = 2 * radius + 1
    ring = lattice.neighbourhood(centre, radius).polygon_wgs84
    quarter = (len(ring) - 1) // 4
    south, east, north, west = (ring[n * quarter : (n + 1) * quarter + 1] for n in range(4))
    edges = []
    for n in range(1, side):
        edges.append([_along(south, n / side), _along(north, 1 - n / side)])
        edges.append([_along(west, 1 - n / side), _along(east, n / side)])
    return edges


def _along(side: Sequence[Place], part: float) -> Place:
    """The place at that part of a side of (longitude, latitude)."""
    at = np.linspace(0, 1, len(side))
    longitudes, latitudes = zip(*side, strict=True)
    return _place(float(np.interp(part, at, longitudes)), float(np.interp(part, at, latitudes)))


def _turned(ring: Ring) -> list[Place]:
    return [_place(longitude, latitude) for longitude, latitude in ring]


def _place(longitude: float, latitude: float) -> Place:
    return round(latitude, 6), round(longitude, 6)


@st.cache_data(max_entries=32, show_spinner=False)
def _outline(digest: str, _aoi: AOI) -> tuple[Polygons, bool]:  # noqa: ARG001 - the digest is the key
    return area_outline(_aoi)


@st.cache_data(max_entries=32, show_spinner=False)
def _lines(digest: str, spec: str, _grid: Grid) -> list[list[Place]]:  # noqa: ARG001 - the first two are the key
    return [[(round(lat, 5), round(lon, 5)) for lat, lon in line] for line in _grid.lines()]

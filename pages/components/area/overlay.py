"""What is drawn over the map: the area, its grid, the tiles of the picture; as plain numbers for `choice.js`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pages.components.area import area_preview, cached_tiles
from pages.components.area.outlines import Place, drawn, outline_key, place
from pages.routes.grid_lines import get_ready, grid_address
from pages.state.choices import Choices
from services.geo import Ring
from services.grid import Lattice, TileIndex


def shown(chosen: Choices) -> dict[str, Any]:
    """What choice.js draws: plain numbers, places as (latitude, longitude).

    `key` names the area's outline, `offeredKey` that of an area that is offered: a new one is brought into view.
    `area_map` adds what must not be: an outline that was drawn on this map or is undone is in view already.
    """
    return _area(chosen) | _offered()


def _area(chosen: Choices) -> dict[str, Any]:
    if chosen.aoi is None or chosen.grid is None or chosen.centre is None:
        return {"key": ""}
    outline = drawn(chosen.aoi)
    get_ready(chosen.aoi.digest, chosen.grid)
    lattice = chosen.grid.lattice
    around = lattice.neighbourhood(chosen.centre, chosen.radius)
    return {
        "key": outline_key(chosen.aoi),
        "editable": outline.editable,
        "area": outline.polygons,
        "bounds": outline.bounds,
        "grid": grid_address(chosen.aoi.digest, chosen.grid.spec),
        "tile": min(lattice.dx, lattice.dy),
        "tiles": _turned(around.polygon_wgs84),
        "centre": _turned(lattice.neighbourhood(chosen.centre, 0).polygon_wgs84),
        "inner": inner_edges(lattice, chosen.centre, chosen.radius),
        "held": cached_tiles.for_map(chosen),
    }


def _offered() -> dict[str, Any]:
    """The outline that somebody looks at before it is used; its bounds go before those of the area."""
    aoi = area_preview.offered()
    if aoi is None:
        return {}
    outline = drawn(aoi)
    return {"offered": outline.polygons, "offeredKey": outline_key(aoi), "bounds": outline.bounds}


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
    return place(float(np.interp(part, at, longitudes)), float(np.interp(part, at, latitudes)))


def _turned(ring: Ring) -> list[Place]:
    return [place(longitude, latitude) for longitude, latitude in ring]

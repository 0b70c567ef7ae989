"""Where the parts of an order lie, by an address of its own: a browser gets it once, and then only their states."""

import json
from collections.abc import Iterable, Sequence

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from pages.routes.refusal import refused
from pages.state.context import product
from services.errors import NinepatchError
from services.geo import to_wgs84
from services.grid import Lattice
from services.orders import Box, Order, PartRow, box_of

ORDERS = "/order/"
"""Below it lies all that a browser gets of an order beside its page."""
_DECIMALS = 6
"""Of a degree: 0.1 m."""
_HEADERS = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
"""The parts of an order follow from its digest."""
Ring = list[tuple[float, float]]
"""Corners from the south-western one on, counter-clockwise, latitude first as Leaflet has it; open."""


def parts_address(key: str) -> str:
    """Where a map's frame gets the corners."""
    return f"../..{ORDERS}{key}/parts.json"


def parts(request: Request) -> Response:
    """A ring for each part, by their numbers; or why there is none."""
    try:
        orders, key = product().orders, request.path_params["id"]
        content = json.dumps(rings(orders.get(key).order, orders.parts(key)), separators=(",", ":"))
    except NinepatchError as error:
        return refused(error)
    return Response(content, media_type="application/json", headers=_HEADERS)


def rings(order: Order, found: Sequence[PartRow]) -> list[Ring]:
    """Of each part its corners; continuous across the 180th meridian."""
    made: dict[int, Ring] = {}
    for sheet in order.sheets:
        mine = [part for part in found if part.epsg == sheet.lattice.epsg]
        boxes = [box_of(part, sheet) for part in mine]
        made |= zip((part.number for part in mine), _corners(sheet.lattice, boxes), strict=True)
    return [made[part.number] for part in found]


def bounds_of(order: Order) -> list[list[float]]:
    """South-western and north-eastern corner of all tiles, latitude first; going on past the 180th meridian."""
    corners = []
    for sheet in order.sheets:
        west, south, east, north = sheet.rectangle.bounds_wgs84
        corners += [(south, west), (north, east + 360 if east < west else east)]
    latitudes, longitudes = zip(*corners, strict=True)
    return [[min(latitudes), min(longitudes)], [max(latitudes), max(longitudes)]]


def _corners(lattice: Lattice, boxes: Iterable[Box]) -> list[Ring]:
    """(m, 4), x, y, columns and rows in tiles → the corners of each."""
    x, y, columns, rows = np.array(list(boxes), float).reshape(-1, 4).T
    east, north = x + columns, y + rows
    across = lattice.x0 + np.stack([x, east, east, x], axis=1) * lattice.dx
    up = lattice.y0 + np.stack([y, y, north, north], axis=1) * lattice.dy
    longitudes, latitudes = to_wgs84(lattice.epsg, across.ravel(), up.ravel())
    places = np.stack([latitudes, longitudes], axis=1).round(_DECIMALS).reshape(-1, 4, 2).tolist()
    return [[(latitude, longitude) for latitude, longitude in ring] for ring in places]

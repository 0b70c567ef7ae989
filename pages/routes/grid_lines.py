"""Lines and numbers of a grid by addresses of their own: a browser gets them once, not with each click on the map."""

import json
from collections.abc import Callable

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pages.state.choices import make_grid
from pages.state.context import areas, outlines
from services.errors import AreaError, NinepatchError
from services.grid import Grid

GRIDS = "/grids/"
_DECIMALS = 5
"""Of a degree: 1 m."""
_HEADERS = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
"""The address names area and grid, and the lines follow from them."""


def grid_address(digest: str, spec: str) -> str:
    """Where a map's frame gets the lines, whatever the base path."""
    return f"../..{GRIDS}{digest}/{spec}.json"


def runs_address(digest: str, spec: str) -> str:
    """Where it gets which tiles there are."""
    return f"../..{GRIDS}{digest}/{spec}/runs.json"


def get_ready(digest: str, grid: Grid) -> None:
    """The lines of a grid at hand, before a map asks: a large area takes a second to read."""
    _lines(digest, grid.spec, lambda: grid)


def lines(request: Request) -> Response:
    """Lists of (latitude, longitude) as JSON, or why there are none; an area is known to who knows its digest."""
    return _answer(request, lambda digest, spec: _lines(digest, spec, lambda: _grid(digest, spec)))


def runs(request: Request) -> Response:
    """Tiles one above another, as x, first and last y, and the number of the first; as JSON, or why there are none."""
    return _answer(request, lambda digest, spec: json.dumps(_runs(_grid(digest, spec)), separators=(",", ":")).encode())


def _answer(request: Request, found: Callable[[str, str], bytes]) -> Response:
    digest, spec = request.path_params["digest"], request.path_params["spec"]
    if not areas().holds(digest):
        return PlainTextResponse("There is no such area; open the page again.", status_code=404)
    try:
        return Response(found(digest, spec), media_type="application/json", headers=_HEADERS)
    except NinepatchError as error:
        return PlainTextResponse(error.sentences, status_code=404)


def _runs(grid: Grid) -> list[list[int]]:
    first = np.flatnonzero(np.concatenate([[True], np.any(np.diff(grid.indices, axis=0) != (0, 1), axis=1)]))
    last = np.append(first[1:], len(grid)) - 1
    found: list[list[int]] = np.column_stack([grid.indices[first], grid.indices[last, 1], first]).tolist()
    return found


def _grid(digest: str, spec: str) -> Grid:
    aoi = areas().open(digest)
    if aoi is None:
        raise AreaError("The stored area is damaged: it cannot be read.", "Bring the area again.")
    return make_grid(aoi, spec)


def _lines(digest: str, spec: str, grid: Callable[[], Grid]) -> bytes:
    found: bytes = outlines().made(("lines", digest, spec), lambda: _written(grid()), len)
    return found


def _written(grid: Grid) -> bytes:
    rounded = [[(round(lat, _DECIMALS), round(lon, _DECIMALS)) for lat, lon in line] for line in grid.lines()]
    return json.dumps(rounded, separators=(",", ":")).encode()

"""Addresses of an order's files: those of the whole area, zips of all tiles, one tile, its program, and what failed."""

import re
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pages.routes.bundle import zip_answer
from pages.routes.orders.parts import ORDERS
from pages.routes.refusal import refused
from pages.routes.take import TIFF, attached, sent
from pages.state import base_path
from pages.state.context import product, settings
from services.errors import NinepatchError, OrderError
from services.grid import TileIndex
from services.mosaic import OUTPUTS, Gap, failures_csv, failures_geojson
from services.orders import Order, Sheet, gaps_of, made_area, made_tile, tile_files, whole_files

_PROGRAM, _FILE = "text/x-python; charset=utf-8", "application/octet-stream"
_TILE = re.compile(r"x(-?\d{1,7})_y(-?\d{1,7})")
_FAILURES: dict[str, tuple[str, Callable[[Sequence[Gap]], str]]] = {
    "failures.csv": ("text/csv; charset=utf-8", failures_csv),
    "failures.geojson": ("application/geo+json", failures_geojson),
}
"""By name: media type and writer."""


def file_address(key: str, name: str) -> str:
    """Where a browser gets a file of the whole area, the zip of an output's tiles, or what failed."""
    return f"{base_path.prefix()}{ORDERS}{key}/file/{name}"


def tile_address(key: str, epsg: int, index: TileIndex) -> str:
    """Where it gets the GeoTIFF of a tile."""
    return f"{base_path.prefix()}{ORDERS}{key}/tile/{epsg}/x{index.x}_y{index.y}.tif"


def program_address(key: str, epsg: int, index: TileIndex) -> str:
    """Where it gets the program that makes that tile again."""
    return f"{base_path.prefix()}{ORDERS}{key}/program/{epsg}/x{index.x}_y{index.y}.py"


def order_file(request: Request) -> Response:
    """One file, or a zip of many; no other file of the folder leaves."""
    from services.mosaic import bundle_of  # late: who starts needs none of its libraries

    key, name = request.path_params["id"], request.path_params["name"]
    try:
        if name in _FAILURES:
            return _failures(key, name)
        order, home = product().orders.get(key).order, settings().home
        path = made_area(order, home).folder / name
        if name in whole_files(order, home) and path.is_file():
            return sent(path, _FILE, f"{order.recipe.slug}_{name}")
        packed = name.removesuffix(".zip")
        if packed in whole_files(order, home):
            whole = bundle_of(path.parent, [packed])
        elif packed in order.outputs and not OUTPUTS[packed].write:
            whole = bundle_of(path.parent, tile_files(order, home, packed))
        else:
            return PlainTextResponse("There is no such file; open the order again.", status_code=404)
    except NinepatchError as error:
        return refused(error)
    return zip_answer(request, whole, f"{order.recipe.slug}_{name}")


def tile_file(request: Request) -> Response:
    """The GeoTIFF of a tile, where it is made."""
    try:
        order, sheet, index = _asked(request)
    except NinepatchError as error:
        return refused(error)
    path = made_tile(order, settings().home, sheet, index)
    if path is None:
        return PlainTextResponse("That tile is not made yet.", status_code=404)
    return sent(path, TIFF, f"{order.recipe_of(sheet, index).slug}.tif")


def program(request: Request) -> Response:
    """The program of a tile; it computes the tile once, for the checksum that the program ends with."""
    try:
        order, sheet, index = _asked(request)
        recipe = order.recipe_of(sheet, index)
        content = product().program(recipe)
    except NinepatchError as error:
        return refused(error)
    return attached(content.encode(), _PROGRAM, f"{recipe.slug}.py")


def _failures(key: str, name: str) -> Response:
    orders = product().orders
    media_type, written = _FAILURES[name]
    content = written(gaps_of(orders.report(key), orders.parts(key)))
    return attached(content.encode(), media_type, f"order_{key}_{name}")


def _asked(request: Request) -> tuple[Order, Sheet, TileIndex]:
    """Raises OrderError where there is no such order, or no such tile in it."""
    asked = request.path_params
    order = product().orders.get(asked["id"]).order
    sheet, found = order.sheet(asked["epsg"]), _TILE.fullmatch(asked["tile"])
    index = TileIndex(int(found[1]), int(found[2])) if found else None
    if index is None or index not in sheet.members:
        raise OrderError("The order has no such tile.", "Open the order's page, and choose one of its tiles.")
    return order, sheet, index

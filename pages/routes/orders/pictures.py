"""Addresses of what one sees of an order: the overview that grows, and its mosaic as map tiles."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pages.routes.orders.parts import ORDERS
from pages.routes.previews import kept_for
from pages.routes.refusal import refused
from pages.state import base_path
from pages.state.context import product, settings
from services.errors import NinepatchError
from services.orders import Order, made_area
from services.render import Provenance

SMALL = 480
"""Px of the longer side of an overview in a table, at most: twice what it has on the screen."""
_PNG = "image/png"
_HEADERS = {"X-Content-Type-Options": "nosniff"}


def overview_address(key: str, epsg: int, view: str, stamp: str, *, whole: bool = False, small: bool = False) -> str:
    """Where a browser gets the overview of a zone in a view; another `stamp` means that it has grown. Tiles that are to
    come are hatched unless it is the `whole`; a `small` one is for a table."""
    besides = ("&whole=1" if whole else "") + ("&small=1" if small else "")
    return f"{base_path.prefix()}{ORDERS}{key}/overview/{epsg}/{view}.png?v={stamp}{besides}"


def squares_address(key: str, epsg: int, view: str, stamp: str) -> str:
    """Where it gets each square of a zone's mosaic with every pixel; the viewer puts level, column and row in."""
    return f"{base_path.prefix()}{ORDERS}{key}/squares/{epsg}/{view}/{{square}}.png?v={stamp}"


def order_square(request: Request) -> Response:
    """One square of a zone's mosaic for the viewer, each pixel or each second, fourth and so on."""
    from services.mosaic import best_file, viewer_tile  # as below

    asked = request.path_params
    try:
        sets = made_area(product().orders.get(asked["id"]).order, settings().home).sets
        paths = [path for tiles in sets if tiles.epsg == asked["epsg"] and (path := best_file(tiles)) is not None]
        if not paths:
            return PlainTextResponse("There is no mosaic of that zone.", status_code=404)
        content = viewer_tile(paths[0], asked["view"], asked["level"], asked["column"], asked["row"])
    except NinepatchError as error:
        return refused(error)
    return Response(content, media_type=_PNG, headers=_HEADERS | kept_for(request))


def overview(request: Request) -> Response:
    """The picture of all tiles that are made, small."""
    from services.mosaic import Overview  # GDAL, which only those need who see pictures

    asked = request.path_params
    try:
        order = product().orders.get(asked["id"]).order
        sets = {tiles.epsg: tiles for tiles in made_area(order, settings().home).sets}
        if asked["epsg"] not in sets:
            return PlainTextResponse("The order has no tiles in that zone.", status_code=404)
        grown = Overview(sets[asked["epsg"]])
        grown.grow()
        hatch = "whole" not in request.query_params
        size = {"side": SMALL} if "small" in request.query_params else {}
        content = grown.picture(asked["view"], provenance_of(order), hatch=hatch, **size)
    except NinepatchError as error:
        return refused(error)
    return Response(content, media_type=_PNG, headers=_HEADERS | kept_for(request))


def order_tile(request: Request) -> Response:
    """One square of a web map, of the mosaics of all zones; virtual ones while the order grows."""
    from services.mosaic import best_file, map_tile

    asked = request.path_params
    try:
        sets = made_area(product().orders.get(asked["id"]).order, settings().home).sets
        paths = [path for path in map(best_file, sets) if path is not None]
        if not paths:
            return PlainTextResponse("There is no mosaic yet.", status_code=404)
        content = map_tile(paths, asked["view"], asked["z"], asked["x"], asked["y"])
    except NinepatchError as error:
        return refused(error)
    return Response(content, media_type=_PNG, headers=_HEADERS | kept_for(request))


def provenance_of(order: Order) -> Provenance:
    """What is told of the pixels. Raises RecipeError where the provider is not known here."""
    recipe, provider = order.recipe, product().provider(order.recipe)
    years = range(recipe.interval.start.year, recipe.interval.last.year + 1)
    return Provenance(recipe, provider.title, provider.attribution(years), provider.simulated)

"""Addresses of map tiles: the mosaic of a result, in a view, for any map."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pages.routes.previews import kept_for
from pages.routes.refusal import refused
from pages.state.context import product
from services.errors import NinepatchError
from services.export import MOSAIC

_HEADERS = {"X-Content-Type-Options": "nosniff"}


def picture_tile(request: Request) -> Response:
    """One tile, or why there is none; who may see the result may see its tiles."""
    from services.export import tile  # a second of imports, which only a map needs

    asked = request.path_params
    path = product().results.file(asked["digest"], MOSAIC)
    if path is None:
        return PlainTextResponse("There is no such picture; open the result again.", status_code=404)
    try:
        content = tile(path, asked["view"], asked["z"], asked["x"], asked["y"])
    except NinepatchError as error:
        return refused(error)
    return Response(content, media_type="image/png", headers=_HEADERS | kept_for(request))

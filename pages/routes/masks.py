"""Addresses of one date with what a mask takes out of it, made of the cache."""

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from pages.routes.previews import PICTURE_HEADERS, kept_for
from pages.routes.refusal import refused
from pages.state.choices import choices_of
from pages.state.context import product
from services.errors import NinepatchError

MASKED = "/masked/"
SIDE = 500
"""Longest side of the picture, px: three beside each other on a screen of usual size."""


def masked(request: Request) -> Response:
    """The date at the place of a link, by the mask of the link."""
    chosen, _ = choices_of(dict(request.query_params))
    try:
        recipe = chosen.recipe()
        found = (product().known(recipe) or ()) if recipe else ()
        key = request.path_params["acquisition"]
        one = next((acquisition for acquisition in found if acquisition.key == key), None)
        path = product().mask_comparison.picture(recipe, one, SIDE) if recipe and one else None
    except NinepatchError as error:
        return refused(error)
    if path is None:
        return PlainTextResponse("The date is not in the cache.", status_code=404)
    headers = PICTURE_HEADERS | kept_for(request)
    return FileResponse(path, headers=headers, media_type="image/png", stat_result=path.stat())

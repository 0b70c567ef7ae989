"""Addresses of previews: pictures that were made of the cache for a page, streamed from disk."""

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from pages.routes.refusal import refused
from pages.state import base_path
from pages.state.choices import choices_of
from pages.state.context import product
from services.errors import NinepatchError
from services.preview import Preview
from services.render import view_named

PREVIEWS, FACES = "/sketches/", "/faces/"
FACE = 120
"""Longest side of the small picture of one date, px."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


def kept_for(request: Request) -> dict[str, str]:
    """A browser keeps for a day what has an address that changes with the content (`v=`); it asks again for others."""
    return {"Cache-Control": "private, max-age=86400" if "v" in request.query_params else "private, no-cache"}


def preview_address(preview: Preview, name: str) -> str:
    """Where a browser gets a picture of a preview."""
    return f"{base_path.prefix()}{PREVIEWS}{preview.digest}/{name}?v={preview.stamp}"


def preview(request: Request) -> Response:
    """One picture."""
    path = product().previews.file(request.path_params["digest"], request.path_params["name"])
    if path is None:
        return PlainTextResponse("There is no such picture; open the page again.", status_code=404)
    return FileResponse(path, headers=_HEADERS | kept_for(request), media_type="image/png", stat_result=path.stat())


def face(request: Request) -> Response:
    """The small picture of one date, at the place of a link; made of the cache at the first time."""
    chosen, _ = choices_of(dict(request.query_params))
    try:
        recipe = chosen.recipe()
        if recipe is None:
            return PlainTextResponse("The address names no area.", status_code=404)
        shown = view_named(chosen.view, recipe.bands).name
        path = product().preview_service.thumbnail(recipe, request.path_params["acquisition"], shown, FACE)
    except NinepatchError as error:
        return refused(error)
    if path is None:
        return PlainTextResponse("The date is not in the cache.", status_code=404)
    return FileResponse(path, headers=_HEADERS | kept_for(request), media_type="image/png", stat_result=path.stat())

"""Addresses of previews: pictures that were made of the cache for a page, streamed from disk."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from pages.routes.refusal import refused
from pages.state import base_path
from pages.state.choices import choices_of
from pages.state.context import product
from services.cache import MissingFrame
from services.errors import NinepatchError
from services.preview import MOST_SIDE, Preview
from services.render import view_named

PREVIEWS, FACES, WHOLE = "/sketches/", "/faces/", "/whole.png"
FACE = 120
"""Longest side of the small picture of one date, px."""
LARGE = 720
"""The same of the large one."""
MEDIA_TYPES = {
    ".png": "image/png",
    ".json": "application/json",
    ".tif": "image/tiff; application=geotiff; profile=cloud-optimized",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
}
"""Of the files that lie among the previews."""
PICTURE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


def kept_for(request: Request) -> dict[str, str]:
    """A browser keeps for a day what has an address that changes with the content (`v=`); it asks again for others."""
    return {"Cache-Control": "private, max-age=86400" if "v" in request.query_params else "private, no-cache"}


def preview_address(preview: Preview, name: str) -> str:
    """Where a browser gets a picture of a preview."""
    return f"{base_path.prefix()}{PREVIEWS}{preview.digest}/{name}?v={preview.stamp}"


def whole_address(preview: Preview, question: Mapping[str, str]) -> str:
    """Where a browser gets the same with every pixel; `question` is the link of its choices. Empty where it has them
    all, or no larger one is made."""
    if preview.step == 1:
        return ""
    return f"{base_path.prefix()}{WHOLE}?{urlencode({**question, 'v': preview.stamp})}"


def preview(request: Request) -> Response:
    """One picture."""
    path = product().previews.file(request.path_params["digest"], request.path_params["name"])
    if path is None:
        return PlainTextResponse("There is no such picture; open the page again.", status_code=404)
    return _picture(request, path)


def whole(request: Request) -> Response:
    """The picture of a link with every pixel, or as many as are made of it; of the dates that are in the cache."""
    chosen, _ = choices_of(dict(request.query_params))
    service = product().preview_service
    try:
        recipe = chosen.recipe()
        if recipe is None:
            return PlainTextResponse("The address names no area.", status_code=404)
        shown = view_named(chosen.view, recipe.bands).name
        try:
            made = service.preview(recipe, shown, MOST_SIDE)
        except MissingFrame:
            drawable = service.drawable(recipe, shown)
            if drawable is None:
                raise
            made = service.preview(drawable.recipe, shown, MOST_SIDE)
    except NinepatchError as error:
        return refused(error)
    path = product().previews.file(made.digest, made.picture)
    return _picture(request, path) if path is not None else PlainTextResponse("Ask for it again.", status_code=404)


def face(request: Request) -> Response:
    """The picture of one date, small or large, at the place of a link; made of the cache at the first time."""
    chosen, _ = choices_of(dict(request.query_params))
    try:
        recipe = chosen.recipe()
        if recipe is None:
            return PlainTextResponse("The address names no area.", status_code=404)
        shown = view_named(chosen.view, recipe.bands).name
        side = LARGE if "large" in request.query_params else FACE
        path = product().preview_service.thumbnail(recipe, request.path_params["acquisition"], shown, side)
    except NinepatchError as error:
        return refused(error)
    if path is None:
        return PlainTextResponse("The date is not in the cache.", status_code=404)
    return _picture(request, path)


def _picture(request: Request, path: Path) -> Response:
    headers = PICTURE_HEADERS | kept_for(request)
    return FileResponse(path, headers=headers, media_type=MEDIA_TYPES[path.suffix], stat_result=path.stat())

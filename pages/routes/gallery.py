"""Small pictures of the gallery: of a result's files while they are there, else of what the cache has."""

import io
from pathlib import Path

from PIL import Image as Pillow
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pages.routes.previews import kept_for
from pages.routes.refusal import refused
from pages.state import base_path
from pages.state.context import gallery, product
from services.cache import MissingFrame
from services.errors import NinepatchError, NoDataError
from services.export import PICTURE
from services.gallery import Entry
from services.recipe import Recipe
from services.render import default_view, view_named

PICTURES = "/gallery-pictures/"
SIDE = 360
"""Longest side, px: twice what a card shows on a phone."""
_QUALITY = 82
"""Of WebP, 0 to 100: about 20 kB a picture."""
_HEADERS = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}
_ABSENT = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 180 180"><path d="M1 1h178v178H1zM60 1v178M120 1v178M1 60h178'
    'M1 120h178" fill="none" stroke="#8a949b" stroke-dasharray="3 5"/></svg>'
)
"""In the place of a picture that can be drawn only when it is fetched again."""


def picture_address(entry: Entry) -> str:
    """Where a browser gets the picture of an entry; another address once its result was made anew."""
    stamp = product().results.stamp(entry.digest, PICTURE)
    return f"{base_path.prefix()}{PICTURES}{entry.id}.webp" + (f"?v={stamp}" if stamp else "")


def thumbnail(request: Request) -> Response:
    """The picture of an entry."""
    entry = gallery().find(request.path_params["id"])
    if entry is None:
        return PlainTextResponse("There is no such picture in the gallery.", status_code=404)
    try:
        path = _source(entry)
    except (MissingFrame, NoDataError):
        path = None
    except NinepatchError as error:
        return refused(error)
    if path is None:
        return Response(_ABSENT, headers=_HEADERS | {"Cache-Control": "no-cache"}, media_type="image/svg+xml")
    return Response(_small(path), headers=_HEADERS | kept_for(request), media_type="image/webp")


def _source(entry: Entry) -> Path | None:
    """Its file, or None where the cache has nothing of it. Raises RecipeError, MissingFrame and NoDataError."""
    recipe = Recipe.from_json(entry.recipe)
    usual, results, service = default_view(recipe.bands).name, product().results, product().preview_service
    view = view_named(entry.view or usual, recipe.bands).name
    made = results.file(entry.digest, PICTURE) if view == usual else None
    if made is not None or product().known(recipe) is None:
        return made
    part = service.drawable(recipe, view)
    if part is None:
        return None
    drawn = service.preview(part.recipe, view, SIDE)
    return product().previews.file(drawn.digest, drawn.picture)


def _small(path: Path) -> bytes:
    written = io.BytesIO()
    with Pillow.open(path) as picture:
        small = picture.convert("RGBA")
        small.thumbnail((SIDE, SIDE))
        small.save(written, "WEBP", quality=_QUALITY)
    return written.getvalue()

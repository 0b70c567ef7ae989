"""Addresses of what one sees on a page, as files: a view as picture, GeoTIFF and figure; made of the cache alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from pages.routes.refusal import refused
from pages.state import base_path
from pages.state.choices import choices_of
from pages.state.context import product
from services.errors import NinepatchError, RecipeError
from services.preview import Pixels
from services.recipe import Recipe
from services.render import View, render_picture, view_named

TAKE = "/take/"
PNG, TIFF = "image/png", "image/tiff; application=geotiff; profile=cloud-optimized"
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
Fill = Callable[[Pixels, Path], object]


@dataclass(frozen=True)
class Kind:
    """A file of a view."""

    ending: str
    """Of its name."""
    media_type: str
    fill: Fill
    """Writes it."""
    index: bool = False
    """Whether only the view of an index has it."""


def take_address(name: str, question: Mapping[str, str]) -> str:
    """Where a browser gets the view of the choices of a link; `name` is in KINDS."""
    return f"{base_path.prefix()}{TAKE}{name}?{urlencode(question)}"


def file_name(recipe: Recipe, view: View, name: str) -> str:
    """What the user's disk sees."""
    return f"{recipe.slug}_{view.slug}{KINDS[name].ending}"


def take(request: Request) -> Response:
    """One file, under its name."""
    name = request.path_params["name"]
    if name not in KINDS:
        return PlainTextResponse("There is no such file.", status_code=404)
    kind = KINDS[name]
    try:
        recipe, view = _asked(request.query_params)
        if kind.index and view.index is None:
            raise RecipeError(f"{view.title} is made of colours, not of numbers.", "Choose an index.")
        path = product().preview_service.file_of(recipe, view.name, f"-view{kind.ending}", kind.fill)
    except NinepatchError as error:
        return refused(error)
    return sent(path, kind.media_type, file_name(recipe, view, name))


def sent(path: Path, media_type: str, name: str) -> Response:
    """A file that a browser keeps under that name."""
    return FileResponse(path, headers=_HEADERS, media_type=media_type, filename=name, stat_result=path.stat())


def attached(content: bytes, media_type: str, name: str) -> Response:
    """The same of what is in memory."""
    headers = _HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type=media_type)


def _asked(texts: Mapping[str, str]) -> tuple[Recipe, View]:
    """The whole question; a file of another one than was meant would be taken for it. Raises what is wrong."""
    chosen, problems = choices_of(dict(texts))
    if problems:
        raise problems[0]
    recipe = chosen.recipe()
    if recipe is None:
        raise RecipeError("The address names no area.", "Open the page of the results again.")
    return recipe, view_named(chosen.view, recipe.bands)


def _picture(pixels: Pixels, path: Path) -> None:
    render_picture(pixels.image, path, pixels.provenance, pixels.view)


def _colours(pixels: Pixels, path: Path) -> None:
    from services.export import write_view_cog  # GDAL, which only those need who make files

    write_view_cog(path, pixels.image, pixels.view, pixels.provenance)


def _values(pixels: Pixels, path: Path) -> None:
    from services.export import index_values, write_values_cog

    if pixels.view.index is None:
        raise ValueError(f"the view {pixels.view.name} has no index")
    values = index_values(pixels.image, pixels.view.index)
    tags = pixels.provenance.tags(pixels.image.dates) | {"DEFINITION": pixels.provenance.method.index}
    write_values_cog(path, pixels.image, values, tags)


def _figure(pixels: Pixels, path: Path) -> None:
    from services.render import draw_figure  # matplotlib, for the figure alone

    draw_figure(pixels.image, path, pixels.provenance, pixels.view)


KINDS = {
    "view.png": Kind(".png", PNG, _picture),
    "view.tif": Kind(".tif", TIFF, _colours),
    "values.tif": Kind("_values.tif", TIFF, _values, index=True),
    "figure.png": Kind("_figure.png", PNG, _figure),
}
"""By the last part of the address."""

"""Addresses of series as tables: of a pixel, and of a polygon; made of the cache alone."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pages.routes.refusal import refused
from pages.state import base_path
from pages.state.choices import Choices, choices_of
from pages.state.context import product, settings
from services.area import parse_aoi
from services.errors import NinepatchError, RecipeError
from services.recipe import Recipe
from services.series import quantity_named

SERIES = "/series/"
LONGEST = 8000
"""Characters of a polygon in an address; a browser and a proxy in front take twice as many."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


def series_address(chosen: Choices, quantity: str, easting: float, northing: float) -> str:
    """Where a browser gets the series of the pixel under a point in metres of the recipe's zone, as CSV."""
    query = urlencode({**chosen.question(), "quantity": quantity, "at": f"{easting:.3f},{northing:.3f}"})
    return f"{base_path.prefix()}{SERIES}pixel.csv?{query}"


def series(request: Request) -> Response:
    """One table."""
    name, texts = request.path_params["name"], dict(request.query_params)
    if name not in _TABLES:
        return PlainTextResponse("There is no such table.", status_code=404)
    make, kind = _TABLES[name]
    try:
        recipe = _recipe(texts)
        quantity = texts.get("quantity", "")
        content = make(recipe, quantity, texts)
    except NinepatchError as error:
        return refused(error)
    stem, _, suffix = name.partition(".")
    file = f"{recipe.slug}_{quantity_named(quantity, recipe.bands).slug}_{stem}.{suffix}"
    return Response(
        content, headers=_HEADERS | {"Content-Disposition": f'attachment; filename="{file}"'}, media_type=kind
    )


def _recipe(texts: Mapping[str, str]) -> Recipe:
    """The whole question; a table of another one than was meant would be taken for it. Raises what is wrong."""
    chosen, problems = choices_of(texts)
    if problems:
        raise problems[0]
    recipe = chosen.recipe()
    if recipe is None:
        raise RecipeError("The address names no area.", "Open the page of the results again.")
    return recipe


def _pixel(recipe: Recipe, quantity: str, texts: Mapping[str, str]) -> str:
    match = re.fullmatch(r"(-?\d{1,9}(?:\.\d{1,6})?),(-?\d{1,9}(?:\.\d{1,6})?)", texts.get("at", ""))
    if match is None:
        raise RecipeError("The address names no point.", "Give at=easting,northing in metres of the picture's zone.")
    return product().series_service.pixel_series(recipe, float(match[1]), float(match[2]), quantity).to_csv()


def _polygon(recipe: Recipe, quantity: str, texts: Mapping[str, str]) -> str:
    text = texts.get("polygon", "")
    if len(text) > LONGEST:
        raise RecipeError(f"The polygon has {len(text):,} characters; at most {LONGEST:,} fit.", "Bring it as a file.")
    aoi = parse_aoi(text, limits=settings())
    polygon = aoi.drawn(recipe.lattice.epsg)
    return product().series_service.polygon_series(recipe, polygon, quantity, aoi.name).to_csv()


_CSV = "text/csv; charset=utf-8"
_TABLES: dict[str, tuple[Callable[[Recipe, str, Mapping[str, str]], str], str]] = {
    "pixel.csv": (_pixel, _CSV),
    "polygon.csv": (_polygon, _CSV),
}
"""By the last part of the address: what makes it, and its media type."""

"""Addresses of series as tables: of a pixel, of a polygon, and of the features of a file; made of the cache alone."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pages.routes.refusal import refused
from pages.state import base_path
from pages.state.choices import Choices, choices_of
from pages.state.context import outlines, product, settings
from services.area import Part, parse_aoi
from services.errors import NinepatchError, RecipeError
from services.recipe import Recipe
from services.series import quantity_named

SERIES = "/series/"
LONGEST = 8000
"""Characters of a polygon in an address; a browser and a proxy in front take twice as many."""
PARQUET = "application/vnd.apache.parquet"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
_POINT_BYTES = 200
"""Of a position, in memory."""


def series_address(chosen: Choices, quantity: str, easting: float, northing: float) -> str:
    """Where a browser gets the series of the pixel under a point in metres of the recipe's zone, as CSV."""
    return _address("pixel.csv", chosen, quantity, {"at": f"{easting:.3f},{northing:.3f}"})


def polygon_address(chosen: Choices, quantity: str, polygon: str) -> str:
    """The same of a polygon in longitude and latitude: a text of LONGEST characters at most that `parse_aoi` reads."""
    return _address("polygon.csv", chosen, quantity, {"polygon": polygon})


def polygons_address(chosen: Choices, quantity: str, parts: str, kind: str = "csv") -> str:
    """The same of the features of a file that `keep_parts` has given a name; `kind` is `csv` or `parquet`."""
    return _address(f"polygons.{kind}", chosen, quantity, {"parts": parts})


def keep_parts(parts: Sequence[Part]) -> str:
    """Keep the features of a file in memory, as long as there is room; the name by which an address means them."""
    named = [f"{part.name}|{part.reason}|{part.aoi.polygons_text if part.aoi else ''}" for part in parts]
    digest = hashlib.sha256("\n".join(named).encode()).hexdigest()[:16]
    positions = sum(part.aoi.vertices for part in parts if part.aoi)
    outlines().put(("parts", digest), tuple(parts), _POINT_BYTES * (positions + len(parts)))
    return digest


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


def _address(name: str, chosen: Choices, quantity: str, more: Mapping[str, str]) -> str:
    query = urlencode({**chosen.question(), "quantity": quantity, **more})
    return f"{base_path.prefix()}{SERIES}{name}?{query}"


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


def _parts(texts: Mapping[str, str]) -> tuple[Part, ...]:
    kept: tuple[Part, ...] | None = outlines().get(("parts", texts.get("parts", "")))
    if kept is None:
        raise RecipeError("The features of that file are no longer here.", "Bring the file again.")
    return kept


def _polygons_csv(recipe: Recipe, quantity: str, texts: Mapping[str, str]) -> str:
    return product().series_service.many(recipe, _parts(texts), quantity).to_csv()


def _polygons_parquet(recipe: Recipe, quantity: str, texts: Mapping[str, str]) -> bytes:
    return product().series_service.many(recipe, _parts(texts), quantity).to_geoparquet()


_CSV = "text/csv; charset=utf-8"
_TABLES: dict[str, tuple[Callable[[Recipe, str, Mapping[str, str]], str | bytes], str]] = {
    "pixel.csv": (_pixel, _CSV),
    "polygon.csv": (_polygon, _CSV),
    "polygons.csv": (_polygons_csv, _CSV),
    "polygons.parquet": (_polygons_parquet, PARQUET),
}
"""By the last part of the address: what makes it, and its media type."""

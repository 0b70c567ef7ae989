"""Addresses of what Compare shows, as files: the difference of two pictures, and the table as one picture."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pages.routes.refusal import refused
from pages.routes.take import PNG, TAKE, TIFF, attached, sent
from pages.state import base_path
from pages.state.choices import Choices, choices_of
from pages.state.comparison import Comparison, comparison_of, possible_sources, recipe_in
from pages.state.context import product
from services.cache import MissingFrame
from services.compare import Cell, Pair, comparison_matrix, difference_file, evened, matrix_picture, of_two_sources
from services.errors import NinepatchError, RecipeError
from services.preview import MOST_SIDE
from services.recipe import Recipe, Variant
from services.render import Quantity, View, quantities, view_named

COMPARED = f"{TAKE}compared/"
MATRIX, DIFFERENCE, VALUES = "matrix.png", "difference.png", "difference.tif"


def compared_address(name: str, question: Mapping[str, str]) -> str:
    """Where a browser gets it; `question` is the link of the choices and of the comparison."""
    return f"{base_path.prefix()}{COMPARED}{name}?{urlencode(question)}"


def subtracted(left: Cell, right: Cell, view: View, now: Comparison, px: int = 1000) -> Pair:
    """The difference that is asked for; between two sources every difference counts, for neither noise nor season
    differ."""
    k = 0.0 if of_two_sources(left, right) else now.k
    return Pair(left, right, quantity_of(now.quantity, view, left.recipe.bands), k, px)


def quantity_of(name: str, view: View, bands: tuple[str, ...]) -> Quantity:
    """What is subtracted: what is chosen, else what the view shows, else the first band."""
    possible = {one.name: one for one in quantities(bands, view)}
    shown = view.index.name if view.index else ""
    return next(one for key in (name, shown, *view.bands, *possible) if (one := possible.get(key)) is not None)


def matrix_name(recipe: Recipe, view: View) -> str:
    """Of the file, on the user's disk."""
    return f"{recipe.slug}_{view.slug}_matrix.png"


def difference_name(pair: Pair, ending: str) -> str:
    """The same of a difference: `…_2018_cc20_minus_2017_cc10_ndvi.tif`."""
    left = pair.left.variant
    source = f"_{left.provider}" if left.provider else ""
    return f"{pair.right.recipe.slug}_minus_{left.year}_cc{left.maxcc:02d}{source}_{pair.quantity.slug}{ending}"


def take_compared(request: Request) -> Response:
    """One file, under its name."""
    name, texts = request.path_params["name"], dict(request.query_params)
    if name not in (MATRIX, DIFFERENCE, VALUES):
        return PlainTextResponse("There is no such file.", status_code=404)
    try:
        chosen, now, recipe = _asked(texts)
        view = view_named(chosen.view, recipe.bands)
        if name == MATRIX:
            return _matrix(chosen, now, recipe, view)
        pair = _pair(chosen, now, view)
        path = difference_file(product(), pair, Path(name).suffix)
    except NinepatchError as error:
        return refused(error)
    return sent(path, PNG if name == DIFFERENCE else TIFF, difference_name(pair, Path(name).suffix))


def _asked(texts: Mapping[str, str]) -> tuple[Choices, Comparison, Recipe]:
    """The whole question. Raises what is wrong with it."""
    chosen, problems = choices_of(texts)
    now, others = comparison_of(texts)
    for problem in (*problems, *others):
        raise problem
    recipe = chosen.recipe()
    if recipe is None:
        raise RecipeError("The address names no area.", "Open the page of the comparison again.")
    return chosen, now, recipe


def _matrix(chosen: Choices, now: Comparison, recipe: Recipe, view: View) -> Response:
    """Made anew each time, of pictures that are there."""
    sources = [possible_sources()[name] for name in now.sources]
    years = now.rows(chosen)
    whole = recipe_in(chosen, years[0])
    if whole is None:
        raise RecipeError("The address names no area.", "Open the page of the comparison again.")
    matrix = comparison_matrix(product(), whole, years, now.columns(chosen), view.name, sources=sources)
    with TemporaryDirectory() as folder:
        path = Path(folder) / MATRIX
        matrix_picture(product(), matrix, path)
        return attached(path.read_bytes(), PNG, matrix_name(recipe, view))


def _pair(chosen: Choices, now: Comparison, view: View) -> Pair:
    places = now.shown(chosen)
    if len(places) != 2:
        raise RecipeError(f"A difference is of two pictures, got {len(places)}.", "Choose two in the table.")
    left, right = (_cell(chosen, place, view) for place in places)
    for cell in (left, right):
        if not cell.kept:
            raise MissingFrame(f"{cell.name} is not in the cache.", "Fetch it in the table.")
    return subtracted(*(evened(left, right) if now.equal else (left, right)), view, now, MOST_SIDE)


def _cell(chosen: Choices, place: Variant, view: View) -> Cell:
    recipe = recipe_in(chosen, place.year)
    if recipe is None:
        raise RecipeError("The address names no area.", "Open the page of the comparison again.")
    sources = [possible_sources()[place.provider]] if place.provider else []
    made = comparison_matrix(product(), recipe, [place.year], [place.maxcc], view.name, sources=sources, drawn=False)
    return made.cells[0]

"""The picture of the present choices, made of the cache at the moment: nothing is asked for and nothing is paid."""

from collections.abc import Callable

from pages.components.inspect.look import LargePicture
from pages.components.results.pictures import (
    caption,
    counts_legend,
    counts_words,
    numbers,
    picture_words,
    side_by_side,
    title_of,
)
from pages.components.shared.format import percent
from pages.components.shared.legends import scale
from pages.components.shared.picture_html import PictureHtml
from pages.components.shared.viewer import Picture
from pages.limits import patience
from pages.routes.previews import preview_address, whole_address
from pages.state import session
from pages.state.context import product
from services.cache import MissingFrame
from services.export import Result
from services.preview import MOST_SIDE, Drawable, Preview, raster, step_for
from services.recipe import Recipe
from services.render import View, legend

SIDE = 1000
"""Longest side of the large picture as it is shown at once, px: more than it has on a screen of usual size."""
LOW = 3
"""Fewer clear observations than that are hatched, as `services.render` draws them."""


def preview_of(recipe: Recipe, view: View) -> Preview | None:
    """None where the cache lacks something of it. Raises NoDataError where the limit keeps nothing, and StillDrawing
    where it is not drawn in time."""
    try:
        return product().preview_service.preview(recipe, view.name, SIDE, with_counts=True, patience=patience())
    except MissingFrame:
        return None


def part_of(recipe: Recipe, view: View) -> tuple[Preview, Drawable] | None:
    """The picture of the dates that are here; None where none is, or the cache has just lost one.
    Raises StillDrawing."""
    try:
        part = product().preview_service.drawable(recipe, view.name)
        made = preview_of(part.recipe, view) if part is not None else None
    except MissingFrame:
        return None
    return (made, part) if made is not None and part is not None else None


def preview_picture(
    preview: Preview,
    recipe: Recipe,
    view: View,
    *,
    drawn: Recipe | None = None,
    result: Result | None = None,
    above: Callable[[], None] | None = None,
) -> None:
    """The picture with all that is told of it, see `side_by_side`."""
    colours = legend(view)
    key = f'<span class="np-key">{scale(colours, view.label)}</span>' if colours else ""
    source, words = preview_address(preview, preview.picture), words_of_preview(preview, recipe, view)
    picture = Picture(source, words, title_of(recipe), full=whole_address(preview, session.address()))
    height, width = raster(recipe, step_for(recipe, MOST_SIDE)).shape
    large = LargePicture(picture, (width, height), caption(recipe, preview.attribution, key))
    source, words = preview_address(preview, preview.counts), observations_words(preview)
    small = PictureHtml("np-counts", source, words, preview.width, preview.height, counts_legend(preview.numbers))
    facts = preview_numbers(preview, recipe, view)
    side_by_side(large, small, facts, recipe, view, drawn=drawn, result=result, above=above)


def preview_numbers(preview: Preview, recipe: Recipe, view: View) -> tuple[tuple[str, str], ...]:
    """Label and value."""
    dates, *others = numbers(preview.numbers, recipe)
    left_out = (("Excluded", f"{len(recipe.vetoes)} by hand"),) if recipe.vetoes else ()
    shown = "every pixel" if preview.step == 1 else f"every {preview.step}. pixel; the files have all"
    return dates, *left_out, *others, ("Shown", f"{view.words}; {shown}")


def in_short(preview: Preview, part: Drawable | None = None) -> str:
    """`23 of 71 dates, 1.2 % without data`; of a part `9 of 10 dates are here, 1.2 % without data`."""
    told = preview.numbers
    if part is not None:
        return f"{part.here} of {part.kept} dates are here, {percent(told.no_data)} without data"
    return f"{told.dates} of {told.acquisitions} dates, {percent(told.no_data)} without data"


def words_of_preview(preview: Preview, recipe: Recipe, view: View) -> str:
    """What one who does not see it is told."""
    return picture_words(preview.numbers, recipe, f", {view.label}", simulated=preview.simulated)


def observations_words(preview: Preview) -> str:
    """The same of the count of clear observations."""
    return f"{counts_words(preview.numbers)}; fewer than {LOW} are hatched."

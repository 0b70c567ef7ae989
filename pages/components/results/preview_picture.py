"""The picture of the present choices, made of the cache at the moment: nothing is asked for and nothing is paid."""

from pages.components.results.pictures import caption, counts_legend, counts_words, numbers, picture_words, side_by_side
from pages.components.shared.format import percent
from pages.components.shared.legends import scale
from pages.components.shared.picture_html import PictureHtml
from pages.routes.previews import preview_address
from pages.state.context import product
from services.cache import MissingFrame
from services.export import Result
from services.preview import Preview
from services.recipe import Recipe
from services.render import View, legend

SIDE = 1000
"""Longest side of the large picture, px: more than it has on a screen of usual size."""
LOW = 3
"""Fewer clear observations than that are hatched, as `services.render` draws them."""


def preview_of(recipe: Recipe, view: View) -> Preview | None:
    """None where the cache lacks something of it. Raises NoDataError where the limit keeps nothing."""
    try:
        return product().preview_service.preview(recipe, view.name, SIDE, with_counts=True)
    except MissingFrame:
        return None


def preview_picture(preview: Preview, recipe: Recipe, view: View, result: Result | None = None) -> None:
    """The picture large, its count of clear observations beside it, and the numbers that one wants before one trusts
    it; what it cost where its files are made."""
    size, side, told = (preview.width, preview.height), recipe.neighbourhood.side, preview.numbers
    colours = legend(view)
    key = f'<span class="np-key">{scale(colours, view.label)}</span>' if colours else ""
    source, under = preview_address(preview, preview.picture), caption(recipe, preview.attribution, key)
    words = words_of_preview(preview, recipe, view)
    large = PictureHtml("np-picture", source, words, *size, side, under, lined=True)
    source, words = preview_address(preview, preview.counts), observations_words(preview)
    small = PictureHtml("np-counts", source, words, *size, side, counts_legend(told))
    side_by_side(large, small, preview_numbers(preview, recipe, view), recipe, result)


def preview_numbers(preview: Preview, recipe: Recipe, view: View) -> tuple[tuple[str, str], ...]:
    """Label and value."""
    dates, *others = numbers(preview.numbers, recipe)
    left_out = (("Excluded", f"{len(recipe.vetoes)} by hand"),) if recipe.vetoes else ()
    shown = "every pixel" if preview.step == 1 else f"every {preview.step}. pixel; the files have all"
    return dates, *left_out, *others, ("Shown", f"{view.words}; {shown}")


def in_short(preview: Preview) -> str:
    """`23 of 71 dates, 1.2 % without data`."""
    told = preview.numbers
    return f"{told.dates} of {told.acquisitions} dates, {percent(told.no_data)} without data"


def words_of_preview(preview: Preview, recipe: Recipe, view: View) -> str:
    """What one who does not see it is told."""
    return picture_words(preview.numbers, recipe, f", {view.label}", simulated=preview.simulated)


def observations_words(preview: Preview) -> str:
    """The same of the count of clear observations."""
    return f"{counts_words(preview.numbers)}; fewer than {LOW} are hatched."

"""A picture large, its count of clear observations beside it, and its numbers; and so a finished result."""

from collections.abc import Callable, Iterable, Sequence
from html import escape

import streamlit as st

from pages.components.inspect.look import LargePicture, looked_into
from pages.components.inspect.panel import inspect_panel
from pages.components.inspect.polygon_file import polygon_file
from pages.components.results.progress import asked_again
from pages.components.shared.definition_list import definition_list
from pages.components.shared.format import angles_line, percent
from pages.components.shared.html_table import html_table
from pages.components.shared.legends import counts_ramp
from pages.components.shared.picture_html import PictureHtml, picture_html
from pages.components.shared.viewer import Picture
from pages.routes.files import address
from pages.state.context import jobs, product
from services.catalogue import SourceProduct
from services.export import COUNTS, PICTURE, Observation, Result
from services.plan import Cost
from services.preview import Numbers
from services.recipe import DATE_RULES, MASKS, PROCESSINGS, Recipe
from services.render import View, default_view, products_in_short
from services.text import megabytes

Counted = Result | Numbers
"""What is counted of a picture: of a result, or of a preview."""


def pictures(result: Result, digest: str) -> None:
    """Both pictures, north up, from our own route, and the numbers. Every picture says where its pixels are from."""
    recipe = Recipe.from_dict(result.recipe)
    words = picture_words(result, recipe, " in true colour", simulated=result.simulated)
    size = result.width, result.height
    picture = Picture(_source(result, digest, PICTURE), words, title_of(recipe))
    large = LargePicture(picture, size, caption(recipe, result.attribution))
    source, words = _source(result, digest, COUNTS), f"{counts_words(result)}."
    small = PictureHtml("np-counts", source, words, *size, counts_legend(result))
    px = f"{result.width:,} × {result.height:,} px, EPSG:{recipe.lattice.epsg}"
    told = (*numbers(result, recipe), ("Size", px))
    side_by_side(large, small, told, recipe, default_view(recipe.bands), result=result)


def side_by_side(
    large: LargePicture,
    small: PictureHtml,
    told: Iterable[tuple[str, str]],
    recipe: Recipe,
    view: View,
    *,
    drawn: Recipe | None = None,
    result: Result | None = None,
    above: Callable[[], None] | None = None,
) -> None:
    """The picture large; beside it what is found at its mark, its count of clear observations, and the numbers that
    one wants before one trusts it; what it cost where its files are made.

    `drawn` is what is shown of `recipe`, where that is not all of it, and `above` says what the rest takes.
    """
    left, right = st.columns([17, 9], gap="medium")
    with left, st.container(key="picture-large"):
        looked_into(large, recipe)
    with right:
        if above is not None:
            above()
        inspect_panel(recipe, drawn or recipe, view)
        st.html(picture_html(small))
        definition_list(told)
        if result is not None:
            cost(result, recipe)
        polygon_file(recipe, view)


def numbers(told: Counted, recipe: Recipe) -> tuple[tuple[str, str], ...]:
    """Label and value."""
    return (
        ("Dates", f"{told.dates} of {told.acquisitions}, scene cloud cover at most {recipe.maxcc} %"),
        *((("Limits", DATE_RULES[recipe.date_rule].words),) if recipe.radius else ()),
        ("Clear observations", observations_range(told)),
        ("Without data", f"{percent(told.no_data)} of the picture"),
        ("Composite method", recipe.compositing.title),
        *angles_line(recipe),
        ("Source", product().provider(recipe).title),
        ("Pixels", f"{recipe.resolution} m, {PROCESSINGS[recipe.processing].title.lower()}"),
        ("Mask", f"{MASKS[recipe.mask].title}{f', buffer {recipe.grow} px around clouds' if recipe.grow else ''}"),
    )


def observations_range(told: Counted) -> str:
    """`14 in the median, 2 to 23`, or `2 in every pixel with data`."""
    if told.least_observations == told.most_observations:
        return f"{told.least_observations} in every pixel with data"
    return f"{told.median_observations:g} in the median, {told.least_observations} to {told.most_observations}"


def cost(result: Result, recipe: Recipe) -> None:
    """What it took to make it and its files."""
    words = product().provider(recipe).words
    planes = result.planes_cached + result.planes_fetched
    if not result.requests:
        st.html('<p class="np-free">Nothing was fetched when it was made: all bands were cached.</p>')
    definition_list(
        (
            ("Requests", f"{result.requests:,}"),
            *((("Units", words.price_in_full(Cost(result.units))),) if words.units else ()),
            *((("Received", megabytes(result.bytes)),) if result.bytes else ()),
            ("Cached bands", f"{result.planes_cached:,} of {planes:,}"),
            ("Made in", f"{result.seconds:.1f} s"),
        )
    )
    job = jobs().get(recipe.digest)
    if job is not None:
        asked_again(job)


def dates(result: Result) -> None:
    """The acquisitions that went into it."""
    columns = ("Date", "Scene cloud cover", "Covers", "Satellite", "Orbit")
    with st.expander(f"The {len(result.observations)} dates of the picture"):
        html_table(
            "Dates of the picture", columns, [(_cells(observation), None) for observation in result.observations]
        )


def source_products(told: Iterable[tuple[str, Sequence[SourceProduct]]]) -> None:
    """What the picture is made of in one line, which unfolds to the products of each date, ISO days; nothing where
    it is not known."""
    named = [(date, one) for date, products in told for one in products]
    if not named:
        return
    with st.expander(products_in_short([one for _, one in named])):
        columns = ("Date", "Product", "Baseline", "DN offset")
        html_table("Source products", columns, [(_told(date, one), None) for date, one in named])


def _told(date: str, one: SourceProduct) -> tuple[str, ...]:
    return date, one.id, one.baseline, "by the service" if one.offset is None else str(one.offset)


def _cells(observation: Observation) -> tuple[str, ...]:
    clouds, covers = f"{observation.cloud_cover:.1f} %", f"{100 * observation.coverage:.0f} %"
    return observation.date, clouds, covers, observation.satellite, str(observation.orbit)


def _source(result: Result, digest: str, path: str) -> str:
    return f"{address(digest, path)}?v={next((file.size for file in result.files if file.path == path), 0)}"


def title_of(recipe: Recipe) -> str:
    """`Median picture, 2017`."""
    return f"{recipe.compositing.title} picture, {recipe.when}"


def caption(recipe: Recipe, attribution: str, key: str = "") -> str:
    """How large it is and where its pixels are from, after the key of its colours; HTML."""
    lattice, side = recipe.lattice, recipe.neighbourhood.side
    size = f"{side * lattice.dx / 1000:.1f} × {side * lattice.dy / 1000:.1f} km"
    return f"{key}<span>North up, {size}</span><span>{escape(attribution)}</span>"


def counts_legend(told: Counted) -> str:
    """The colours of the count; HTML."""
    return counts_ramp(told.most_observations, "Clear observations")


def picture_words(told: Counted, recipe: Recipe, shown: str, *, simulated: bool) -> str:
    """What one who does not see it is told; `shown` is in what colours."""
    side = recipe.neighbourhood.side
    return (
        f"{'Simulated data. ' if simulated else ''}{recipe.compositing.title} picture of {told.dates} dates in "
        f"{recipe.when}{shown}, north up: tile {recipe.centre} in the middle of {side} × {side}; "
        f"{percent(told.no_data)} without data."
    )


def counts_words(told: Counted) -> str:
    """The same of the count of clear observations, without a full stop."""
    return (
        f"How many clear observations each place of the picture has: {told.least_observations} to "
        f"{told.most_observations}, {told.median_observations:g} in the median"
    )

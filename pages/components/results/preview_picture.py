"""The picture of the present choices, made of the cache at the moment: nothing is asked for and nothing is paid."""

from html import escape

import streamlit as st

from pages.components.results.pictures import cost
from pages.components.shared.definition_list import definition_list
from pages.components.shared.format import percent
from pages.components.shared.legends import VIRIDIS, ramp, scale
from pages.components.shared.picture_html import PictureHtml, picture_html
from pages.routes.previews import preview_address
from pages.state.context import product
from services.cache import MissingFrame
from services.export import Result
from services.preview import Preview
from services.recipe import MASKS, METHODS, Recipe
from services.render import View, legend

SIDE = 1000
"""Longest side of the large picture, px: more than it has on a screen of usual size."""
LOW = 3
"""Fewer clear observations than that are hatched, as services/render.py draws them."""


def preview_of(recipe: Recipe, view: View) -> Preview | None:
    """None where the cache lacks something of it. Raises NoDataError where the limit keeps nothing."""
    try:
        return product().preview(recipe, view.name, SIDE, with_counts=True)
    except MissingFrame:
        return None


def preview_picture(preview: Preview, recipe: Recipe, view: View, result: Result | None = None) -> None:
    """The picture large, its count of clear observations beside it, and the numbers that one wants before one trusts
    it; what it cost where its files are made."""
    large, beside = st.columns([17, 9], gap="medium")
    side = recipe.neighbourhood.side
    with large:
        source, words = preview_address(preview, preview.picture), picture_words(preview, recipe, view)
        size = (preview.width, preview.height)
        st.html(
            picture_html(
                PictureHtml("np-picture", source, words, *size, side, _caption(preview, recipe, view), lined=True)
            )
        )
        if st.toggle("Tile outlines", key="outlines"):
            st.html("<style>.np-outlines { visibility: visible !important; }</style>")
    with beside:
        source, words = preview_address(preview, preview.counts), observations_words(preview)
        st.html(picture_html(PictureHtml("np-counts", source, words, *size, side, _counts_legend(preview))))
        definition_list(numbers(preview, recipe, view))
        if result is not None:
            cost(result, recipe)


def numbers(preview: Preview, recipe: Recipe, view: View) -> tuple[tuple[str, str], ...]:
    """Label and value."""
    told, mask = preview.numbers, MASKS[recipe.mask]
    observations = f"{told.median_observations:g} in the median, {told.least_observations} to {told.most_observations}"
    grown = f", grown by {recipe.grow} px" if recipe.grow else ""
    shown = "every pixel" if preview.step == 1 else f"every {preview.step}. pixel; the files have all"
    left_out = (("Left out", f"{len(recipe.vetoes)} by hand"),) if recipe.vetoes else ()
    return (
        ("Dates", f"{told.dates} of {told.acquisitions}, at most {recipe.maxcc} % clouds"),
        *left_out,
        ("Clear observations", observations),
        ("Without data", f"{percent(told.no_data)} of the picture"),
        ("Method", METHODS[recipe.method].title),
        ("Mask", f"{mask.title}{grown}"),
        ("Shown", f"{view.words}; {shown}"),
    )


def in_short(preview: Preview) -> str:
    """`23 of 71 dates, 1.2 % without data`."""
    told = preview.numbers
    return f"{told.dates} of {told.acquisitions} dates, {percent(told.no_data)} without data"


def picture_words(preview: Preview, recipe: Recipe, view: View) -> str:
    """What one who does not see it is told."""
    simulated, side = "Simulated data. " if preview.simulated else "", recipe.neighbourhood.side
    what = f"{METHODS[recipe.method].title} picture of {preview.numbers.dates} dates in {recipe.interval.words}"
    return (
        f"{simulated}{what}, {view.label}, north up: tile {recipe.centre} in the middle of {side} × {side}; "
        f"{percent(preview.numbers.no_data)} without data."
    )


def observations_words(preview: Preview) -> str:
    """The same of the count of clear observations."""
    told = preview.numbers
    return (
        f"How many clear observations each place of the picture has: {told.least_observations} to "
        f"{told.most_observations}, "
        f"{told.median_observations:g} in the median; fewer than {LOW} are hatched."
    )


def _caption(preview: Preview, recipe: Recipe, view: View) -> str:
    lattice, side = recipe.lattice, recipe.neighbourhood.side
    size = f"{side * lattice.dx / 1000:.1f} × {side * lattice.dy / 1000:.1f} km"
    colours = legend(view)
    key = f'<span class="np-key">{scale(colours, view.label)}</span>' if colours else ""
    return f"{key}<span>North up, {size}</span><span>{escape(preview.attribution)}</span>"


def _counts_legend(preview: Preview) -> str:
    told = preview.numbers
    return ramp(str(told.least_observations), str(told.most_observations), VIRIDIS, "Clear observations")

"""A finished result: the picture large, the count of clear observations beside it, and the numbers."""

from html import escape

import streamlit as st

from pages.components.shared.definition_list import definition_list
from pages.components.shared.format import percent
from pages.components.shared.html_table import html_table
from pages.components.shared.legends import VIRIDIS, ramp
from pages.components.shared.picture_html import PictureHtml, picture_html
from pages.routes.files import address
from pages.state.context import product
from services.export import COUNTS, PICTURE, Observation, Result
from services.plan import Cost
from services.recipe import MASKS, METHODS, Recipe


def pictures(result: Result, digest: str) -> None:
    """Both pictures, north up, from our own route, and the numbers. Every picture says where its pixels are from."""
    recipe = Recipe.from_dict(result.recipe)
    large, beside = st.columns([17, 9], gap="medium")
    with large:
        st.html(_framed(result, digest, PICTURE, "np-picture", _words(result, recipe), _caption(result, recipe)))
        if st.toggle("Tile outlines", key="outlines"):
            st.html("<style>.np-outlines { visibility: visible !important; }</style>")
    with beside:
        st.html(_framed(result, digest, COUNTS, "np-counts", _counts_words(result), _legend(result)))
        definition_list(numbers(result, recipe))
        cost(result, recipe)


def numbers(result: Result, recipe: Recipe) -> tuple[tuple[str, str], ...]:
    """What one wants to know of a picture before one trusts it."""
    return (
        ("Dates", f"{len(result.observations)} of {result.acquisitions}, at most {recipe.maxcc} % clouds"),
        (
            "Clear observations",
            f"{result.median_observations:g} in the median, {result.least_observations} to {result.most_observations}",
        ),
        ("Without data", f"{percent(result.no_data)} of the picture"),
        ("Method", METHODS[recipe.method].title),
        ("Mask", f"{MASKS[recipe.mask].title}{f', grown by {recipe.grow} px' if recipe.grow else ''}"),
        ("Pixels", f"{result.width:,} × {result.height:,}, {recipe.resolution} m, EPSG:{recipe.lattice.epsg}"),
    )


def cost(result: Result, recipe: Recipe) -> None:
    """What it took to make it and its files."""
    words = product().provider(recipe).words
    planes = result.planes_cached + result.planes_fetched
    if not result.requests:
        st.html('<p class="np-free">Nothing was fetched for it: every plane was in the cache.</p>')
    definition_list(
        (
            ("Requests", f"{result.requests:,}"),
            *((("Units", words.price_in_full(Cost(result.units))),) if words.units else ()),
            ("From the cache", f"{result.planes_cached:,} of {planes:,} planes"),
            ("Made in", f"{result.seconds:.1f} s"),
        )
    )


def dates(result: Result) -> None:
    """The acquisitions that went into it."""
    columns = ("Date", "Clouds", "Covers", "Satellite", "Orbit")
    with st.expander(f"The {len(result.observations)} dates of the picture"):
        html_table(
            "Dates of the picture", columns, [(_cells(observation), None) for observation in result.observations]
        )


def _cells(observation: Observation) -> tuple[str, ...]:
    clouds, covers = f"{observation.cloud_cover:.1f} %", f"{100 * observation.coverage:.0f} %"
    return observation.date, clouds, covers, observation.satellite, str(observation.orbit)


def _framed(result: Result, digest: str, path: str, kind: str, words: str, caption: str) -> str:
    side = Recipe.from_dict(result.recipe).neighbourhood.side
    stamp = f"?v={next((file.size for file in result.files if file.path == path), 0)}"
    source, size = f"{address(digest, path)}{stamp}", (result.width, result.height)
    return picture_html(PictureHtml(kind, source, words, *size, side, caption, lined=path == PICTURE))


def _caption(result: Result, recipe: Recipe) -> str:
    lattice, side = recipe.lattice, recipe.neighbourhood.side
    size = f"{side * lattice.dx / 1000:.1f} × {side * lattice.dy / 1000:.1f} km"
    return f"<span>North up, {size}</span><span>{escape(result.attribution)}</span>"


def _legend(result: Result) -> str:
    return ramp(str(result.least_observations), str(result.most_observations), VIRIDIS, "Clear observations")


def _words(result: Result, recipe: Recipe) -> str:
    simulated = "Simulated data. " if result.simulated else ""
    return (
        f"{simulated}{METHODS[recipe.method].title} picture of {len(result.observations)} dates in "
        f"{recipe.interval.words} "
        "in true colour, north up: "
        f"tile {recipe.centre} in the middle of {recipe.neighbourhood.side} × {recipe.neighbourhood.side}; "
        f"{percent(result.no_data)} without data."
    )


def _counts_words(result: Result) -> str:
    return (
        f"How many clear observations each place of the picture has: {result.least_observations} to "
        f"{result.most_observations}, "
        f"{result.median_observations:g} in the median."
    )

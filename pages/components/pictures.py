"""A finished result: the picture large, the count of clear looks beside it, and the numbers."""

from html import escape

import streamlit as st

from pages.components.facts import facts
from pages.components.listing import listing
from pages.components.routes import address
from services.recipe import MASKS, Recipe
from services.results import COUNTS, PICTURE, Look, Result

VIRIDIS = "#440154, #472d7b, #3b528b, #2c728e, #21918c, #28ae80, #5ec962, #addc30, #fde725"
"""Its nine equal steps (matplotlib)."""


def pictures(result: Result, digest: str) -> None:
    """Both pictures, north up, from our own route, and the numbers. Every picture says where its pixels are from."""
    recipe = Recipe.from_dict(result.recipe)
    large, beside = st.columns([17, 9], gap="medium")
    with large:
        st.html(_figure(result, digest, PICTURE, "np-picture", _words(result, recipe), _caption(result, recipe)))
        if st.toggle("Tile outlines", key="outlines"):
            st.html("<style>.np-outlines { visibility: visible !important; }</style>")
    with beside:
        st.html(_figure(result, digest, COUNTS, "np-counts", _counts_words(result), _legend(result)))
        if not result.requests:
            st.html('<p class="np-free">Nothing was fetched for it: every plane was in the cache.</p>')
        facts(numbers(result, recipe))


def numbers(result: Result, recipe: Recipe) -> tuple[tuple[str, str], ...]:
    """What one wants to know of a picture before one trusts it, and what it cost."""
    planes = result.planes_cached + result.planes_fetched
    return (
        ("Dates", f"{len(result.looks)} of {result.acquisitions}, at most {recipe.maxcc} % clouds"),
        ("Clear looks", f"{result.median_looks:g} in the median, {result.least_looks} to {result.most_looks}"),
        ("Without data", f"{_percent(result.no_data)} of the picture"),
        ("Mask", MASKS[recipe.mask].title),
        ("Pixels", f"{result.width:,} × {result.height:,}, {recipe.resolution} m, EPSG:{recipe.lattice.epsg}"),
        ("Requests", f"{result.requests:,}"),
        ("Units", f"{result.units:,.1f} processing units"),
        ("From the cache", f"{result.planes_cached:,} of {planes:,} planes"),
        ("Made in", f"{result.seconds:.1f} s"),
    )


def dates(result: Result) -> None:
    """The acquisitions that went into it."""
    columns = ("Date", "Clouds", "Covers", "Satellite", "Orbit")
    with st.expander(f"The {len(result.looks)} dates of the picture"):
        listing("Dates of the picture", columns, [(_cells(look), None) for look in result.looks])


def _cells(look: Look) -> tuple[str, ...]:
    clouds, covers = f"{look.cloud_cover:.1f} %", f"{100 * look.coverage:.0f} %"
    return look.date, clouds, covers, look.satellite, str(look.orbit)


def _figure(result: Result, digest: str, path: str, kind: str, words: str, caption: str) -> str:
    """One picture in its frame; the size is known before it has loaded."""
    side = Recipe.from_dict(result.recipe).neighbourhood.side
    style = f"--ratio: {result.width} / {result.height}; --side: {side}"
    stamp = f"?v={next((file.size for file in result.files if file.path == path), 0)}"
    return (
        f'<figure class="{kind}" style="{style}"><div class="np-image">'
        f'<img src="{address(digest, path)}{stamp}" alt="{escape(words)}">{outlines(side)}</div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def outlines(side: int) -> str:
    """The edges of the tiles as HTML, over a picture."""
    middle = side * side // 2
    tiles = "".join(f'<i class="np-centre-{int(place == middle)}"></i>' for place in range(side * side))
    return f'<div class="np-outlines" aria-hidden="true">{tiles}</div>'


def _caption(result: Result, recipe: Recipe) -> str:
    lattice, side = recipe.lattice, recipe.neighbourhood.side
    size = f"{side * lattice.dx / 1000:.1f} × {side * lattice.dy / 1000:.1f} km"
    return f"<span>North up, {size}</span><span>{escape(result.attribution)}</span>"


def _legend(result: Result) -> str:
    return (
        f'<span>Clear looks</span><span class="np-ramp"><b>{result.least_looks}</b>'
        f'<i style="background: linear-gradient(90deg, {VIRIDIS})"></i><b>{result.most_looks}</b></span>'
    )


def _words(result: Result, recipe: Recipe) -> str:
    simulated = "Simulated data. " if result.simulated else ""
    return (
        f"{simulated}Median picture of {len(result.looks)} dates in {recipe.interval.label} in true colour, north up: "
        f"tile {recipe.centre} in the middle of {recipe.neighbourhood.side} × {recipe.neighbourhood.side}; "
        f"{_percent(result.no_data)} without data."
    )


def _counts_words(result: Result) -> str:
    return (
        f"How many clear looks each place of the picture has: {result.least_looks} to {result.most_looks}, "
        f"{result.median_looks:g} in the median."
    )


def _percent(part: float) -> str:
    """`0 %`, `0.04 %`, `12.3 %`: little is not nothing."""
    percent = 100 * part
    if percent == 0 or percent >= 1:
        return f"{percent:.1f} %" if percent else "0 %"
    return f"{percent:.2f} %" if percent >= 0.01 else "under 0.01 %"

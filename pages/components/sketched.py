"""The picture of the present choices, made of the cache at the moment: nothing is asked for and nothing is paid."""

from html import escape

import streamlit as st

from pages.components.facts import facts
from pages.components.framed import Framed, framed
from pages.components.legends import VIRIDIS, ramp, scale
from pages.components.percents import percent
from pages.components.pictures import cost
from pages.components.product import product
from pages.components.sketch_route import sketch_address
from services.frames import MissingFrame
from services.masks import MASKS
from services.method import METHODS
from services.recipe import Recipe
from services.results import Result
from services.sketches import Sketch
from services.view import View, legend

SIDE = 1000
"""Longest side of the large picture, px: more than it has on a screen of usual size."""
LOW = 3
"""Fewer clear looks than that are hatched, as services/render.py draws them."""


def sketch_of(recipe: Recipe, view: View) -> Sketch | None:
    """None where the cache lacks something of it. Raises NoDataError where the limit keeps nothing."""
    try:
        return product().sketch(recipe, view.name, SIDE, with_looks=True)
    except MissingFrame:
        return None


def sketched(sketch: Sketch, recipe: Recipe, view: View, result: Result | None = None) -> None:
    """The picture large, its count of clear looks beside it, and the numbers that one wants before one trusts it;
    what it cost where its files are made."""
    large, beside = st.columns([17, 9], gap="medium")
    side = recipe.neighbourhood.side
    with large:
        source, words = sketch_address(sketch, sketch.picture), picture_words(sketch, recipe, view)
        size = (sketch.width, sketch.height)
        st.html(framed(Framed("np-picture", source, words, *size, side, _caption(sketch, recipe, view), lined=True)))
        if st.toggle("Tile outlines", key="outlines"):
            st.html("<style>.np-outlines { visibility: visible !important; }</style>")
    with beside:
        source, words = sketch_address(sketch, sketch.looks), looks_words(sketch)
        st.html(framed(Framed("np-counts", source, words, *size, side, _looks_legend(sketch))))
        facts(numbers(sketch, recipe, view))
        if result is not None:
            cost(result)


def numbers(sketch: Sketch, recipe: Recipe, view: View) -> tuple[tuple[str, str], ...]:
    """Label and value."""
    told, mask = sketch.numbers, MASKS[recipe.mask]
    looks = f"{told.median_looks:g} in the median, {told.least_looks} to {told.most_looks}"
    grown = f", grown by {recipe.grow} px" if recipe.grow else ""
    shown = "every pixel" if sketch.step == 1 else f"every {sketch.step}. pixel; the files have all"
    left_out = (("Left out", f"{len(recipe.vetoes)} by hand"),) if recipe.vetoes else ()
    return (
        ("Dates", f"{told.dates} of {told.acquisitions}, at most {recipe.maxcc} % clouds"),
        *left_out,
        ("Clear looks", looks),
        ("Without data", f"{percent(told.no_data)} of the picture"),
        ("Method", METHODS[recipe.method].title),
        ("Mask", f"{mask.title}{grown}"),
        ("Shown", f"{view.words}; {shown}"),
    )


def in_short(sketch: Sketch) -> str:
    """`23 of 71 dates, 1.2 % without data`."""
    told = sketch.numbers
    return f"{told.dates} of {told.acquisitions} dates, {percent(told.no_data)} without data"


def picture_words(sketch: Sketch, recipe: Recipe, view: View) -> str:
    """What one who does not see it is told."""
    simulated, side = "Simulated data. " if sketch.simulated else "", recipe.neighbourhood.side
    what = f"{METHODS[recipe.method].title} picture of {sketch.numbers.dates} dates in {recipe.interval.label}"
    return (
        f"{simulated}{what}, {view.label}, north up: tile {recipe.centre} in the middle of {side} × {side}; "
        f"{percent(sketch.numbers.no_data)} without data."
    )


def looks_words(sketch: Sketch) -> str:
    """The same of the count of clear looks."""
    told = sketch.numbers
    return (
        f"How many clear looks each place of the picture has: {told.least_looks} to {told.most_looks}, "
        f"{told.median_looks:g} in the median; fewer than {LOW} are hatched."
    )


def _caption(sketch: Sketch, recipe: Recipe, view: View) -> str:
    lattice, side = recipe.lattice, recipe.neighbourhood.side
    size = f"{side * lattice.dx / 1000:.1f} × {side * lattice.dy / 1000:.1f} km"
    colours = legend(view)
    key = f'<span class="np-key">{scale(colours, view.label)}</span>' if colours else ""
    return f"{key}<span>North up, {size}</span><span>{escape(sketch.attribution)}</span>"


def _looks_legend(sketch: Sketch) -> str:
    told = sketch.numbers
    return ramp(str(told.least_looks), str(told.most_looks), VIRIDIS, "Clear looks")

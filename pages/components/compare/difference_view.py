"""The difference of the two pictures: what is subtracted, the picture with its legend, and the numbers beside it."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from pages.components.acquisitions.fill_requests import fill_request, price, second_press
from pages.components.compare.comparison_side import ComparisonSide
from pages.components.shared import messages
from pages.components.shared.definition_list import definition_list, heading
from pages.components.shared.format import percent
from pages.components.shared.html_table import html_table
from pages.components.shared.legends import scale
from pages.components.shared.viewer import Picture
from pages.routes.previews import PREVIEWS
from pages.routes.take_compared import subtracted
from pages.state import comparison, session
from pages.state.base_path import prefix
from pages.state.comparison import FLOORS
from pages.state.context import product
from pages.state.member import may
from services.compare import (
    DifferencePreview,
    Pair,
    chance_words,
    draw_difference,
    false_alarms,
    found_difference,
)
from services.nbar import angles_words
from services.plan import Plan
from services.recipe import Recipe
from services.render import View, quantities

_QUANTITY, _FLOOR = "difference_quantity", "difference_floor"
_BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""Stands where there is no picture yet."""
_FLOOR_HELP = (
    "A difference has a colour where it is more than so many standard errors of the two medians, once the season is "
    "taken out of it: an annual wave, and a half-yearly one where there are 12 observations or more. The standard "
    "error of a median of n observations is 1.2533 σ / √n, with a factor for few; σ is the scatter of both sides' "
    "observations about their season. The share is how many pixels noise alone colours where nothing changed; few "
    "observations ask for more standard errors for the same share (Student's t). Whatever the composite method, the "
    "medians of the observations are judged."
)


def pair_of(left: ComparisonSide, right: ComparisonSide, view: View) -> Pair:
    """The question; between two sources every difference counts, for neither noise nor season differ."""
    return subtracted(left.cell, right.cell, view, comparison.read())


def difference_picture(pair: Pair | None) -> tuple[Picture, DifferencePreview | None]:
    """For the viewer: the picture, made now where it is not there, or the place of one.

    None where it is not looked at, or the cache lacks something of it. Raises StorageError.
    """
    if pair is None or lacking(pair):
        words = (
            "The bands of the difference are not cached." if pair else "The difference is made when it is looked at."
        )
        return Picture(_BLANK, words, "Difference", words), None
    made = found_difference(product(), pair)
    if made is None:
        with st.spinner("Subtracting one from the other …"):
            made = draw_difference(product(), pair)
    source = f"{prefix()}{PREVIEWS}{made.digest}/{made.picture}?v={made.stamp}"
    simulated = "Simulated data. " if made.simulated else ""
    beyond = "differ by more than noise and the season explain" if pair.k else "are not exactly equal"
    counted = f"{percent(made.changed)} of the comparable pixels {beyond}"
    caption = " · ".join(filter(None, (counted, angles_words(pair.left.recipe))))
    title = f"{pair.quantity.title}, B minus A"
    return Picture(source, f"{simulated}{title}: {caption}. {made.legend.words}.", title, caption), made


def lacking(pair: Pair) -> tuple[Recipe, ...]:
    """The sides of which the cache lacks the bands that are subtracted. Raises StorageError."""
    needs = [cell.recipe.showing(pair.quantity.bands) for cell in (pair.left, pair.right)]
    estimates = [product().estimate_known(recipe) for recipe in needs]
    return tuple(
        recipe for recipe, known in zip(needs, estimates, strict=True) if known is not None and known[1].blocks
    )


def difference_view(pair: Pair, made: DifferencePreview | None) -> None:
    """Below the picture: what is subtracted and from which threshold on, and the numbers."""
    heading("Difference")
    _pickers(pair)
    if made is None:
        _fetch(pair, lacking(pair))
        return
    colours = scale(made.legend, f"{pair.quantity.title}, B minus A")
    st.html(f'<div class="np-key np-shared">{colours}</div><p class="np-greys">{_greys(made)}</p>')
    if not pair.k:  # the numbers of two sources stand beside, in DN
        return
    definition_list([(label, value) for label, value, _ in numbers(pair, made)])
    with st.expander("The numbers as a table, with what they mean"):
        html_table(
            "Difference in numbers", ("Number", "Value", "Meaning"), [(row, None) for row in numbers(pair, made)]
        )


def numbers(pair: Pair, made: DifferencePreview) -> tuple[tuple[str, str, str], ...]:
    """Label, value and meaning."""
    unit = f" {pair.quantity.unit}" if pair.quantity.unit else ""
    return (
        ("Median", f"{_signed(made.median)}{unit}", "Half of the comparable pixels lie above it"),
        ("Mean", f"{_signed(made.mean)}{unit}", "Of the comparable pixels"),
        ("5th to 95th", f"{_signed(made.p5)} to {_signed(made.p95)}{unit}", "Percentiles of the comparable pixels"),
        ("RMS", f"{made.rms:.4f}{unit}", "Root mean square of the comparable pixels"),
        ("Significant", percent(made.changed), f"Of the comparable pixels, beyond {_threshold(pair.k)}"),
        ("False alarms", percent(false_alarms(pair.k)), f"What noise alone colours: {chance_words(pair.k)}"),
        ("Not known", percent(made.unknown), "Of the comparable pixels, fewer than 3 clear observations on a side"),
        ("Comparable", percent(made.comparable), f"Of the picture, data on both sides; counted on {every(made.step)}"),
    )


def _greys(made: DifferencePreview) -> str:
    """What the colours besides the scale mean, after the first part of its words, which is its title."""
    return escape("; ".join(made.legend.words.split("; ")[1:]).capitalize()) + "."


def every(step: int) -> str:
    """`every pixel`, `every second pixel of every second row`."""
    nth = {1: "", 2: "second ", 3: "third "}.get(step, f"{step}th ")
    return f"every {nth}pixel" + (f" of every {nth}row" if nth else "")


def _threshold(k: float) -> str:
    """`2 standard errors`."""
    return f"{k:g} standard error{'' if k == 1 else 's'}"


def _signed(number: float) -> str:
    """`−0.0145`, with the sign that is as wide as the other one."""
    return f"{number:+.4f}".replace("-", "−")


def _pickers(pair: Pair) -> None:
    possible = {one.name: one for one in quantities(pair.left.recipe.bands, pair.quantity.view)}
    what, floor = st.columns(2, gap="medium") if pair.k else (st.container(), None)
    what.selectbox(
        "Subtract",
        list(possible),
        list(possible).index(pair.quantity.name),
        key=session.held(_QUANTITY, pair.quantity.name),
        format_func=lambda name: possible[name].title,
        on_change=comparison.take,
        args=("quantity", _QUANTITY),
        help="B, the right picture, minus A, the left one: the reflectance of a band, or an index of two.",
    )
    if floor is None:
        return
    floor.select_slider(
        "Significance threshold (× scatter)",
        FLOORS,
        pair.k,
        key=session.held(_FLOOR, pair.k),
        format_func=lambda k: f"{_threshold(k)} · {percent(false_alarms(k))} false alarms",
        on_change=comparison.take,
        args=("k", _FLOOR),
        help=_FLOOR_HELP,
    )


def _fetch(pair: Pair, needs: Sequence[Recipe]) -> None:
    """What is missing, and the press that fetches it."""
    bands, sources = " and ".join(pair.quantity.bands), sorted({recipe.provider for recipe in needs})
    asked = {name: [recipe for recipe in needs if recipe.provider == name] for name in sources}
    costs = {name: price(recipes[0], plans_of(recipes)) for name, recipes in asked.items()}
    messages.say(f"{bands} of these pictures is not cached", f"To subtract it takes {' and '.join(costs.values())}.")
    if not may():
        messages.only_looks()
        return
    for name, recipes in asked.items():
        of = f" of {product().provider(recipes[0]).title}" if pair.left.source else ""
        words = f"{pair.quantity.title}{of or ' of both sides'}"
        key = f"fetch_bands{of and f'_{name}'}"
        st.button(f"Fetch {bands}{of} · {costs[name]}", key=key, on_click=fill_request, args=(recipes, words))
    second_press("difference")


def plans_of(recipes: Sequence[Recipe]) -> list[Plan]:
    """What the cache lacks of each, where that is known."""
    return [known[1] for recipe in recipes if (known := product().estimate_known(recipe)) is not None]

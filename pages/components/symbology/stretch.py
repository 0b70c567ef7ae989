"""The stretch of what is shown: the histogram with the limits in it, numbers to change them, and presses for others."""

from collections.abc import Callable

import streamlit as st

from pages.components.shared import messages
from pages.components.symbology.histogram_chart import histogram_chart
from pages.state import session
from pages.state.context import product
from services.cache import MissingFrame
from services.preview import Histogram
from services.recipe import Recipe
from services.render import LEAST_GAMMA, MOST_GAMMA, Limits, View, restyle, unstyled

OPEN = "symbology_stretch"
"""Key of the popover: True while it is open, and its content is made then alone."""
PLACE = "symbology_limits"
"""Where an error of the numbers is shown."""
CUT = 2
"""Percent of the pixels at each end that a press on percentiles lets go."""
SIGMAS = 2
_LOW, _HIGH, _GAMMA = "symbology_low", "symbology_high", "symbology_gamma"


def stretch(view: View, recipe_of: Callable[[], Recipe | None]) -> None:
    """The button, and behind it the controls; `recipe_of` says whose histogram it is, and is asked where it is open.

    The limits are a part of the view: other dates, limits and years are shown in the same ones until they are changed.
    """
    with st.popover("Stretch", key=OPEN, on_change="rerun") as opened:
        if not opened.open:
            return
        recipe = recipe_of()
        histogram = _histogram(view, recipe) if recipe else None
        if recipe is None or histogram is None:
            st.caption("The histogram is shown where all of the picture is in the cache.")
        elif not histogram.channels:
            st.caption("No pixel of the picture has data.")
        else:
            histogram_chart(histogram, view, recipe)
            _presses(view, histogram)
        _numbers(view)
        messages.recall(PLACE)
        if view.index is None:
            _gamma(view)
        st.button(
            "Back to the fixed scale",
            key="symbology_fixed",
            disabled=view == unstyled(view),
            on_click=_fix,
            args=(view,),
        )


def _histogram(view: View, recipe: Recipe) -> Histogram | None:
    """None where the cache lacks something of the picture."""
    try:
        return product().preview_service.histogram(recipe, view.name)
    except MissingFrame:
        return None


def _presses(view: View, histogram: Histogram) -> None:
    """Limits by the pixels of this picture."""
    asked: dict[str, Limits] = {
        f"Percentiles {CUT}–{100 - CUT} %": histogram.percentiles(CUT, 100 - CUT),
        f"Mean ± {SIGMAS} σ": histogram.sigmas(SIGMAS),
    }
    with st.container(horizontal=True, gap="small"):
        for place, (words, limits) in enumerate(asked.items()):
            st.button(words, key=f"symbology_press_{place}", on_click=_take, args=(view, limits))


def _numbers(view: View) -> None:
    """Low and high end of each channel."""
    names = view.bands if view.index is None else ("",)
    for place, (name, (low, high)) in enumerate(zip(names, view.limits, strict=True)):
        step = max(1e-4, round((high - low) / 20, 4))
        for column, key, label, value in zip(
            st.columns(2, gap="small"), (_LOW, _HIGH), ("low", "high"), (low, high), strict=True
        ):
            column.number_input(
                f"{name} {label}".strip().capitalize() if not name else f"{name} {label}",
                value=value,
                step=step,
                format="%.4g",
                key=session.held(f"{key}_{place}", value),
                on_change=_take_numbers,
                args=(view,),
            )


def _take_numbers(view: View) -> None:
    state = st.session_state
    limits = tuple((state[f"{_LOW}_{place}"], state[f"{_HIGH}_{place}"]) for place in range(len(view.limits)))
    _take(view, limits)


def _take(view: View, limits: Limits) -> None:
    with messages.caught(PLACE):
        session.change(view=restyle(view, limits).name)


def _gamma(view: View) -> None:
    st.slider(
        "Gamma",
        LEAST_GAMMA,
        MOST_GAMMA,
        view.gamma,
        step=0.1,
        key=session.held(_GAMMA, view.gamma),
        on_change=_take_gamma,
        args=(view,),
        help="Above 1 it opens the shadows, below 1 it darkens them.",
    )


def _take_gamma(view: View) -> None:
    session.change(view=restyle(view, gamma=st.session_state[_GAMMA]).name)


def _fix(view: View) -> None:
    session.change(view=unstyled(view).name)

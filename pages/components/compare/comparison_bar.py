"""What is put into the table: years, cloud limits, and what is shown of them."""

import streamlit as st

from pages.components.results.picture_bar import view_picker
from pages.components.shared import messages
from pages.state import comparison, session
from pages.state.choices import Choices
from pages.state.comparison import LIMITS, Comparison, possible_years
from services.errors import RecipeError
from services.recipe import MOST_LIMITS, MOST_YEARS

PLACE = "comparison"
"""Where errors of these inputs are shown."""
_YEARS, _LIMITS = "comparison_years", "comparison_limits"


def comparison_bar(chosen: Choices, now: Comparison) -> None:
    """The controls; each changes what is compared, and nothing is fetched by it."""
    with st.container(key="comparison-bar"):
        years, limits, view = st.columns([10, 9, 13], gap="medium")
        with years:
            _years(chosen, now)
        with limits:
            _limits(chosen, now)
        with view:
            view_picker(chosen)
        messages.recall(PLACE)


def _years(chosen: Choices, now: Comparison) -> None:
    rows, whole = list(now.rows(chosen)), "/" not in chosen.interval.label
    days = f"{chosen.interval.start:%-d %b} to {chosen.interval.last:%-d %b}"
    st.pills(
        "Years" if whole else f"Years, each from {days}",
        sorted({*possible_years(chosen), *rows}),
        selection_mode="multi",
        default=rows,
        key=session.held(_YEARS, rows),
        on_change=_take_years,
        help="A row each." if whole else "A row each: the same days of other years, by the year in which they begin.",
        wrap=True,
    )


def _limits(chosen: Choices, now: Comparison) -> None:
    columns = list(now.columns(chosen))
    st.pills(
        "Cloud limits",
        sorted({*LIMITS, chosen.maxcc, *columns}),
        selection_mode="multi",
        default=columns,
        key=session.held(_LIMITS, columns),
        format_func=lambda limit: f"≤ {limit} %",
        on_change=_take_limits,
        help="A column each: dates with at most this cloud cover are kept.",
        wrap=True,
    )


def _take_years() -> None:
    _take("years", _YEARS, MOST_YEARS)


def _take_limits() -> None:
    _take("limits", _LIMITS, MOST_LIMITS)


def _take(name: str, widget: str, most: int) -> None:
    """None at all is no choice, and too many are refused: they stay as they were."""
    picked = tuple(sorted(st.session_state[widget]))
    with messages.caught(PLACE):
        if len(picked) > most:
            raise RecipeError(f"A comparison has at most {most} {name}.", "Take another one away first.")
        if picked:
            comparison.change(**{name: picked})

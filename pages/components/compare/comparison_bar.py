"""What is put into the table: years, max. cloud cover, sources, and what is shown of them."""

from collections.abc import Sequence

import streamlit as st

from pages.components.results.picture_bar import view_picker
from pages.components.shared import messages
from pages.state import comparison, session
from pages.state.choices import Choices
from pages.state.comparison import LIMITS, Comparison, own_source, possible_sources, possible_years, recipe_in
from services.errors import RecipeError
from services.recipe import MOST_LIMITS, MOST_SOURCES, MOST_YEARS, Recipe, variants

PLACE = "comparison"
"""Where errors of these inputs are shown."""
_YEARS, _LIMITS, _SOURCES = "comparison_years", "comparison_limits", "comparison_sources"


def comparison_bar(chosen: Choices, now: Comparison) -> None:
    """The controls; each changes what is compared, and nothing is fetched by it."""
    with st.container(key="comparison-bar"):
        years, limits, view = st.columns([10, 9, 13], gap="medium")
        with years:
            _years(chosen, now)
        with limits:
            _limits(chosen, now)
        with view:
            view_picker(chosen, lambda: _first(chosen, now))
        _sources(chosen, now)
        messages.recall(PLACE)


def _first(chosen: Choices, now: Comparison) -> Recipe | None:
    """The picture whose histogram is shown: the first that is selected, else that of the choices; the stretch is of
    all."""
    places = now.shown(chosen)
    recipe = recipe_in(chosen, places[0].year) if places else None
    if recipe is None:
        return chosen.recipe()
    place = places[0]
    sources = [possible_sources()[place.provider]] if place.provider else []
    return variants(recipe, [place.year], [place.maxcc], sources)[place]


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
        "Max. cloud cover",
        sorted({*LIMITS, chosen.maxcc, *columns}),
        selection_mode="multi",
        default=columns,
        key=session.held(_LIMITS, columns),
        format_func=lambda limit: f"≤ {limit} %",
        on_change=_take_limits,
        help="A column each: dates with at most this scene cloud cover are used.",
        wrap=True,
    )


def _sources(chosen: Choices, now: Comparison) -> None:
    """Where there is more than one."""
    possible, own = possible_sources(), own_source(chosen)
    if len(possible) < 2:
        return
    rows = [name for name in now.sources or (own,) if name in possible]
    st.pills(
        "Sources",
        list(possible),
        selection_mode="multi",
        default=rows,
        key=session.held(_SOURCES, rows),
        format_func=lambda name: possible[name].title,
        on_change=_take_sources,
        args=(own,),
        help="The same question to several providers. Two pictures of one year and limit then tell whether a "
        "difference is the land's or the provider's.",
        wrap=True,
    )


def _take_sources(own: str) -> None:
    """The one of the choices alone is no comparison of sources."""
    picked = st.session_state[_SOURCES]
    if picked == [own]:
        comparison.change(sources=())
    else:
        _take("sources", picked, MOST_SOURCES)


def _take_years() -> None:
    _take("years", sorted(st.session_state[_YEARS]), MOST_YEARS)


def _take_limits() -> None:
    _take("limits", sorted(st.session_state[_LIMITS]), MOST_LIMITS)


def _take(name: str, picked: Sequence[int | str], most: int) -> None:
    """None at all is no choice, and too many are refused: they stay as they were."""
    with messages.caught(PLACE):
        if len(picked) > most:
            raise RecipeError(f"A comparison has at most {most} {name}.", "Take another one away first.")
        if picked:
            comparison.change(**{name: tuple(picked)})

"""The table of years and cloud limits: a picture in each cell, or what it takes to have one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import streamlit as st

from pages.components.shared.theme import script, style
from pages.state.comparison import Place

State = Literal["here", "missing", "empty", "unknown", "making"]
_component = st.components.v2.component(
    "ninepatch_matrix",
    html='<div class="matrix"></div>',
    css=style("matrix"),
    js=script("matrix"),
)


@dataclass(frozen=True)
class CellView:
    """What one sees of a cell; all words are plain text."""

    year: int
    limit: int
    """Percent."""
    state: State
    """here: a picture; missing: a bill and a button; empty: nothing to picture; unknown: the catalogue is being asked;
    making: it is on its way."""
    picture: str = ""
    """Address, for state here. Transparent where there are no data."""
    alt: str = ""
    words: tuple[str, ...] = ()
    """here, missing: under the picture, `23 dates`, `1.2 % without data`, `14 looks`. Else in the picture's place."""
    bill: str = ""
    """For state missing: `40 requests, 62.1 units`."""
    progress: float | None = None
    """For state making: 0 to 1, None where nobody knows."""


@dataclass(frozen=True)
class Select:
    """Somebody chose what to see large: none, one to enlarge, two to compare."""

    cells: tuple[Place, ...]
    """Left, right."""


@dataclass(frozen=True)
class Fetch:
    """Somebody wants a missing one."""

    year: int
    limit: int


def matrix_table(
    key: str,
    columns: Sequence[int],
    rows: Sequence[int],
    cells: Sequence[CellView],
    selected: Sequence[Place],
    *,
    size: tuple[int, int],
    caption: str,
    on_event: Callable[[Select | Fetch], None],
    on_heard: Callable[[], None] | None = None,
) -> None:
    """The table: `columns` are limits, `rows` years; a place without a cell stays blank.

    `size` is width and height of every picture. `on_event` is called once for whatever somebody did, before the page
    runs again, and `on_heard` after all of it: that one may say what runs again. A browser tells again what it does
    not know to be heard, since Streamlit may drop one of two messages in a row; what was heard is counted here.
    """
    kept = f"{key}_heard"

    def hear() -> None:
        told = st.session_state[key].get("told")
        heard, events = unheard(told, st.session_state.get(kept, ("", 0)), {(cell.year, cell.limit) for cell in cells})
        st.session_state[kept] = heard
        for event in events:
            on_event(event)
        if on_heard is not None:
            on_heard()

    _component(
        key=key,
        data={
            "columns": list(columns),
            "rows": list(rows),
            "cells": [asdict(cell) for cell in cells],
            "selected": [list(place) for place in selected],
            "size": list(size),
            "caption": caption,
            "heard": list(st.session_state.get(kept, ("", 0))),
        },
        on_told_change=hear,
    )


def unheard(
    told: Mapping[str, Any] | None, heard: tuple[str, int], known: set[Place]
) -> tuple[tuple[str, int], list[Select | Fetch]]:
    """What of `told` is new after `heard`, and what is heard then: the table that told it, and its last number.

    Events of cells that are not `known` are dropped: a browser may say anything.
    """
    if not isinstance(told, Mapping):
        return heard, []
    table = str(told.get("table", ""))
    last = heard[1] if table == heard[0] else 0
    events: list[Select | Fetch] = []
    for number, kind, places in told.get("events", ()):
        if number <= last:
            continue
        last = number
        found = tuple(place for year, limit in places if (place := (year, limit)) in known)
        if kind == "select" and len(found) <= 2:
            events.append(Select(found))
        elif kind == "fetch" and found:
            events.append(Fetch(*found[0]))
    return (table, last), events

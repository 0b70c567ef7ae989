"""The table of years, sources and max. cloud cover: a picture in each cell, or what it takes to have one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any, Literal

import streamlit as st

from pages.components.shared.events import last_heard, news
from pages.components.shared.theme import component
from services.recipe import Variant

State = Literal["here", "missing", "empty", "unknown", "making"]
_component = component("matrix")


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
    """here, missing: under the picture, `23 dates`, `1.2 % without data`, `14 clear observations`. Else in the
    picture's place."""
    bill: str = ""
    """For state missing: `40 requests, 62.1 units`."""
    progress: float | None = None
    """For state making: 0 to 1, None where nobody knows."""
    source: str = ""
    """Name of its provider; empty where sources are not compared."""


@dataclass(frozen=True)
class Select:
    """Somebody chose what to see large: none, one to enlarge, two to compare."""

    cells: tuple[Variant, ...]
    """Left, right."""


@dataclass(frozen=True)
class Fetch:
    """Somebody wants a missing one."""

    cell: Variant


def matrix_table(
    key: str,
    columns: Sequence[int],
    rows: Sequence[int],
    cells: Sequence[CellView],
    selected: Sequence[Variant],
    *,
    size: tuple[int, int],
    caption: str,
    sources: Mapping[str, str] | None = None,
    on_event: Callable[[Select | Fetch], None],
    on_heard: Callable[[], None] | None = None,
) -> None:
    """The table: `columns` are limits, `rows` years; a place without a cell stays blank.

    Where `sources` are compared, titles by names, each limit has a column for each of them, or each year a row where
    there are many limits.

    `size` is width and height of every picture. `on_event` is called once for whatever somebody did, before the page
    runs again, and `on_heard` after all of it: that one may say what runs again.
    """

    def hear() -> None:
        known = {Variant(cell.year, cell.limit, cell.source) for cell in cells}
        for kind, places in news(key, st.session_state[key].get("told")):
            event = event_of(kind, places, known)
            if event is not None:
                on_event(event)
        if on_heard is not None:
            on_heard()

    _component(
        key=key,
        data={
            "columns": list(columns),
            "rows": list(rows),
            "sources": [list(source) for source in (sources or {"": ""}).items()],
            "cells": [asdict(cell) for cell in cells],
            "selected": [list(astuple(one)) for one in selected],
            "size": list(size),
            "caption": caption,
            "heard": list(last_heard(key)),
        },
        on_told_change=hear,
    )


def event_of(kind: str, places: Sequence[Sequence[Any]], known: Collection[Variant]) -> Select | Fetch | None:
    """What somebody did; nothing with cells that are not `known`."""
    found = tuple(one for place in places if (one := Variant(*place)) in known)
    if kind == "select" and len(found) <= 2:
        return Select(found)
    return Fetch(found[0]) if kind == "fetch" and found else None

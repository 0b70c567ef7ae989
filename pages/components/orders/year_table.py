"""The table of an area's orders by years and max. cloud cover: a picture, a state or a bill in each cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

import streamlit as st

from pages.components.shared.events import last_heard, news
from pages.components.shared.theme import component

Query = Mapping[str, str]
"""Of an address of the page of orders."""
State = Literal["here", "making", "empty", "missing"]
_LEFT = "order_years_left"
"""In the session: somebody went elsewhere, so that the whole page runs again."""
_component = component("years", like="matrix")


@dataclass(frozen=True)
class OrderCell:
    """What one sees of a cell; all words are plain text."""

    year: int
    limit: int
    """Percent."""
    state: State
    """here: a picture; making: on its way; empty: it has no picture here; missing: nobody has ordered it."""
    go: Query
    """Where pressing it leads: to the order, or to the bill of a missing one; empty where that is not known."""
    words: str = ""
    """`Done with gaps · 14 clear observations · 12.3 units`: under the picture, else in its place."""
    current: bool = False
    """Whether the page shows this order."""
    progress: float | None = None
    """For state making: part of the tiles, 0 to 1."""
    picture: str = ""
    """Address, for state here. Transparent where there are no data."""
    alt: str = ""
    beside: Query = field(default_factory=dict)
    """Where both orders are shown beside each other; empty for the current one."""


def year_table(
    key: str,
    columns: Sequence[int],
    rows: Sequence[int],
    cells: Sequence[OrderCell],
    *,
    size: tuple[int, int],
    caption: str,
    shown: str,
) -> None:
    """The table: `columns` are limits, `rows` years. It stands in a fragment: the whole page runs again where somebody
    goes elsewhere, and the browser shows its picture once `shown` is another one.

    `size` is width and height of every picture.
    """
    if st.session_state.pop(_LEFT, False):
        st.rerun()
    ways = {address_of(query): query for cell in cells for query in (cell.go, cell.beside) if query}

    def hear() -> None:
        for kind, address in news(key, st.session_state[key].get("told")):
            if kind == "go" and address in ways:
                st.query_params.from_dict(dict(ways[address]))
                st.session_state[_LEFT] = True

    _component(
        key=key,
        data={
            "columns": list(columns),
            "rows": list(rows),
            "cells": [_plain(cell) for cell in cells],
            "size": list(size),
            "caption": caption,
            "shown": shown,
            "heard": list(last_heard(key)),
        },
        on_told_change=hear,
    )


def address_of(query: Query) -> str:
    """As a browser goes there from the page of orders; empty where there is no way."""
    return f"?{urlencode(query)}" if query else ""


def _plain(cell: OrderCell) -> dict[str, Any]:
    return {**vars(cell), "go": address_of(cell.go), "beside": address_of(cell.beside)}

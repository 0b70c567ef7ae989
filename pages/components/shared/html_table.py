"""A table of words of ours that scrolls in its place: plain HTML, so that every reader and keyboard gets at it."""

from collections.abc import Sequence
from html import escape
from typing import Literal

import streamlit as st

Mark = bool | Literal["vetoed", "sliver"] | None
"""Whether a row is kept, vetoed, or a date that shows too little; None where that is no question."""
Row = tuple[Sequence[str], Mark]
"""Cells, and the mark before the second one."""
_MARKS: dict[Mark, str] = {
    None: "",
    True: '<i class="np-dot np-kept"></i>',
    False: '<i class="np-dot"></i>',
    "sliver": '<i class="np-dot np-sliver"></i>',
    "vetoed": '<i class="np-dot np-veto"></i>',
}


def html_table(label: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Columns of digits and percentages stand to the right. Every cell is shown as plain text."""
    numbers = {place for place in range(len(columns)) if rows and all(_is_number(cells[place]) for cells, _ in rows)}
    body = "".join(_row(cells, kept, numbers) for cells, kept in rows)
    head = "".join(_cell("th", place in numbers, escape(name)) for place, name in enumerate(columns))
    st.html(
        f'<div class="np-table" tabindex="0" role="region" aria-label="{escape(label)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(cells: Sequence[str], kept: Mark, numbers: set[int]) -> str:
    inner = "".join(
        _cell("td", place in numbers, (_MARKS[kept] if place == 1 else "") + escape(cell))
        for place, cell in enumerate(cells)
    )
    return f"<tr{'' if kept in (True, None) else _QUIET}>{inner}</tr>"


def _is_number(cell: str) -> bool:
    return cell.removesuffix(" %").lstrip("+−").replace(",", "").replace(".", "", 1).isdigit()


_QUIET, _NUMBER = ' class="np-quiet-row"', ' class="np-number"'


def _cell(tag: str, number: bool, inner: str) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    return f"<{tag}{scope}{_NUMBER if number else ''}>{inner}</{tag}>"

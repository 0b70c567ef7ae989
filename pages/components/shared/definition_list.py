"""Labels and values, in tabular figures."""

from collections.abc import Iterable
from html import escape

import streamlit as st


def definition_list(pairs: Iterable[tuple[str, str]]) -> None:
    """A list of labels and values of ours: numbers with their units. What people wrote belongs into `st.text`."""
    rows = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in pairs)
    st.html(f'<dl class="np-facts">{rows}</dl>')


def heading(text: str, level: int = 2) -> None:
    """A heading of a part of the page, in words of ours."""
    st.html(f'<h{level} class="np-heading np-heading-{level}">{escape(text)}</h{level}>')

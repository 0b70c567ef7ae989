"""A calm box beside two pictures: what stands between them and a fair comparison, and the switch that evens it out."""

from collections.abc import Iterable
from html import escape

import streamlit as st

from pages.state import comparison


def guard(title: str, verdict: str, sentences: Iterable[str], switch: str, key: str, *, on: bool, help: str) -> None:  # noqa: A002 - as Streamlit names it
    """`verdict` is HTML, or empty; `on` is how the switch stands, which is kept in the link."""
    items = "".join(f"<li>{escape(words)}</li>" for words in sentences)
    with st.container(key="guard", gap=None):
        st.html(f'<h2 class="np-heading np-heading-2">{title}</h2>{verdict}<ul>{items}</ul>')
        st.session_state[key] = on
        st.toggle(switch, key=key, on_change=comparison.take, args=("equal", key), help=help)

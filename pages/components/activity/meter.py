"""How much of a limit is used: a bar, and the same in numbers."""

from html import escape

import streamlit as st


def meter(label: str, part: float, words: str) -> None:
    """`part` is 0 to 1, or more where the limit is passed; labels and words are shown as plain text."""
    percent = 100 * part
    full = " np-full" if part >= 0.95 else ""
    st.html(
        f'<div class="np-meter{full}"><p><span>{escape(label)}</span><b>{escape(words)}</b></p>'
        f'<div role="meter" aria-label="{escape(label)}" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{min(100.0, percent):.1f}" aria-valuetext="{escape(words)}">'
        f'<i style="width: {min(100.0, percent):.2f}%"></i></div></div>'
    )

"""What is compared: one value in the session, and in the address of the page so that a link opens the same."""

import time
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.components.comparison_link import KEYS, Comparison, comparison_of
from services.errors import NinepatchError, RecipeError

__all__ = ["Comparison", "change", "follow_address", "problems", "read"]

_STATE, _PROBLEMS, _CHANGED = "comparison", "comparison_problems", "comparison_changed"
_SETTLE_SECONDS = 1.0
"""An address that comes so soon after our own change was sent before the browser knew of it."""


def read() -> Comparison:
    """As it is now."""
    found: Comparison = st.session_state.get(_STATE, Comparison())
    return found


def change(**parts: Any) -> None:
    """Choose anew, by the names of `Comparison`; the rest stays."""
    st.session_state[_STATE], st.session_state[_PROBLEMS] = replace(read(), **parts), ()
    st.session_state[_CHANGED] = time.monotonic()
    _show_address()


def problems() -> tuple[NinepatchError, ...]:
    """What could not be used of the link, as one error; empty where all could."""
    found: tuple[NinepatchError, ...] = st.session_state.get(_PROBLEMS, ())
    if len(found) < 2:
        return found
    causes = " ".join(error.cause for error in found)
    return (RecipeError(causes, "The rest of the link is used; what is missing was left as at the start."),)


def follow_address() -> None:
    """Once in every run of the page: take what a link or the browser's way back says, and show it in the address.

    An address that says nothing of it leads back to what was compared last.
    """
    here = {key: text for key, text in st.query_params.to_dict().items() if key in KEYS}
    settled = time.monotonic() - st.session_state.get(_CHANGED, 0.0) > _SETTLE_SECONDS
    if here and here != read().question() and settled:
        st.session_state[_STATE], st.session_state[_PROBLEMS] = comparison_of(here)
    _show_address()


def _show_address() -> None:
    """What others have in it stays."""
    here = st.query_params.to_dict()
    wanted = {key: text for key, text in here.items() if key not in KEYS} | read().question()
    if here != wanted:
        st.query_params.from_dict(wanted)

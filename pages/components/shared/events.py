"""Reliable events of a component: a browser tells each again until it knows that it was heard; here it counts once.

Streamlit may drop one of two messages in a row. Whoever tells has a name, another one after it is put up anew, and
numbers its events from 1; `assets/parts.js` is the other end.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st


def last_heard(key: str) -> tuple[str, int]:
    """Who told last, and the number of its last event that was heard: what the browser needs to know."""
    heard: tuple[str, int] = st.session_state.get(_place(key), ("", 0))
    return heard


def news(key: str, told: Any) -> list[list[Any]]:
    """The events that were not heard yet, without their numbers, in order; from now on they are heard.

    What they say is not checked: a browser may say anything.
    """
    if not isinstance(told, Mapping):
        return []
    whose, last = last_heard(key)
    sender = str(told.get("sender", ""))
    found, last = [], last if whose == sender else 0
    for number, *event in told.get("events", ()):
        if number > last:
            last = number
            found.append(event)
    if found:
        st.session_state[_place(key)] = sender, last
    return found


def _place(key: str) -> str:
    """Of what was heard, in the session."""
    return f"{key}_heard"

"""A second press, for what costs or cannot be undone: it is asked for by what it would do."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.components.shared import messages
from services.plan import Cost
from services.providers import Words


def second_press(
    title: str,
    *sentences: str,
    yes: str,
    state: str,
    place: str = "",
    act: Callable[..., None] | None = None,
    args: tuple[Any, ...] = (),
) -> bool:
    """What it would do, a button for it, and one that leaves it; True where the first was pressed without an `act`.

    `state` is the name in the session of what is to be confirmed, which the second one forgets; `place` tells apart
    where it may be shown.
    """
    messages.say(title, *sentences)
    left, right = st.columns(2)
    key = f"{state}_{place}"
    pressed = left.button(yes, key=f"{key}_yes", type="primary", width="stretch", on_click=act, args=args)
    right.button("Not now", key=f"{key}_no", width="stretch", on_click=st.session_state.pop, args=(state, None))
    return pressed


def spend(words: Words, cost: Cost, what: str, state: str, **how: Any) -> bool:
    """The second press that a dear fetch needs, wherever it is asked for; `what` begins a sentence: `It is much`."""
    title = f"{'Spend' if words.units else 'Download'} {words.amount(cost)}?"
    why = f"{what}, and comes off the quota of all." if words.units else f"{what}."
    return second_press(title, why, yes="Confirm", state=state, **how)

"""Years of which a catalogue lacks much: what is missing, and another catalogue in one press."""

import streamlit as st

from pages.components.shared import messages
from pages.state import session
from pages.state.choices import Choices
from pages.state.context import settings
from services.providers import without_gaps


def catalogue_gaps(chosen: Choices) -> None:
    """The same question to the other one: a picture is of one provider alone, and mixes no two."""
    asked = chosen.archive
    lacks = asked.gaps(chosen.interval)
    if not lacks:
        return
    messages.say(f"{asked.title} does not have all of these days", lacks)
    for other in without_gaps(settings(), asked, chosen.interval):
        st.button(
            f"Ask {other.title} instead",
            key=f"ask_{other.name}",
            on_click=session.change,
            kwargs={"provider": other.name},
        )

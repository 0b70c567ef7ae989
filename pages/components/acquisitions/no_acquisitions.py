"""Nothing to fetch from: no acquisition at all, none under the limit, or all vetoed; each with the way out of it."""

import math
from collections.abc import Sequence

import streamlit as st

from pages.components.shared import messages
from pages.state import session
from pages.state.choices import last_year
from services.catalogue import Choice, kept_or_raise
from services.recipe import Recipe


def no_acquisitions(found: Sequence[Choice], recipe: Recipe) -> None:
    """Say what is missing, and offer the nearest choice that has something."""
    if any(choice.kept for choice in found):
        return
    with messages.told():
        kept_or_raise([choice.acquisition for choice in found], recipe)
    wanted = [math.ceil(choice.acquisition.cloud_cover) for choice in found if not choice.vetoed]
    if wanted:
        clearest = min(wanted)
        st.button(
            f"Raise the limit to {clearest} %", type="primary", on_click=session.change, kwargs={"maxcc": clearest}
        )
    elif found:
        st.button("Take all dates back", type="primary", on_click=session.change, kwargs={"vetoes": ()})
    else:
        year = last_year()
        st.button(f"Take {year.label}", type="primary", on_click=session.change, kwargs={"interval": year})

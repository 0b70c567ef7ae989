"""Nothing to fetch from: no acquisition, none under the limit, slivers alone, or all vetoed; each with the way out."""

import math
from collections.abc import Sequence

import streamlit as st

from pages.components.shared import messages
from pages.state import session
from pages.state.choices import last_year
from services.catalogue import Choice, kept_or_raise, shows_enough
from services.recipe import Recipe


def no_acquisitions(found: Sequence[Choice], recipe: Recipe) -> None:
    """Say what is missing, and offer the nearest choice that has something."""
    if any(choice.kept for choice in found):
        return
    with messages.told():
        kept_or_raise([choice.acquisition for choice in found], recipe)
    allowed = [choice.acquisition for choice in found if not choice.vetoed]
    wanted = [math.ceil(one.cloud_cover) for one in allowed if shows_enough(one, recipe)]
    if wanted:
        clearest = min(wanted)
        st.button(
            f"Raise the max. cloud cover to {clearest} %",
            type="primary",
            on_click=session.change,
            kwargs={"maxcc": clearest},
        )
    elif allowed:
        take = {"least_coverage": 0}
        st.button("Use dates that touch a corner", type="primary", on_click=session.change, kwargs=take)
    elif found:
        st.button("Use all dates again", type="primary", on_click=session.change, kwargs={"vetoes": ()})
    elif recipe.interval != (year := last_year()):
        st.button(f"Take {year.label}", type="primary", on_click=session.change, kwargs={"interval": year})

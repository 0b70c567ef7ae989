"""The dates of the picture with a preview each, and the veto of those that spoil it."""

from collections.abc import Sequence

import streamlit as st

from pages.components.acquisitions import by_hand
from pages.components.acquisitions.date_panel import date_panel, pick, picked
from pages.components.acquisitions.date_sheet import date_sheet
from pages.components.acquisitions.date_strip import FaceView, date_strip
from pages.components.acquisitions.faces import faces, summaries
from pages.components.acquisitions.timeline import timeline
from pages.components.acquisitions.veto_form import vetoes_list
from pages.components.results.picture_bar import view_of
from pages.components.shared.definition_list import heading
from pages.state import session
from pages.state.context import product
from services.recipe import Recipe


def date_previews(recipe: Recipe) -> None:
    """The year at a glance, the strip, and what can be done with the date that is picked."""
    found = summaries(recipe) if product().known(recipe) is not None else None
    if found is None:
        return
    heading("Its dates")
    views = faces(recipe, found, view_of(session.read()))
    label, caption = f"Dates of {recipe.when}", _caption(recipe, views)
    date_strip("faces", views, picked(), on_pick=pick, on_tick=by_hand.tick, label=label, caption=caption)
    by_hand.undo_button()
    date_panel(recipe, views)
    vetoes_list(views)
    with st.expander("Scene cloud cover over time, and all dates as a table"):
        timeline(found, recipe, pick)
        date_sheet("faces-table", views, picked(), "table", on_pick=pick, on_tick=by_hand.tick)


def _caption(recipe: Recipe, views: Sequence[FaceView]) -> str:
    kept = sum(view.state == "kept" for view in views)
    simulated = "Simulated data. " if product().provider(recipe).simulated else ""
    return f"{simulated}{len(views)} dates, {kept} used. Press one to look closer, or to exclude it."

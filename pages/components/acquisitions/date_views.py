"""The dates in the way that somebody wants to see them: as a table with ticks, in a calendar, or as pictures."""

from collections.abc import Sequence

import streamlit as st

from pages.components.acquisitions import by_hand
from pages.components.acquisitions.coarse_offer import coarse_offer
from pages.components.acquisitions.date_panel import date_panel, pick, picked
from pages.components.acquisitions.date_sheet import Mode, date_sheet
from pages.components.acquisitions.date_strip import FaceView, date_strip
from pages.components.acquisitions.faces import faces
from pages.components.acquisitions.timeline import timeline
from pages.components.acquisitions.veto_form import vetoes_list
from services.preview import DateSummary
from services.recipe import Recipe
from services.render import default_view

VIEWS = ("Table", "Calendar", "Pictures")
_VIEW = "dates_view"


def date_views(dates: Sequence[DateSummary], recipe: Recipe) -> None:
    """All dates in time, the offer to preview them, and each to be ticked and looked at."""
    timeline(dates, recipe, pick)
    coarse_offer(recipe, dates)
    found = faces(recipe, dates, default_view(recipe.bands))
    _listed(found, f"Dates of {recipe.when}")
    date_panel(recipe, found, key="date-beside")
    vetoes_list(found)


def _listed(found: Sequence[FaceView], label: str) -> None:
    """The choice, and the dates so; the browser gets one of them at a time."""
    how = st.segmented_control(
        "Show the dates as", VIEWS, default=VIEWS[0], key=_VIEW, required=True, label_visibility="collapsed"
    )
    if how == "Pictures":
        caption = f"{len(found)} dates. Press one to see it large; x uses or excludes it."
        date_strip("dates-strip", found, picked(), on_pick=pick, on_tick=by_hand.tick, label=label, caption=caption)
    else:
        mode: Mode = "calendar" if how == "Calendar" else "table"
        date_sheet(f"dates-{mode}", found, picked(), mode, on_pick=pick, on_tick=by_hand.tick)
    by_hand.undo_button()

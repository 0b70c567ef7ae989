"""The dates in the way that somebody wants to see them: as a table with ticks, in a calendar, or as pictures."""

from collections.abc import Sequence

import streamlit as st

from pages.components.acquisitions import by_hand
from pages.components.acquisitions.date_panel import pick, picked
from pages.components.acquisitions.date_sheet import date_sheet
from pages.components.acquisitions.date_strip import FaceView, date_strip

VIEWS = ("Table", "Calendar", "Pictures")
_VIEW = "dates_view"


def date_views(faces: Sequence[FaceView], label: str) -> None:
    """The choice, and the dates so; the browser gets one of them at a time."""
    how = st.segmented_control(
        "Show the dates as", VIEWS, default=VIEWS[0], key=_VIEW, required=True, label_visibility="collapsed"
    )
    if how == "Pictures":
        caption = f"{len(faces)} dates. Press one to see it large; x uses or excludes it."
        date_strip("dates-strip", faces, picked(), on_pick=pick, on_tick=by_hand.tick, label=label, caption=caption)
    else:
        mode = "calendar" if how == "Calendar" else "table"
        date_sheet(f"dates-{mode}", faces, picked(), mode, on_pick=pick, on_tick=by_hand.tick)
    by_hand.undo_button()

"""Back to the area before, and back to no area: the two buttons at the map."""

import streamlit as st

from pages.components.area import area_map, area_preview
from pages.components.area.area_picker import MAP
from pages.components.shared import messages
from pages.state import session as choices
from pages.state import undo as past
from pages.state.choices import Choices

_UNDO, _AGAIN = "area_undo", "area_again"


def undo_buttons(chosen: Choices) -> None:
    """The buttons; one that would do nothing cannot be pressed."""
    with st.container(key="area-history", horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            "Undo",
            key=_UNDO,
            icon=":material/undo:",
            disabled=not can_undo(),
            on_click=undo,
            help=f"Takes back the last change of the area, with its grid and tile: up to {past.STEPS}, one by one. "
            "The map stays where it is.",
        )
        st.button(
            "Start again",
            key=_AGAIN,
            icon=":material/restart_alt:",
            disabled=chosen.aoi is None,
            on_click=start_again,
            help='Takes the area away. "Undo" brings it back.',
        )


def can_undo() -> bool:
    """Whether the area has changed in this session to another than it is now."""
    return past.latest(choices.read()) is not None


def undo() -> None:
    """The area as it was before its last change, with its grid, centre tile and vetoes."""
    messages.forget()
    with messages.caught(MAP):
        before = past.back(choices.read())
        if before is not None:
            choices.restore(before)
            area_map.keep_still()


def start_again() -> None:
    """No area; the other choices stay."""
    messages.forget()
    area_preview.discard()
    choices.change(aoi=None, grid=None, centre=None)

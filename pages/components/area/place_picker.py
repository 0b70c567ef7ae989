"""A country or region by its name, as an area."""

import streamlit as st

from pages.components.area import area_preview
from pages.components.shared import messages
from pages.state.choices import Choices
from pages.state.context import settings
from services.area import SOURCE, all_places, area_of_place, find_place

PLACE = "place"
"""Where errors of this input are shown."""
_PLACE = "area_place"


def place_picker(chosen: Choices) -> None:  # noqa: ARG001 - the ways are called alike
    """Search and choose; what is chosen is offered. A name may be written too, with its accents or without."""
    st.selectbox(
        "Country or region",
        _labels(),
        index=None,
        key=_key(),
        placeholder="Type a name, like Uusimaa",
        accept_new_options=True,
        filter_mode="contains",
        on_change=_observation,
        help=f"{len(_labels()):,} countries, states and provinces of {SOURCE}. The list knows English and local "
        "names; write other names and codes, like FI-18, in full and press Enter.",
    )
    messages.recall(PLACE)
    st.caption(
        "Made with Natural Earth. Borders are as Natural Earth draws them, simplified to about 1 km; "
        "they are no statement."
    )


@st.cache_resource(show_spinner=False)
def _labels() -> tuple[str, ...]:
    return tuple(place.label for place in all_places())


def _key() -> str:
    """Empty again after each offer that was used or left."""
    return f"{_PLACE}-{area_preview.rounds()}"


def _observation() -> None:
    name = st.session_state[_key()]
    if name is None:  # it was emptied; what was offered stays
        messages.forget()
        return
    area_preview.discard()  # of another place
    with messages.caught(PLACE):
        area_preview.offer(area_of_place(find_place(name), settings()))

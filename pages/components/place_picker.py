"""A country or region by its name, as an area."""

import streamlit as st

from pages.components import messages, offer
from pages.components.choices import Choices
from pages.components.product import settings
from services.gazetteer import SOURCE, area_of_place, find_place, places

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
        on_change=_look,
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
    return tuple(place.label for place in places())


def _key() -> str:
    """Empty again after each offer that was used or left."""
    return f"{_PLACE}-{offer.rounds()}"


def _look() -> None:
    name = st.session_state[_key()]
    if name is None:  # it was emptied; what was offered stays
        messages.forget()
        return
    offer.discard()  # of another place
    with messages.caught(PLACE):
        offer.offer(area_of_place(find_place(name), settings()))

"""What a page says that lacks an area, with an example to start from."""

import streamlit as st

from pages.components import choices, messages
from services.examples import EXAMPLES
from services.interval import Interval

PLACE = "empty"


def no_area() -> None:
    """No area is chosen yet: the way to one."""
    messages.say("No area yet", "First choose where: an area, and the tile in the middle of the picture.")
    with st.container(horizontal=True, gap="small"):
        if st.button("Choose an area", type="primary"):
            st.switch_page("area.py")
        st.button(f"Start with the example {EXAMPLES[0].name}", on_click=_take_example)
    messages.recall(PLACE)


def _take_example() -> None:
    example = EXAMPLES[0]
    with messages.caught(PLACE):
        choices.choose_area(
            example.aoi,
            example.spec,
            centre=example.centre,
            interval=Interval.of_year(example.year),
            maxcc=example.maxcc,
        )

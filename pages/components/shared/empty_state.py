"""What a page says that lacks an area, with an example to start from."""

import streamlit as st

from pages.components.shared import messages
from pages.state import session
from services.recipe import EXAMPLES

PLACE = "empty"
LABEL = f"Start with the example {EXAMPLES[0].name}"


def no_area() -> None:
    """No area is chosen yet: the ways to one."""
    messages.say("No area yet", "First choose where: an area, and the tile in the middle of the picture.")
    with st.container(horizontal=True, gap="small"):
        if st.button("Choose an area", type="primary"):
            st.switch_page("area.py")
        st.button(LABEL, on_click=take_example)
    messages.recall(PLACE)


def no_jobs() -> None:
    """Nothing was ever fetched here: an example that can be, where nothing is chosen to begin with."""
    messages.say("No jobs yet", "Whatever anybody fetches here is listed, with what it cost.")
    messages.recall(PLACE)
    if session.read().aoi is None:
        if st.button(LABEL):
            take_example()
            st.switch_page("acquisitions.py", query_params=session.address())
    else:
        st.page_link("acquisitions.py", label="To the dates", query_params=session.address())


def take_example() -> None:
    """The first example brings all its choices."""
    with messages.caught(PLACE):
        session.choose_example(EXAMPLES[0])

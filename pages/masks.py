"""Which mask: one date by each of them, and how much cloud each lets in."""

import streamlit as st

from pages.components.frame import navigation
from pages.components.frame.page_header import head
from pages.components.masks.date_by_mask import date_by_mask, date_picker
from pages.components.masks.residual_table import residual_table
from pages.components.results.progress import acquisitions_of
from pages.components.shared import messages
from pages.components.shared.empty_state import no_area
from pages.components.shared.glossary import words_on
from pages.state import session

TITLE = "Compare masks"

for problem in session.problems():
    messages.tell(problem)


@st.fragment
def compare_masks() -> None:
    """Another date runs this alone; nothing is fetched."""
    head("masks", TITLE, link=True)
    with messages.told():
        recipe = session.read().recipe()
        found = acquisitions_of(recipe) if recipe else None
        if recipe is not None and found is not None:
            picked = date_picker(recipe, found)
            if picked is not None:
                date_by_mask(recipe, picked)
            residual_table(recipe, found)
        st.page_link("compare.py", label="Compare years and max. cloud cover", query_params=session.address())
    navigation.summary()


if session.read().aoi is None:
    head("masks", TITLE)
    no_area()
else:
    compare_masks()
words_on("masks")

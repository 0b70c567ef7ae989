"""What changed, and is it the land or the sampling: years beside max. cloud cover, and two pictures."""

import streamlit as st

from pages.components.compare.comparison_bar import comparison_bar
from pages.components.compare.comparison_pane import comparison_pane
from pages.components.compare.matrix_view import matrix_view
from pages.components.frame import navigation
from pages.components.frame.page_header import head
from pages.components.shared import messages
from pages.components.shared.empty_state import no_area
from pages.components.shared.glossary import words_on
from pages.state import comparison, session

KEY, TITLE = "compare", "Compare years and max. cloud cover"

comparison.follow_address()
for problem in (*session.problems(), *comparison.problems()):
    messages.tell(problem)


@st.fragment(key=KEY)
def compare() -> None:
    """The table and what is selected in it; whatever is chosen here runs this alone, and fetches nothing."""
    head("compare", TITLE, link=True)
    with messages.told():
        comparison_bar(session.read(), comparison.read())
        st.page_link("masks.py", label="Compare masks on one date", query_params=session.address())
    table, beside = st.columns([1, 1], gap="medium")
    with table, st.container(key="matrix-column"):
        matrix_view(around=KEY)
    with beside, st.container(key="sides"), messages.told():
        comparison_pane()
    navigation.summary()


if session.read().aoi is None:
    head("compare", TITLE)
    no_area()
else:
    compare()
words_on("compare")

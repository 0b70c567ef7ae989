"""What changed, and is it the land or the sampling: years beside cloud limits, and two pictures beside each other."""

import streamlit as st

from pages.components import choices, comparison, messages, steps
from pages.components.comparison_bar import comparison_bar
from pages.components.empty import no_area
from pages.components.glossary import words_on
from pages.components.lead import head
from pages.components.matrix_view import matrix_view
from pages.components.sides import sides

KEY, TITLE = "compare", "Compare years and cloud limits"

comparison.follow_address()
for problem in (*choices.problems(), *comparison.problems()):
    messages.tell(problem)


@st.fragment(key=KEY)
def compare() -> None:
    """The table and what is selected in it; whatever is chosen here runs this alone, and fetches nothing."""
    head("compare", TITLE, link=True)
    with messages.told():
        comparison_bar(choices.read(), comparison.read())
    table, beside = st.columns([1, 1], gap="medium")
    with table, st.container(key="matrix-column"):
        matrix_view(around=KEY)
    with beside, st.container(key="sides"), messages.told():
        sides()
    steps.summary()


if choices.read().aoi is None:
    head("compare", TITLE)
    no_area()
else:
    compare()
words_on("compare")

"""What changed, and is it the land or the sampling: years beside cloud limits, and two pictures beside each other."""

import streamlit as st

from pages.components import choices, comparison, messages, steps
from pages.components.comparison_bar import comparison_bar
from pages.components.empty import no_area
from pages.components.facts import heading
from pages.components.matrix_view import matrix_view
from pages.components.share import share
from pages.components.sides import sides

KEY, TITLE = "compare", "Compare years and cloud limits"
LEAD = (
    "The same place, a row a year and a column a cloud limit: down a column the land may differ, along a row only the "
    "sampling does."
)

comparison.follow_address()
for problem in (*choices.problems(), *comparison.problems()):
    messages.tell(problem)


@st.fragment(key=KEY)
def compare() -> None:
    """The table and what is selected in it; whatever is chosen here runs this alone, and fetches nothing."""
    with st.container(key="compare-title", horizontal=True, vertical_alignment="center"):
        heading(TITLE, level=1)
        share()
    st.html(f'<p class="np-lead">{LEAD}</p>')
    with messages.told():
        comparison_bar(choices.read(), comparison.read())
    table, beside = st.columns([1, 1], gap="medium")
    with table, st.container(key="matrix-column"):
        matrix_view(around=KEY)
    with beside, st.container(key="sides"), messages.told():
        sides()
    steps.summary()


if choices.read().aoi is None:
    heading(TITLE, level=1)
    no_area()
else:
    compare()

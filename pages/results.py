"""What came out: the progress of the fetch, then the picture with its numbers, its dates and its files."""

import streamlit as st

from pages.components.frame import navigation
from pages.components.frame.page_header import head, page_header, shared_link
from pages.components.gallery.keep import keep_picture
from pages.components.results.date_previews import date_previews
from pages.components.results.downloads import offered
from pages.components.results.layer_map import on_the_map
from pages.components.results.limit_curve import limit_curve
from pages.components.results.linked_picture import show_linked
from pages.components.results.picture_bar import picture_bar, reduction_picker, view_of
from pages.components.results.picture_state import NOTHING, WHOLE, picture_state
from pages.components.results.recent import recent
from pages.components.results.requested_result import RequestedResult, requested_result
from pages.components.shared import messages
from pages.components.shared.empty_state import no_area
from pages.components.shared.glossary import words_on
from pages.components.take.links import this_view
from pages.components.take.timelapse import timelapse
from pages.state import inspection, moving, session
from services.recipe import Recipe


def show_chosen(question: RequestedResult, recipe: Recipe) -> None:
    """The picture of the present choices, and what there is to know of it."""
    shown = picture_state(question, recipe)
    if shown != NOTHING:
        view = view_of(session.read())
        this_view(recipe, view)
        date_previews(recipe)
        timelapse(recipe, view)
        limit_curve(recipe)
    if shown == WHOLE:
        on_the_map(question)
        offered(question, recipe)


@st.fragment
def chosen() -> None:
    """A moved limit, another view or a veto runs this alone."""
    with messages.told():
        question = requested_result()
        if question is not None and question.recipe is not None:
            with st.container(gap=None):
                with st.container(horizontal=True, vertical_alignment="center", key="picture-head"):
                    question.title()
                    reduction_picker(session.read())
                    keep_picture(question.recipe)
                    shared_link()
                page_header("results")
            picture_bar(session.read())
            show_chosen(question, question.recipe)
    navigation.summary()


inspection.follow_address()
moving.follow_address()
for problem in (*session.problems(), *inspection.problems(), *moving.problems()):
    messages.tell(problem)
with messages.told():
    question = requested_result()
    if question is None:
        head("results", "Picture")
        no_area()
    elif question.elsewhere:
        with st.container(horizontal=True, vertical_alignment="center", key="picture-head"):
            question.title()
            shared_link()
        page_header("results")
        show_linked(question)
    else:
        chosen()
    recent(but=question.digest if question else "")
words_on("results")

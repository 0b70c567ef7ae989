"""What came out: the progress of the fetch, then the picture with its numbers, its dates and its files."""

import streamlit as st

from pages.components import choices, messages, steps
from pages.components.asked import Asked, asked
from pages.components.downloads import downloads, offered
from pages.components.empty import no_area
from pages.components.faces import dates_with_faces
from pages.components.glossary import words_on
from pages.components.layer_map import on_the_map
from pages.components.lead import head, lead
from pages.components.limit_curve import limit_curve
from pages.components.outcome import as_made, outcome
from pages.components.picture_bar import picture_bar, reduction_picker
from pages.components.progress import watch
from pages.components.recent import recent
from pages.components.share import share
from services.recipe import Recipe


def show_linked(question: Asked) -> None:
    """A picture that a link names: as it was made, or as far as it is."""
    if question.result is not None:
        as_made(question.result, question.digest)
        downloads(question.result, question.digest)
    elif question.job is not None and question.job.unfinished and question.recipe is not None:
        watch(question.job, question.recipe)
    else:
        messages.say(
            "This picture is not on this server",
            "Its link was made on another one, or the picture was removed to make room.",
        )


def show_chosen(question: Asked, recipe: Recipe) -> None:
    """The picture of the present choices, and what there is to know of it."""
    if not outcome(question, recipe):
        return
    dates_with_faces(recipe)
    limit_curve(recipe)
    on_the_map(question)
    offered(question, recipe)


@st.fragment
def chosen() -> None:
    """A moved limit, another view or a veto runs this alone."""
    with messages.told():
        question = asked()
        if question is not None and question.recipe is not None:
            with st.container(gap=None):
                with st.container(horizontal=True, vertical_alignment="center", key="picture-head"):
                    question.title()
                    reduction_picker(choices.read())
                    share()
                lead("results")
            picture_bar(choices.read())
            show_chosen(question, question.recipe)
    steps.summary()


for problem in choices.problems():
    messages.tell(problem)
with messages.told():
    question = asked()
    if question is None:
        head("results", "Picture")
        no_area()
    elif question.elsewhere:
        question.title()
        lead("results")
        show_linked(question)
    else:
        chosen()
    recent(but=question.digest if question else "")
words_on("results")

"""What came out: the progress of the fetch, then the picture with its numbers and files."""

import streamlit as st

from pages.components import choices, messages
from pages.components.asked import Asked, asked
from pages.components.bill import bill
from pages.components.downloads import downloads
from pages.components.empty import no_area
from pages.components.facts import heading
from pages.components.pictures import dates, pictures
from pages.components.progress import failed, watch
from pages.components.recent import recent
from services.recipe import Recipe

LABELS = {"failed": "Resume", "cancelled": "Continue"}
"""What goes on with a job that ended before its time."""


def show(question: Asked, recipe: Recipe) -> None:
    """The picture as far as it is."""
    job, result = question.job, question.result
    if job is not None and job.unfinished:
        watch(job, recipe)
        return
    if job is not None and job.state in LABELS:
        failed(job, LABELS[job.state])
    if result is not None:
        if question.nothing_fetched and result.requests:
            messages.say("Nothing was fetched this time", "The picture was there, and is shown as it was made.")
        pictures(result, question.digest)
        dates(result)
        heading("Downloads")
        downloads(result, question.digest)
    elif job is None or job.state == "done":
        messages.say("This picture is not made yet", "Look at its dates and what it takes, then fetch.")
        with st.container(width=420):
            bill(recipe)
        st.page_link("acquisitions.py", label="To the dates", query_params=choices.address())


for problem in choices.problems():
    messages.tell(problem)
with messages.told():
    question = asked()
    if question is None:
        heading("Median picture", level=1)
        no_area()
    else:
        question.title()
        if question.recipe is not None:
            show(question, question.recipe)
        else:
            messages.say(
                "This picture is not on this server",
                "Its link was made on another one, or the picture was removed to make room.",
            )
    recent(but=question.digest if question else "")

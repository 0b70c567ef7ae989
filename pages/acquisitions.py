"""When: the days and the cloud limit, which acquisitions they keep, and what the picture costs."""

from collections.abc import Sequence

import streamlit as st

from pages.components import choices, messages, steps
from pages.components.bill import bill
from pages.components.dates import bands_picker, dates_picker, limit_picker, mask_picker, method_picker
from pages.components.empty import no_area
from pages.components.glossary import words_on
from pages.components.lead import head
from pages.components.nothing import nothing_kept
from pages.components.progress import acquisitions_of
from pages.components.timeline import table, timeline
from services.catalogue import Choice, choose
from services.recipe import Recipe

TITLE = "Choose dates and a cloud limit"

for problem in choices.problems():
    messages.tell(problem)


def show(seen: Sequence[Choice], recipe: Recipe) -> None:
    """Which dates there are, and what those that are kept cost."""
    if not seen:
        nothing_kept(seen, recipe)
        return
    picture, cost = st.columns([9, 4], gap="large")
    with picture:
        timeline(seen, recipe)
        table(seen)
    with cost, st.container(key="bill"):
        nothing_kept(seen, recipe)
        bill(recipe)


@st.fragment
def choose_dates() -> None:
    """The choices, and what they keep; a moved limit runs this alone and asks nobody."""
    head("acquisitions", TITLE, link=True)
    chosen = choices.read()
    with st.container(key="dates-bar"):
        when, limit, mask = st.columns([7, 4, 5], gap="medium")
        with when:
            dates_picker(chosen)
        with limit:
            limit_picker(chosen)
            method_picker(chosen)
        with mask:
            mask_picker(chosen)
            bands_picker(chosen)
    with messages.told():
        recipe = choices.read().recipe()
        found = acquisitions_of(recipe) if recipe else None
        if recipe is not None and found is not None:
            show(choose(found, recipe), recipe)
    steps.summary()


if choices.read().aoi is None:
    head("acquisitions", TITLE)
    no_area()
else:
    choose_dates()
words_on("acquisitions")

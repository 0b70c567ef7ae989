"""When: the days and the max. cloud cover, which acquisitions they keep, and what the picture costs."""

import streamlit as st

from pages.components.acquisitions import dates
from pages.components.acquisitions.bill import bill
from pages.components.acquisitions.catalogue_gaps import catalogue_gaps
from pages.components.acquisitions.date_views import date_views
from pages.components.acquisitions.faces import summaries
from pages.components.acquisitions.no_acquisitions import no_acquisitions
from pages.components.frame import navigation
from pages.components.frame.page_header import head
from pages.components.results.progress import acquisitions_of
from pages.components.shared import messages
from pages.components.shared.empty_state import no_area
from pages.components.shared.glossary import words_on
from pages.state import session
from pages.state.context import product
from services.preview import DateSummary
from services.recipe import Recipe

TITLE = "Choose dates and the max. cloud cover"

for problem in session.problems():
    messages.tell(problem)


def show(seen: tuple[DateSummary, ...], recipe: Recipe) -> None:
    """Which dates there are, how each looks, and what those that are used cost."""
    if not seen:
        no_acquisitions(seen, recipe)
        return
    picture, cost = st.columns([9, 4], gap="large")
    with picture:
        date_views(seen, recipe)
    with cost, st.container(key="bill"):
        no_acquisitions(seen, recipe)
        bill(recipe)


@st.fragment
def choose_dates() -> None:
    """The choices, and what they keep; a moved limit runs this alone and asks nobody."""
    head("acquisitions", TITLE, link=True)
    chosen = session.read()
    with st.container(key="dates-bar"):
        when, limit, mask = st.columns([7, 4, 5], gap="medium")
        with when:
            dates.dates_picker(chosen)
        with limit:
            dates.limit_picker(chosen)
            dates.method_picker(chosen)
        with mask:
            dates.mask_picker(chosen)
            dates.nbar_picker(chosen)
            dates.least_picker(chosen)
            dates.rule_picker(chosen)
            dates.bands_picker(chosen)
    with messages.told():
        catalogue_gaps(session.read())
        recipe = session.read().recipe()
        found = acquisitions_of(recipe) if recipe else None
        if recipe is not None and found is not None:
            left_out = product().notes(recipe)
            if left_out:
                messages.say("A part of the catalogue's answer cannot be used", *left_out)
            show(summaries(recipe) or (), recipe)
    navigation.summary()


if session.read().aoi is None:
    head("acquisitions", TITLE)
    no_area()
else:
    choose_dates()
words_on("acquisitions")

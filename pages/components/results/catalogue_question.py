"""The question to the catalogue: the job that asks it, and the press that it waits for where a link brought it."""

from collections.abc import Iterable
from itertools import groupby

import streamlit as st

from pages.components.shared import messages
from pages.state import permission
from pages.state.context import jobs, product
from pages.state.member import actor, may, member
from services.accounting import CostEstimate
from services.jobs import LOOK, Job, job_id
from services.providers import Provider
from services.recipe import Recipe

_ASKED = "asked"
_ANY = {
    "area": "Area",
    "maxcc": 100,
    "mask": "none",
    "bands": ("B04",),
    "method": "median",
    "grow": 0,
    "vetoes": (),
    "months": (),
    "included": (),
}
"""What the answer of the catalogue does not depend on."""


def asking(recipe: Recipe) -> Job:
    """The job that asks the catalogue for the interval; this session starts it once, and again on demand."""
    question = recipe.with_(**_ANY)
    key = job_id(LOOK, question)
    asked: set[str] = st.session_state.setdefault(_ASKED, set())
    job = jobs().get(key)
    if job is None or (key not in asked and not job.unfinished):
        job = jobs().submit(LOOK, question, actor())
    asked.add(key)
    return job


def may_ask(recipe: Recipe) -> bool:
    """Whether `asking` is for this session: it may ask, or somebody else asks by now. Raises as `may_be_asked`."""
    if permission.may_be_asked(recipe):
        return True
    job = jobs().get(job_id(LOOK, recipe.with_(**_ANY)))
    return job is not None and job.unfinished


def ask_first(recipes: Iterable[Recipe]) -> None:
    """What it would take to ask for the intervals of these recipes, and the press that does; nothing without any."""
    named = [(recipe.provider, recipe) for recipe in recipes]
    for name, some in groupby(sorted(named, key=lambda one: one[0]), lambda one: one[0]):
        intervals = {recipe.interval: recipe for _, recipe in some}
        asked = tuple(intervals.values())
        quoted = product().search_price(asked, member())
        days = asked[0].interval.words if len(asked) == 1 else ", ".join(one.words for one in sorted(intervals))
        messages.say(f"The catalogue has not been asked for {days}", _price(product().provider(asked[0]), quoted))
        _press(name, quoted)


def _price(provider: Provider, quoted: CostEstimate) -> str:
    """`About 3 catalogue requests, 0.36 units of Copernicus Data Space: 0.03 % of a month's 10,000 requests.`"""
    told = provider.words.search(quoted.cost)
    share = f": {100 * quoted.request_share:.2f} % of a month's {quoted.quota_requests:,.0f} requests"
    return f"{told[:1].upper()}{told[1:]} of {provider.title}{share if quoted.quota_requests else ''}."


def _press(name: str, quoted: CostEstimate) -> None:
    if not may():
        st.caption("A member of this server may ask it; then its answer is here for everybody.")
    elif quoted.refusal is not None:
        messages.tell(quoted.refusal)
    else:
        st.button("Ask the catalogue", type="primary", key=f"ask_first_{name}", on_click=permission.press)
        st.caption("A link asks nothing by itself. The answer is kept for everybody.")

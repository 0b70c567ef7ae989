"""The jobs of all members: who asked for what, how far it is, what it cost, and the buttons that stop it or go on."""

import time
from collections.abc import Callable, Mapping
from html import escape

import streamlit as st

from pages.components.results.progress import so_far
from pages.components.results.recent import STATES
from pages.components.results.stop_job import PLACE as STOPPING
from pages.components.results.stop_job import second_stop, spent, stop_button
from pages.components.shared import messages
from pages.components.shared.definition_list import heading
from pages.components.shared.empty_state import no_jobs
from pages.components.shared.format import ago, recipe_json_label
from pages.limits import every
from pages.state.context import jobs, product
from pages.state.member import actor, may
from services.jobs import FETCH, SPENDING, TITLES, Job
from services.plan import Cost

EVERY_SECONDS = 2.0
_COLUMNS = ("Who", "When", "State", "Spent", "Saved")
_WIDTHS = (11, 15, 3)
_LIMIT, _MORE = "jobs_limit", 15
PLACE = "jobs"


def job_list() -> None:
    """The latest jobs, the newest first; what runs is looked at again every few seconds."""
    heading("Jobs")
    messages.recall(PLACE)
    messages.recall(STOPPING)
    st.fragment(_list, run_every=every(EVERY_SECONDS))()


def _list() -> None:
    limit: int = st.session_state.setdefault(_LIMIT, _MORE)
    found = jobs().recent(*SPENDING, limit=limit + 1)
    if not found:
        no_jobs()
        return
    saved = product().ledger.saved([job.run for job in found])
    with st.container(key="jobs", gap=None):
        _cells("head", "What", _COLUMNS)
        for job in found[:limit]:
            _row(job, saved)
    if len(found) > limit:
        st.button("Older jobs", key="older", on_click=_older)


def _row(job: Job, saved: Mapping[str, Cost]) -> None:
    is_fetch = job.kind == FETCH
    what = recipe_json_label(job.recipe)
    what = what if is_fetch else f"{TITLES.get(job.kind, job.kind)} · {what}"
    button = _cells(f"job-{job.id}", what, cells(job, saved, time.time()), job.id if is_fetch else "")
    if job.unfinished:
        stop_button(job, button)
        second_stop(job)
    elif job.resumable and may():
        words = "Resume" if job.state == "failed" else "Continue"
        booked = None if job.member == actor().name else "It goes on in your name, and the rest is yours to pay."
        button(words, key=f"resume-{job.id}", on_click=_go_on, args=(job.id,), help=booked)


def _cells(key: str, what: str, words: tuple[str, ...], digest: str = "") -> Callable[..., bool]:
    """One row, the same for the head; gives what draws its button."""
    with st.container(key=key):
        place, beside, end = st.columns(_WIDTHS, gap="small", vertical_alignment="center")
        with place, st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if digest:
                st.page_link("results.py", label="Open", query_params={"job": digest})
            st.text(what, width="content")
        with beside:
            named = zip(_COLUMNS, words, strict=True)
            spans = "".join(f'<span data-name="{name}">{escape(word)}</span>' for name, word in named)
            st.html(f'<div class="np-job">{spans}</div>')
    return end.button


def cells(job: Job, saved: Mapping[str, Cost], now: float) -> tuple[str, ...]:
    """Who, when, state, what it cost, what the cache saved; what people wrote is among it."""
    costs = spent(Cost(job.units, bytes=job.bytes)) or "nothing", _saved(job, saved)
    return job.member or "–", ago(now - job.created), _state(job), *costs


def _saved(job: Job, saved: Mapping[str, Cost]) -> str:
    return spent(saved[job.run]) or "nothing" if job.run in saved else "–"


def _state(job: Job) -> str:
    if job.state == "running":
        held = f", held back by {job.waiting}" if job.waiting else ""
        return f"being made, {so_far(job)}{held}" if job.dates else "being made"
    return f"{STATES.get(job.state, job.state)}: {job.cause}" if job.state == "failed" else STATES[job.state]


def _older() -> None:
    st.session_state[_LIMIT] += _MORE


def _go_on(key: str) -> None:
    with messages.caught(PLACE):
        jobs().resume(key, actor())

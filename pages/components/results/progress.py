"""How far a job is. A fragment looks into the table of jobs and nothing else; no page asks or fetches."""

import time
from html import escape

import streamlit as st

from pages.components.results.catalogue_question import ask_first, asking, may_ask
from pages.components.results.stop_job import PLACE as STOPPING
from pages.components.results.stop_job import second_stop, stop_button
from pages.components.shared import messages
from pages.components.shared.definition_list import definition_list
from pages.components.shared.format import duration
from pages.components.shared.picture_html import outlines, standing
from pages.limits import every
from pages.routes.files import address
from pages.state.context import jobs, product
from pages.state.member import actor, may, member
from services.catalogue import Acquisition
from services.export import COUNTS, PICTURE
from services.jobs import LOOK, Job
from services.plan import Cost
from services.providers import Words
from services.recipe import Recipe
from services.text import megabytes, plural

EVERY_SECONDS = 0.4
_LEAST = 2
"""Answers before the time left is guessed."""
_PATIENT_SECONDS = 3
"""After them a wait says how long it has been."""


def acquisitions_of(recipe: Recipe) -> tuple[Acquisition, ...] | None:
    """All acquisitions of the interval, from the kept answer; where there is none a job asks, and is waited for here.

    Where the question came by a link, a press is asked for first. Raises what reading the cache raises.
    """
    found = product().known(recipe)
    if found is not None:
        return found
    if not may_ask(recipe):
        ask_first((recipe,))
        return None
    job = asking(recipe)
    if job.unfinished:
        st.fragment(_wait, run_every=every(EVERY_SECONDS))(job.id)
    elif job.state == "done":
        messages.say("The catalogue's answer is not kept", "It came, and was too old at once.", kind="problem")
        _again(job, "Ask again")
    else:
        failed(job, "Ask again")
    return None


def watch(job: Job, recipe: Recipe, before: str = "") -> None:
    """The picture as it grows, and beside it the progress with the button that stops it.

    The page runs again when the job ends. `before` is the address of what is seen until there is something of it.
    """
    st.fragment(_watch, run_every=every(EVERY_SECONDS))(job.id, recipe, before)


def failed(job: Job, label: str) -> None:
    """Why a job ended before its time, and the button that goes on with what is missing."""
    if job.state == "cancelled":
        messages.say("Cancelled", "What had been fetched is kept and will not be fetched again.")
    else:
        title = "The catalogue did not answer" if job.kind == LOOK else "The picture could not be made"
        messages.say(title, job.cause, job.remedy, kind="problem")
    _again(job, label)


def _again(job: Job, label: str) -> None:
    if not may():
        messages.only_looks()
        return
    st.button(label, type="primary", key="again", on_click=_go_on, args=(job,))


def _go_on(job: Job) -> None:
    if job.resumable:
        jobs().resume(job.id, actor())
    else:
        jobs().submit(job.kind, Recipe.from_json(job.recipe), actor())


def _wait(key: str) -> None:
    """The page runs again when the answer is there."""
    job = jobs().get(key)
    if job is None or not job.unfinished:
        st.rerun()
    seconds = time.time() - job.created
    shown = f" {seconds:.0f} s" if seconds >= _PATIENT_SECONDS else ""
    st.html(f'<p class="np-wait" role="status">Asking the catalogue…{shown}</p>')


def _watch(key: str, recipe: Recipe, before: str) -> None:
    job = jobs().get(key)
    if job is None or not job.unfinished:
        st.rerun()
    place, beside = st.columns([17, 9], gap="medium")
    with place:
        growing_picture(job, recipe, before)
    with beside, st.container(key="making"):
        growing_counts(job, recipe)
        if job.member and job.member != member():
            st.text(f"{job.member} asked for it.")
        _progress(job, product().provider(recipe).words)


def _progress(job: Job, words: Words) -> None:
    st.progress(_part(job), text=_phase(job))
    expected = f" of about {megabytes(job.expected)}" if job.expected else ""
    definition_list(
        (
            ("Dates", f"{job.dates_done:,} of {job.dates:,}" if job.dates else "–"),
            ("Requests", "{:,} of {:,}".format(*job.asked) if job.total else "–"),
            *((("Units", f"{job.units:,.1f}"),) if words.units else ()),
            ("Received", f"{megabytes(job.bytes)}{expected}"),
            ("Time left", left(job, time.time())),
            ("Held back by", job.waiting or "nothing"),
        )
    )
    asked_again(job)
    stop_button(job)
    messages.recall(STOPPING)
    second_stop(job)


def asked_again(job: Job) -> None:
    """Why it costs more than was promised, where a worker ended while requests were on their way."""
    lost = product().ledger.lost(job.run, job.started) if job.started else Cost()
    if lost.requests:
        words = product().provider(Recipe.from_json(job.recipe)).words
        st.caption(
            f"A worker ended while {plural(lost.requests, 'request')} were on their way, about {words.price(lost)}: "
            "they are asked again, and counted twice."
        )


def _phase(job: Job) -> str:
    if job.cancel:
        return "Cancelling: what is on its way is still kept"
    if job.state == "queued":
        return "Waiting for its turn"
    return job.phase[:1].upper() + job.phase[1:] if job.phase else "Beginning"


def _part(job: Job) -> float:
    return min(1.0, job.done / job.total) if job.total else 0.0


def left(job: Job, now: float) -> str:
    """At the pace so far: `about 20 s`."""
    if not job.total or job.started is None or job.done >= job.total:
        return "–" if job.done < job.total or not job.total else "a few seconds"
    if job.done < _LEAST:
        return "–"
    seconds = (now - job.started) / job.done * (job.total - job.done)
    return f"about {duration(seconds)}"


def growing_picture(job: Job, recipe: Recipe, before: str = "") -> None:
    """The picture as far as it is, in the place of the finished one; and before it is, what was there, dimmed."""
    words = f"{recipe.compositing.title} picture of {so_far(job)} so far, in true colour, north up."
    st.html(_figure(job, recipe, PICTURE, "np-picture", words, "It sharpens as dates arrive", before))


def growing_counts(job: Job, recipe: Recipe) -> None:
    """The count of clear observations as far as it is."""
    words = f"How many clear observations each place has after {so_far(job)}."
    st.html(_figure(job, recipe, COUNTS, "np-counts", words, f"Clear observations, {so_far(job)}"))


def so_far(job: Job) -> str:
    """`12 of 35 dates`, as far as it is known."""
    return f"{job.dates_done:,} of {plural(job.dates, 'date')}" if job.dates else "no dates"


def _figure(job: Job, recipe: Recipe, path: str, kind: str, words: str, caption: str, before: str = "") -> str:
    """The image lies over the one before it, which is seen until it has come."""
    side = recipe.neighbourhood.side
    width, height = recipe.lattice.size_px(recipe.resolution)
    stamp = product().results.stamp(job.id, path)
    inside, under = outlines(side) if path == PICTURE else "", ""
    if before:
        inside += f'<img class="np-dim" src="{before}" alt="The dates that were here before">'
    if stamp:
        source = f"{address(job.id, path)}?v={stamp}"
        inside = f'<img src="{source}" alt="{escape(words)}">'
        under = f" style=\"background-image: url('{standing(path + job.run, source)}')\""
    return (
        f'<figure class="{kind} np-making" style="--ratio: {width} / {height}; --side: {side}">'
        f'<div class="np-image"{under}>{inside}</div>'
        f"<figcaption><span>{escape(caption)}</span></figcaption></figure>"
    )

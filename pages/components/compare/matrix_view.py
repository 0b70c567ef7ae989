"""The table of years and cloud limits with what it takes; while something is under way it looks again by itself."""

import time
from collections.abc import Mapping
from functools import partial

import streamlit as st

from pages.components.compare.fill_requests import failed_wishes, fill_request, price, second_press, stop
from pages.components.compare.matrix_cells import cells_of, seen
from pages.components.compare.matrix_table import Fetch, Select, matrix_table
from pages.components.results.progress import asking, failed
from pages.components.shared import messages
from pages.components.shared.legends import scale
from pages.state import comparison, session
from pages.state.comparison import Place
from services.compare import HERE, MAKING, SIDE, UNKNOWN, Matrix
from services.jobs import FILL, Job
from services.preview import raster, step_for
from services.render import legend

EVERY_SECONDS = 0.5
_BUSY, _MOVED, _BESIDE = "matrix_busy", "matrix_moved", "matrix_beside"
_NOT_KEPT_SECONDS = 5
"""An answer that came so long ago and is not there will not come any more."""


def matrix_view(around: str) -> None:
    """The table; `around` is the key of the fragment that runs again where somebody selects something."""
    every = EVERY_SECONDS if st.session_state.get(_BUSY) else None
    st.fragment(_table, run_every=every)(around)


def shown_beside(states: Mapping[Place, str]) -> None:
    """Say in which states the selected cells are shown: where one gets into another, the page runs again."""
    st.session_state[_BESIDE] = dict(states)


def _table(around: str) -> None:
    with messages.told():
        chosen, now = session.read(), comparison.read()
        rows, columns = now.rows(chosen), now.columns(chosen)
        found, selected = cells_of(chosen, rows, columns), now.shown(chosen)
        searches = {cell.variant.year: asking(cell.needs) for cell in found.of(UNKNOWN)}
        _keep_time(found, searches, selected)
        matrix_table(
            "matrix",
            columns,
            rows,
            [seen(cell) for cell in found.cells],
            selected,
            size=_size(found),
            caption=f"{found.view.words}; the same for every picture.",
            on_event=partial(_hear, found),
            on_heard=partial(_run, around),
        )
        colours = legend(found.view)
        if colours is not None:
            st.html(f'<div class="np-key np-shared">{scale(colours, found.view.label)}</div>')
        _what_it_takes(found)
        for job in searches.values():
            if not job.unfinished:
                failed(job, "Ask again")
                break


def _what_it_takes(found: Matrix) -> None:
    """Below the table: all at once, the second press, and what went wrong."""
    lacking, cache_fill = found.lacking, [job for job in found.under_way if job.kind == FILL]
    with st.container(key="matrix-bill", horizontal=True, vertical_alignment="center", gap="small"):
        if lacking:
            cost = price(lacking[0].recipe, [cell.plan for cell in lacking if cell.plan])
            asked = [cell.needs for cell in lacking], "all that is missing"
            st.button(f"Fetch all that is missing · {cost}", key="fetch_all", on_click=fill_request, args=asked)
        if cache_fill:
            st.button("Stop fetching", key="stop_filling", on_click=stop, args=(cache_fill,), help="What came is kept.")
    if lacking:
        st.caption("Nothing is fetched before you press, and what is fetched is never fetched again.")
    second_press("matrix")
    for words, job in failed_wishes():
        messages.say(f"Fetching {words} did not work", job.cause, job.remedy, kind="problem")


def _keep_time(found: Matrix, searches: dict[int, Job], selected: tuple[Place, ...]) -> None:
    """The page runs again where the timer has to start or to stop, and where what is selected looks otherwise now."""
    asked = any(job.unfinished or _just_now(job) for job in searches.values())
    busy = asked or found.undrawn or bool(found.of(MAKING))
    states = {place: found.at(*place).state for place in selected}
    beside: dict[Place, str] = st.session_state.get(_BESIDE, {})
    other = any(beside.get(place, state) != state for place, state in states.items())
    if busy != st.session_state.get(_BUSY, False) or other:
        st.session_state[_BUSY], st.session_state[_BESIDE] = busy, states
        st.rerun()


def _just_now(job: Job) -> bool:
    """Whether its answer is there at the next look."""
    return job.state == "done" and time.time() - (job.finished or 0) < _NOT_KEPT_SECONDS


def _hear(found: Matrix, event: Select | Fetch) -> None:
    if isinstance(event, Select):
        comparison.change(selected=event.cells)
        st.session_state[_MOVED] = True
    else:
        cell = found.at(event.year, event.limit)
        fill_request([cell.needs], cell.name)


def _run(around: str) -> None:
    """What is selected is shown beside the table, and nothing else has to run again."""
    if st.session_state.pop(_MOVED, False):
        st.rerun(around)


def _size(found: Matrix) -> tuple[int, int]:
    """Width and height of every picture; a place has it before its picture is there."""
    drawn = next((cell.preview for cell in found.of(HERE) if cell.preview is not None), None)
    if drawn is not None:
        return drawn.width, drawn.height
    needs = found.cells[0].needs
    height, width = raster(needs, step_for(needs, SIDE)).shape
    return width, height

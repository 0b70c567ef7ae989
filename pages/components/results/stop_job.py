"""The button that stops a job: one's own at once, another's by a second press that says what it costs."""

from collections.abc import Callable

import streamlit as st

from pages.components.shared import messages
from pages.components.shared.confirm import second_press
from pages.components.shared.format import recipe_json_label
from pages.state.context import jobs
from pages.state.member import actor, may_change
from services.jobs import Job
from services.plan import Cost
from services.text import megabytes

PLACE = "stop_job"
"""Where errors of the press are shown."""
_ASKED = "stop_asked"


def stop_button(job: Job, button: Callable[..., bool] = st.button) -> None:
    """Nothing where the job is another's, and who is here is no administrator."""
    if not may_change(job.member):
        return
    own = job.member == actor().name
    button(
        "Cancelling…" if job.cancel else "Cancel",
        key=f"cancel-{job.id}",
        disabled=job.cancel,
        on_click=_stop if own else _ask,
        args=(job.id,),
        help="Ends the spending. What has been fetched is kept.",
    )


def second_stop(job: Job) -> None:
    """The second press, where somebody asked for it."""
    if st.session_state.get(_ASKED) != job.id or job.cancel:
        return
    with st.container(gap="small"):
        second_press(
            f"Cancel the job of {job.member or 'somebody'}?",
            recipe_json_label(job.recipe),
            f"{cost} are spent and stay spent." if (cost := spent(Cost(job.units, bytes=job.bytes))) else "",
            "What has been fetched is kept; whoever goes on with it pays for the rest.",
            "It is written to the audit log in your name.",
            yes="Cancel the job",
            state=_ASKED,
            place=f"cancel-{job.id}",
            act=_stop,
            args=(job.id,),
        )


def spent(cost: Cost) -> str:
    """In units, in bytes where none were counted; empty where nothing was spent."""
    return f"{cost.units:,.1f} units" if cost.units else megabytes(cost.bytes) if cost.bytes else ""


def _ask(key: str) -> None:
    st.session_state[_ASKED] = key


def _stop(key: str) -> None:
    st.session_state.pop(_ASKED, None)
    with messages.caught(PLACE):
        jobs().cancel(key, actor())

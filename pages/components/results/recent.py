"""The pictures that were asked for lately: whoever comes back finds the job again."""

import streamlit as st

from pages.components.shared.definition_list import heading
from pages.components.shared.format import recipe_json_label
from pages.state.context import jobs

STATES = {
    "queued": "waiting for its turn",
    "running": "being made",
    "done": "ready",
    "failed": "did not work",
    "cancelled": "cancelled",
}


def recent(but: str = "", limit: int = 8) -> None:
    """Names and choices of the latest fetches as plain text, each with the way to it; nothing where there is none."""
    found = [job for job in jobs().recent(limit=limit + 1) if job.id != but][:limit]
    if not found:
        return
    heading("Asked for lately")
    with st.container(key="recent", gap=None):
        for job in found:
            with st.container(horizontal=True, vertical_alignment="center", gap="medium", key=f"recent-{job.id}"):
                st.page_link("results.py", label="Open", query_params={"job": job.id})
                st.text(f"{recipe_json_label(job.recipe)} · {STATES.get(job.state, job.state)}")

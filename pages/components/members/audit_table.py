"""The audit log, the newest first."""

from datetime import UTC, datetime
from html import escape

import streamlit as st

from pages.components.shared.definition_list import heading
from pages.components.shared.html_table import html_table
from pages.routes.tables.csv import audit_address
from pages.state.context import audit_log
from pages.state.member import actor

_COLUMNS = ("When (UTC)", "Who", "As", "What", "Of", "More")
_LIMIT, _MORE = "audit_limit", 20


def audit_table() -> None:
    """The latest rows, and the way to all of them. Raises NotAllowed and StorageError."""
    heading("Audit log")
    limit: int = st.session_state.setdefault(_LIMIT, _MORE)
    found = audit_log().recent(actor(), limit + 1)
    if not found:
        st.caption("Nobody has cancelled, cleared or changed anything of others yet.")
        return
    moments = [f"{datetime.fromtimestamp(one.time, UTC):%Y-%m-%d %H:%M}" for one in found]
    cells = ((one.actor, one.role or "–", one.action, one.subject, one.detail) for one in found)
    rows = [((moment, *words), None) for moment, words in zip(moments, cells, strict=True)]
    html_table("Audit log", _COLUMNS, rows[:limit])
    if len(found) > limit:
        st.button("Older entries", key="audit_older", on_click=_older)
    st.html(f'<p class="np-links"><a href="{escape(audit_address())}" download>All of it as CSV</a></p>')


def _older() -> None:
    st.session_state[_LIMIT] += _MORE

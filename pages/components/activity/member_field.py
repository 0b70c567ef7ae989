"""Who one is: the proven name, or a field for one."""

from urllib.parse import quote

import streamlit as st

from pages.state.base_path import prefix
from pages.state.context import settings
from pages.state.member import _FIELD, _LONGEST, _NAME, _TELL, NOBODY, _logged_in, _typed, member, one_line


def member_field() -> None:
    """Says who one is; a field for it where nobody logs in."""
    if _logged_in():
        st.text(f"Signed in as {member()}", width="content")
        return
    st.session_state.setdefault(_FIELD, _typed())
    st.text_input(
        "Your name",
        key=_FIELD,
        max_chars=_LONGEST,
        placeholder=one_line(settings().member) or NOBODY,
        on_change=_take,
        help="Jobs, ledger and budgets go by it. It is kept in this browser.",
    )
    if st.session_state.pop(_TELL, False):
        name = quote(_typed(), safe="")
        st.html(f'<img class="np-unseen" alt="" src="{prefix()}/member?name={name}">')  # its answer sets the cookie


def _take() -> None:
    st.session_state[_NAME] = st.session_state[_FIELD] = one_line(st.session_state[_FIELD])
    st.session_state[_TELL] = True

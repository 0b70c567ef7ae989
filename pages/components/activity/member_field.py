"""Who one is: the proven name, or a field for one."""

from urllib.parse import quote

import streamlit as st

from pages.state.base_path import prefix
from pages.state.context import settings
from pages.state.member import _FIELD, _NAME, _TELL, LONGEST, NOBODY, _typed, logged_in, member, one_line


def member_field() -> None:
    """Says who one is; a field for it where nobody logs in."""
    if logged_in():
        st.text(f"Signed in as {member()}", width="content")
        return
    st.session_state.setdefault(_FIELD, _typed())
    st.text_input(
        "Your name",
        key=_FIELD,
        max_chars=LONGEST,
        placeholder=one_line(settings().member) or NOBODY,
        on_change=_take,
        help="Jobs, usage and budgets go by it. It is kept in this browser.",
    )
    if st.session_state.pop(_TELL, False):
        name = quote(_typed(), safe="")
        told = f'fetch("{prefix()}/member?name={name}", {{method: "POST"}})'  # its answer sets the cookie
        st.html(f"<script>{told}</script>", unsafe_allow_javascript=True)


def _take() -> None:
    st.session_state[_NAME] = st.session_state[_FIELD] = one_line(st.session_state[_FIELD])
    st.session_state[_TELL] = True

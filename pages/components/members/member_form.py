"""Add somebody, give another role or budget, or throw somebody out."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shared import messages
from pages.components.shared.definition_list import heading
from pages.state.context import roster
from pages.state.member import actor
from services.access import LONGEST_NAME, REMOVED, ROLES, Member, OwnBudget, Role
from services.errors import InputError
from services.text import quoted

PLACE = "members"
_NEW = "Somebody new"
_WHO, _NAME, _ROLE = "member_form_who", "member_form_name", "member_form_role"
_UNITS, _GB, _DONE = "member_form_units", "member_form_gb", "member_form_done"


def member_form(names: Sequence[str]) -> None:
    """The fields, filled with what is known of whoever of these is chosen. Raises NotAllowed and StorageError."""
    heading("Add or change")
    messages.recall(PLACE)
    done: str = st.session_state.pop(_DONE, "")
    if done:
        messages.say("Written", done)
    rows = {one.id: one for one in roster().listed(actor())}
    st.selectbox("Who", [_NEW, *filter(None, names)], key=_WHO, on_change=_fill, args=(rows,))
    with st.form("member-form", border=False):
        if st.session_state[_WHO] == _NEW:
            st.text_input("E-mail address", key=_NAME, max_chars=LONGEST_NAME)
        st.selectbox(
            "Role", [*ROLES, REMOVED], key=_ROLE, help="Who is removed is out within seconds; their jobs go on."
        )
        st.text_input("Units a month", key=_UNITS, placeholder="as all", help="0 is no limit.")
        st.text_input("GB to download a month", key=_GB, placeholder="as all", help="0 is no limit.")
        st.form_submit_button("Save", type="primary", on_click=_write)


def _fill(rows: dict[str, Member]) -> None:
    who = st.session_state[_WHO]
    row, listed = rows.get(who), roster().role(who) or Role.VIEWER
    role, units, gb = (row.role, row.units, row.gb) if row else (listed.title, None, None)
    st.session_state[_ROLE] = role
    st.session_state[_UNITS], st.session_state[_GB] = ("" if one is None else f"{one:g}" for one in (units, gb))


def _write() -> None:
    who = st.session_state[_WHO]
    with messages.caught(PLACE):
        name, role = st.session_state[_NAME] if who == _NEW else who, st.session_state[_ROLE]
        if role == REMOVED:
            row = roster().remove(name, actor())
        else:
            row = roster().put(name, ROLES[role], actor(), OwnBudget(_amount(_UNITS), _amount(_GB)))
        st.session_state[_DONE] = f"{row.id}: {row.role}."


def _amount(key: str) -> float | None:
    text = st.session_state[key].strip()
    try:
        return float(text) if text else None
    except ValueError:
        raise InputError(
            f"A budget is a number, got {quoted(text, 40)}.", "Leave it empty for the setting's."
        ) from None

"""Who is at this browser: the name that jobs, ledger and budgets go by. It is a word, not a proof, without a login."""

from urllib.parse import unquote

import streamlit as st
from starlette.requests import Request

from pages.access.visitor import COOKIE, LONGEST, NOBODY, handed_on, one_line
from pages.state.context import door, entrance, settings
from services.access import Actor, Login, Role
from services.errors import NotAllowed

__all__ = [
    "COOKIE",
    "LONGEST",
    "NOBODY",
    "actor",
    "actor_of",
    "logged_in",
    "may",
    "may_change",
    "member",
    "one_line",
]
_NAME, _FIELD, _TELL = "member", "member_name", "member_tell"


def member() -> str:
    """The proven name where people log in, else the one that was typed here, else the setting's."""
    return actor().name


def actor() -> Actor:
    """Who acts in this session, and as what; everybody is an administrator where nobody logs in. Raises NotAllowed."""
    if entrance().login is Login.NONE:
        return Actor(_typed() or one_line(settings().member) or NOBODY, Role.ADMINISTRATOR)
    visitor = handed_on(st.context.headers)
    return _let_in(door().answer(visitor).actor if visitor is not None else None)


def may(role: Role = Role.MEMBER) -> bool:
    """Whether who acts here is that or more; a member spends and saves. Raises NotAllowed for who is nobody."""
    return actor().role >= role


def may_change(owner: str) -> bool:
    """Whether who acts here may change what belongs to `owner`."""
    return may(actor().role_for(owner))


def actor_of(request: Request) -> Actor:
    """Who sends a request to a route, as the gate found. Raises NotAllowed."""
    alone = Actor(NOBODY, Role.ADMINISTRATOR) if entrance().login is Login.NONE else None
    return _let_in(getattr(request.state, "actor", alone))


def _let_in(found: Actor | None) -> Actor:
    if found is None:
        raise NotAllowed("You are not logged in, or no member any more.", "Load the page again, and log in.")
    return found


def logged_in() -> bool:
    """Whether the name is a proven one."""
    return entrance().login is not Login.NONE


def _typed() -> str:
    """In this session, else in an earlier one of this browser."""
    if _NAME not in st.session_state:
        st.session_state[_NAME] = one_line(unquote(st.context.cookies.get(COOKIE, "")))
    name: str = st.session_state[_NAME]
    return name

"""Who is at this browser: the name that jobs, ledger and budgets go by. It is a word, not a proof, without a login."""

from urllib.parse import unquote

import streamlit as st
from starlette.requests import Request

from pages.state.context import settings
from services.access import Actor, Role

NOBODY = "somebody"
"""Where nothing is known."""
COOKIE = "ninepatch_member"
_NAME, _FIELD, _TELL = "member", "member_name", "member_tell"
_LONGEST = 100


def member() -> str:
    """The address of the login where there is one, else the name that was typed here, else the setting's."""
    return _logged_in() or _typed() or one_line(settings().member) or NOBODY


def actor() -> Actor:
    """Who acts in this session, and as what; everybody is an administrator where nobody logs in. Raises NotAllowed."""
    return Actor(member(), Role.ADMINISTRATOR)


def actor_of(request: Request) -> Actor:
    """Who sends a request to a route. Raises NotAllowed."""
    found: Actor = getattr(request.state, "actor", None) or Actor(NOBODY, Role.ADMINISTRATOR)
    return found


def one_line(name: str) -> str:
    """A name without line breaks and other things that cannot be seen, not too long."""
    return " ".join("".join(one if one.isprintable() else " " for one in name).split())[:_LONGEST]


def _logged_in() -> str:
    """Only what a login or a proxy that the server trusts has said; empty without one."""
    proven = st.user.get("is_logged_in") or st.get_option("server.trustedUserHeaders")
    return one_line(str(st.user.get("email") or "")) if proven else ""


def _typed() -> str:
    """In this session, else in an earlier one of this browser."""
    if _NAME not in st.session_state:
        st.session_state[_NAME] = one_line(unquote(st.context.cookies.get(COOKIE, "")))
    name: str = st.session_state[_NAME]
    return name

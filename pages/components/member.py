"""Who is at this browser: the name that jobs, ledger and budgets go by. It is a word, not a proof, without a login."""

from urllib.parse import quote, unquote

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.components.base import PREFIX
from pages.components.product import settings

NOBODY = "somebody"
"""Where nothing is known."""
COOKIE = "ninepatch_member"
_NAME, _FIELD, _TELL = "member", "member_name", "member_tell"
_LONGEST = 100
_YEAR = 365 * 24 * 3600


def member() -> str:
    """The address of the login where there is one, else the name that was typed here, else the setting's."""
    return _logged_in() or _typed() or one_line(settings().member) or NOBODY


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
        st.html(f'<img class="np-unseen" alt="" src="{PREFIX}/member?name={name}">')  # its answer sets the cookie


def member_route(prefix: str) -> Route:
    """Where a browser is told to remember the name."""
    return Route(f"{prefix}/member", _remember, name="member")


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


def _take() -> None:
    st.session_state[_NAME] = st.session_state[_FIELD] = one_line(st.session_state[_FIELD])
    st.session_state[_TELL] = True


def _remember(request: Request) -> Response:
    """The browser keeps the name; pages of others cannot give it one."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return Response(status_code=403)
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    name = one_line(request.query_params.get("name", ""))
    answer.set_cookie(COOKIE, quote(name, safe=""), max_age=_YEAR, httponly=True, samesite="strict")
    return answer

"""The address at which a browser is told to remember the name that somebody typed."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from pages.access.visitor import COOKIE, one_line

_YEAR = 365 * 24 * 3600
"""Seconds."""


def remember(request: Request) -> Response:
    """The browser keeps the name; pages of others cannot give it one."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return Response(status_code=403)
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    name = one_line(request.query_params.get("name", ""))
    answer.set_cookie(COOKIE, quote(name, safe=""), max_age=_YEAR, httponly=True, samesite="strict")
    return answer

"""Around the application: each request has an id that its answer and its log lines name, and its time is measured."""

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.routes.health import measured
from services.logs import about

log = logging.getLogger("ninepatch.http")
HEADER = "X-Request-ID"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
OURS = (
    *("files", "grids", "tiles", "previews", "faces", "gallery-pictures", "ledger", "member"),
    *("health", "ready", "metrics", "auth"),
)
"""First words of addresses that are told apart; the others are `pages` or Streamlit's `_stcore`."""
_QUIET = ("health", "ready", "metrics", "pages", "_stcore")
"""Those that have no line of their own: they are asked all the time."""


class RequestLog:
    """Puts the id on every answer, writes a line for each request of our own, and fills the histogram."""

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; connections that stay open are Streamlit's own to tell."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status, number = time.monotonic(), [500], _id(Headers(scope=scope).get(HEADER, ""))

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        with about(request=number):
            try:
                await self._app(scope, receive, note)
            finally:
                self._tell(scope, status[0], time.monotonic() - begun)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope["path"].removeprefix(self._prefix))
        measured().answers.labels(route, str(status)).observe(seconds)
        actor = scope.get("state", {}).get("actor")
        if route not in _QUIET:
            with about(member=getattr(actor, "name", "")):
                log.info("%s %s %s in %.0f ms", scope["method"], scope["path"], status, 1000 * seconds)


def _id(given: str) -> str:
    """The one that a proxy gave, where it looks like one; else a new one."""
    return given if _ID.fullmatch(given) else uuid.uuid4().hex


def _route(path: str) -> str:
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in (*OURS, "_stcore") else "pages"

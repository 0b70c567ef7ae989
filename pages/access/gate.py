"""Authentication and authorization in one ASGI middleware (the gate), around everything that the application answers.

Refused is what nobody has opened: a route that is added later is closed to whoever has not logged in. It looks at the
name that is asked, at the page that asks, at who proved to be whom, and at their role; what comes through knows its
actor (`scope["state"]["actor"]`).
"""

import logging

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.access import oidc
from pages.access.admission import Admission, Admissions
from pages.access.connection import Watched, refuse, send_away
from pages.access.door import Door
from pages.access.hosts import Hosts
from pages.access.screens import ICON, SHEET, Screens
from pages.access.visitor import HEADER, PROXIED
from services.access import Entrance, Login
from services.errors import StorageError
from services.settings import Settings

log = logging.getLogger(__name__)
MACHINES = ("/health", "/ready", "/metrics", "/_stcore/health")
"""Asked by programs that watch the server, by any of its names; they say little to who has not logged in."""
OPEN = (
    *("/_stcore/host-config", "/auth/login", "/favicon.png", f"/assets/{SHEET}", f"/assets/{ICON}"),
    *(oidc.LOGIN, oidc.LOGOUT, oidc.CALLBACK),
)
"""Besides, for the log-in page and for a page that finds out that it is to be loaded again."""
STATIC = "/static/"
"""Streamlit's own program for the browser, the same everywhere."""
_HSTS = "max-age=31536000"


class Gate:
    """Put outermost around the application."""

    def __init__(self, app: ASGIApp, *, settings: Settings, entrance: Entrance, door: Door, prefix: str) -> None:
        self._app, self._entrance, self._prefix = app, entrance, prefix
        self._hosts, self._admissions = Hosts(entrance), Admissions(settings, entrance, door)
        self._logs_in = entrance.login is Login.OIDC
        self._screens = Screens(prefix, log_out=self._logs_in)
        self._secure = entrance.public is not None and entrance.public.secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or connection."""
        if scope["type"] == "http":
            await self._http(self._bare(scope), receive, self._secured(send))
        elif scope["type"] == "websocket":
            await self._websocket(self._bare(scope), receive, send)
        else:
            await self._app(scope, receive, send)

    def _bare(self, scope: Scope) -> Scope:
        """Without what only the gate may say."""
        name = HEADER.encode()
        headers = [(key, value) for key, value in scope["headers"] if key.lower() != name]
        state = {key: value for key, value in scope.get("state", {}).items() if key != "actor"}
        state[PROXIED] = self._entrance.brings_many((scope.get("client") or ("",))[0])
        scheme = {"http": "https", "websocket": "wss"}[scope["type"]] if self._secure else scope.get("scheme")
        return {**scope, "headers": headers, "state": state, "scheme": scheme}

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path, headers = self._path(scope), request.headers
        said = self._hosts.foreign_host(headers)
        foreign = said or self._hosts.foreign_origin(headers)
        if foreign and path not in MACHINES:
            await self._screens.refused(headers, foreign, 421 if said else 403)(scope, receive, send)
            return
        try:
            admission = Admission() if foreign else await self._admissions.of(request)
            answer = await self._instead(request, path, admission)
        except StorageError as error:
            log.error("nobody can be let in: %s", error)
            answer = self._screens.refused(headers, "It cannot be looked up who you are; try again later.", 503)
        if answer is not None:
            await answer(scope, receive, send)
            return
        if self._logs_in and path == oidc.CALLBACK:
            send = oidc.coming_back(request, self._prefix, send)
        await self._app(_known(scope, admission), receive, send)

    async def _instead(self, request: Request, path: str, admission: Admission) -> Response | None:
        """What is answered here; None for what comes through. Raises StorageError."""
        headers = request.headers
        if self._logs_in and path == oidc.LOGIN:
            failed = "failed" in request.query_params
            return self._screens.log_in(headers, "", failed=True) if failed else oidc.begin(request, self._prefix)
        if self._logs_in and path == oidc.LOGOUT:
            return await self._log_out(headers, admission)
        if admission.actor is not None or self._is_open(path):
            return None
        if admission.visitor is not None:
            return self._screens.no_role(headers, admission.visitor.name)
        if admission.sentence:
            return self._screens.refused(headers, admission.sentence)
        to = oidc.destination(request.scope["path"], request.scope.get("query_string", b""))
        return self._screens.log_in(headers, to)

    async def _log_out(self, headers: Headers, admission: Admission) -> Response | None:
        """Revoke the login, before Streamlit has the browser forget its cookie; only for our own pages."""
        if not self._hosts.own_page(headers):
            return self._screens.refused(headers, "Another page asked to log you out. You are still logged in.")
        if admission.visitor is not None:
            await self._admissions.log_out(admission.visitor)
        return None

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        headers = connection.headers
        if self._hosts.foreign_host(headers) or self._hosts.foreign_origin(headers):
            await refuse(receive, send)
            return
        admission = await self._found(connection)
        if admission is not None and admission.actor is not None:

            async def admitted() -> bool:
                again = await self._found(connection)
                return again is not None and again.actor is not None

            await Watched(receive, send, admitted).run(self._app, _known(scope, admission))
        elif admission is not None and (self._logs_in or admission.visitor is not None):
            await send_away(receive, send, scope.get("subprotocols", []))
        else:
            await refuse(receive, send)

    async def _found(self, connection: HTTPConnection) -> Admission | None:
        """None where it cannot be found out."""
        try:
            return await self._admissions.of(connection)
        except StorageError as error:
            log.error("nobody can be let in: %s", error)
            return None

    def _path(self, scope: Scope) -> str:
        """Below the prefix; what is not below it is no address of ours, and as closed as any other."""
        path: str = scope["path"]
        return path.removeprefix(self._prefix) if path.startswith(f"{self._prefix}/") else path

    def _is_open(self, path: str) -> bool:
        return path in MACHINES or (self._logs_in and (path in OPEN or path.startswith(STATIC)))

    def _secured(self, send: Send) -> Send:
        """Where the public address is https: cookies that no plain request carries, and no plain request at all."""
        if not self._secure:
            return send

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, value + b"; Secure" if name == b"set-cookie" and b"; secure" not in value.lower() else value)
                    for name, value in message.get("headers", [])
                ]
                MutableHeaders(scope=message)["Strict-Transport-Security"] = _HSTS
            await send(message)

        return sent


def _known(scope: Scope, admission: Admission) -> Scope:
    """With the actor for routes, and the visitor for scripts."""
    if admission.actor is None:
        return scope
    headers = scope["headers"]
    if admission.visitor is not None:
        headers = [*headers, (HEADER.encode(), admission.visitor.header())]
    return {**scope, "headers": headers, "state": {**scope["state"], "actor": admission.actor}}

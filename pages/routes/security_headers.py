"""What every answer tells the browser: fetch nothing from elsewhere, guess no types, stand in no foreign frame."""

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.starting import policy


class SecurityHeaders:
    """Puts the headers on every answer, and keeps the figures of the server to itself."""

    def __init__(self, app: ASGIApp, *, prefix: str, online: bool) -> None:
        self._app, self._closed = app, f"{prefix}/_stcore/metrics"
        self._headers = {
            "Content-Security-Policy": policy(online=online),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "SAMEORIGIN",
            "Referrer-Policy": "strict-origin-when-cross-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)  # a route may have a stricter one
            await send(message)

        closed = scope["path"].rstrip("/") == self._closed
        await (PlainTextResponse("Not found", 404) if closed else self._app)(scope, receive, add)

"""What every answer tells the browser: fetch nothing from elsewhere, guess no types, stand in no foreign frame."""

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TILES = ("https://tile.openstreetmap.org", "https://tiles.maps.eox.at")
"""Hosts of the tile layers that `assets/map.js` offers where the setting online_basemap is true."""


def policy(*, online: bool) -> str:
    """The content security policy. The frame of a map runs the script that it is sent, hence the two unsafe words."""
    images = " ".join(["'self'", "data:", "blob:", *(TILES if online else ())])
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            f"img-src {images}",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss: data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        ]
    )


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

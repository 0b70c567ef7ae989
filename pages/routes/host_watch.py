"""Says in the log why no page comes up behind a proxy that does not pass on the name it is asked by."""

import logging
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)


class HostWatch:
    """Around the application: a browser whose connection is refused for its origin sees nothing but that it waits."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._said: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return

        async def watch(message: Message) -> None:
            if message["type"] in ("websocket.close", "websocket.http.response.start") and not accepted:
                self._tell(Headers(scope=scope))
            accepted.extend(["yes"] if message["type"] == "websocket.accept" else [])
            await send(message)

        accepted: list[str] = []
        await self._app(scope, receive, watch)

    def _tell(self, headers: Headers) -> None:
        """Once for each pair of names, and only where they differ."""
        origin, host = urlsplit(headers.get("origin", "")).netloc, headers.get("host", "")
        if origin and origin != host and (origin, host) not in self._said and len(self._said) < 100:
            self._said.add((origin, host))
            log.warning(
                "No page comes up for browsers at %s: the proxy passes on the Host %s. Let it pass on the Host that it "
                "is asked by (nginx: proxy_set_header Host $host), or set server.corsAllowedOrigins in "
                ".streamlit/config.toml.",
                _shown(origin),
                _shown(host),
            )


def _shown(name: str) -> str:
    """A name as a log may show it."""
    return "".join(one for one in name[:100] if one.isprintable())

"""The line between the archive and the world: every answer sets out late, and all share one bandwidth."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CHUNK = 256 * 1024
"""Bytes that are sent at once."""


class Line:
    """An ASGI application around another one; answers go out in chunks of unknown total, as the service's do."""

    def __init__(self, app: ASGIApp, latency: float = 0.0, bandwidth: float = 0.0) -> None:
        self._app = app
        self._latency = latency
        self._bytes_per_second = bandwidth * 1e6 / 8
        self._free = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"].startswith("/_test"):
            await self._app(scope, receive, send)
            return
        if self._latency:
            await asyncio.sleep(self._latency)

        async def chunked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [pair for pair in message["headers"] if pair[0] != b"content-length"]
                await send({**message, "headers": headers})
            elif message["type"] == "http.response.body":
                await self._body(message, send)
            else:
                await send(message)

        await self._app(scope, receive, chunked)

    async def _body(self, message: Message, send: Send) -> None:
        body, more = message.get("body", b""), message.get("more_body", False)
        for start in range(0, len(body), CHUNK):
            chunk = body[start : start + CHUNK]
            await self._wait(len(chunk))
            await send({"type": "http.response.body", "body": chunk, "more_body": more or start + CHUNK < len(body)})
        if not body:
            await send({"type": "http.response.body", "body": b"", "more_body": more})

    async def _wait(self, size: int) -> None:
        """Until the line has room for so many bytes more."""
        if self._bytes_per_second:
            now = asyncio.get_running_loop().time()
            self._free = max(self._free, now) + size / self._bytes_per_second
            await asyncio.sleep(self._free - now)

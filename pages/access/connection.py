"""A WebSocket that is watched: whoever is no longer let in is out within seconds, though nothing is pressed."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

AGAIN_SECONDS = 20.0
"""How often it is looked where nothing is sent; well below the minute in which a removed member is out."""
_POLICY = 1008
"""Status of a connection that is closed because its user may not have it (RFC 6455, section 7.4.1)."""


def _load_again() -> bytes:
    """Streamlit's own word for "go to this address"; the empty one is where the browser is."""
    message = ForwardMsg()
    message.auth_redirect.url = ""
    return bytes(message.SerializeToString())


async def send_away(receive: Receive, send: Send, subprotocols: list[str]) -> None:
    """Let the browser load its page again, where it sees why."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": subprotocols[0] if subprotocols else None})
    await _end(send)


async def refuse(receive: Receive, send: Send) -> None:
    """Before it is made; a browser sees that it waits."""
    await receive()
    await send({"type": "websocket.close", "code": _POLICY})


async def _end(send: Send) -> None:
    await send({"type": "websocket.send", "bytes": _load_again()})
    await send({"type": "websocket.close", "code": _POLICY})


class Watched:
    """One connection, between the server and Streamlit."""

    def __init__(self, receive: Receive, send: Send, admitted: Callable[[], Awaitable[bool]]) -> None:
        self._receive, self._send, self._admitted = receive, send, admitted
        self._coming: asyncio.Future[Message] | None = None
        self._ended = False

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Until one side ends it."""
        try:
            await app(scope, self._next, self._pass)
        finally:
            if self._coming is not None:
                self._coming.cancel()

    async def _next(self) -> Message:
        """What the browser sends, while its user is let in; else that it has gone."""
        if self._coming is None:
            self._coming = asyncio.ensure_future(self._receive())
        while not self._ended:
            done, _ = await asyncio.wait({self._coming}, timeout=AGAIN_SECONDS)
            if done and self._coming.result()["type"] != "websocket.receive":
                break
            if not await self._admitted():
                self._ended = True
                await _end(self._send)
                return {"type": "websocket.disconnect", "code": _POLICY}
            if done:
                break
        message, self._coming = await self._coming, None
        return message

    async def _pass(self, message: Message) -> None:
        """What Streamlit sends; nothing after the end."""
        if not self._ended:
            await self._send(message)

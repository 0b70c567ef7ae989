"""A proxy that serves the application below a prefix and takes the prefix off, as some that teams run do."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from tests.ports import free_port

PREFIX = "/team/ninepatch"
_HOP = {"connection", "transfer-encoding", "content-length", "content-encoding"}


def _application(behind: str) -> Starlette:
    async def pages(request: Request) -> Response:
        headers = {name: value for name, value in request.headers.items() if name != "accept-encoding"}
        async with httpx.AsyncClient(base_url=behind, trust_env=False, timeout=60) as client:
            path = "/" + request.path_params["path"]
            answer = await client.request(
                request.method, path, params=request.url.query, headers=headers, content=await request.body()
            )
        kept = {name: value for name, value in answer.headers.items() if name not in _HOP}
        return Response(answer.content, answer.status_code, kept)

    async def lines(socket: WebSocket) -> None:
        offered = socket.headers.get("sec-websocket-protocol", "").split(", ")
        headers = {name: socket.headers[name] for name in ("cookie",) if name in socket.headers}
        address = f"ws://{behind.partition('://')[2]}/{socket.path_params['path']}"
        async with connect(address, subprotocols=offered, additional_headers=headers, max_size=None) as far:  # type: ignore[arg-type] # plain texts
            await socket.accept(subprotocol=far.subprotocol)

            async def there() -> None:
                async for message in _messages(socket):
                    await far.send(message)

            async def back() -> None:
                async for message in far:
                    await (socket.send_bytes(message) if isinstance(message, bytes) else socket.send_text(message))

            await asyncio.wait(
                [asyncio.ensure_future(there()), asyncio.ensure_future(back())], return_when="FIRST_COMPLETED"
            )

    path = PREFIX + "/{path:path}"
    methods = ["GET", "HEAD", "POST", "PUT", "DELETE"]
    return Starlette(routes=[WebSocketRoute(path, lines), Route(path, pages, methods=methods)])


async def _messages(socket: WebSocket) -> AsyncIterator[bytes | str]:
    with contextlib.suppress(RuntimeError):
        while (message := await socket.receive())["type"] == "websocket.receive":
            yield message.get("bytes") or message.get("text") or ""


@contextmanager
def stripping(behind: str) -> Iterator[str]:
    """The address below which the application at `behind` is served meanwhile."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(_application(behind), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}{PREFIX}"
    finally:
        server.should_exit = True
        thread.join(10)

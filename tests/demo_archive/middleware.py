"""What only tests see: a log of requests, faults to inject, and the account's limits to change.

``GET /_test/log``, ``POST /_test/reset``, ``POST /_test/faults`` (a list, one used per request that it fits),
``POST /_test/limits`` (requests_per_minute, units_per_minute, units_per_month, requests_per_month), ``POST
/_test/revoke`` (all tokens),
``POST /_test/release`` (what is held, and what was to be).
A fault is an object with one of

* ``status`` with ``headers`` and ``body`` (text, or JSON): this answer in place of the real one;
* ``hang``: seconds before the answer begins, ``trickle``: seconds between its bytes;
* ``"hold": true``: the answer begins after the next release, or reset;
* ``cut``: this part (0 to 1) of the body, then the connection is closed; with ``"whole": true`` the answer ends there
  as if it were complete;
* ``"reset": true``: the connection is reset before any answer; ``"revoke": true``: all tokens are revoked first;

and may have ``endpoint`` (token, catalog or process; any without it) and ``times`` (default 1).
"""

import asyncio
import json
import socket
import struct
from collections import deque
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.demo.protocol import TokenIssuer
from tests.demo_archive.limits import UNLIMITED, Limits, Policy


def endpoint_of(path: str) -> str:
    """token, catalog, process, or nothing."""
    if path.endswith("/token"):
        return "token"
    if "/catalog/" in path or path.endswith("/catalog"):
        return "catalog"
    return "process" if "/process" in path else ""


class RecordingArchive:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp, issuer: TokenIssuer, limits: Limits) -> None:
        self._app = app
        self._issuer = issuer
        self._limits = limits
        self._log: list[dict[str, Any]] = []
        self._faults: deque[dict[str, Any]] = deque()
        self._released = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith("/_test/"):
            response = await self._command(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await self._logged(scope, receive, send)

    async def _command(self, request: Request) -> Response:
        body = await request.body()
        command = request.url.path.removeprefix("/_test/")
        if command == "log" and request.method == "GET":
            return JSONResponse({"requests": self._log})
        if request.method != "POST" or command not in {"reset", "faults", "limits", "revoke", "release"}:
            return JSONResponse({"error": f"There is no {request.method} {command}."}, 404)
        if command == "reset":
            self._log, self._faults = [], deque()
            self._limits.reset()
        if command in {"reset", "release"}:
            self._released.set()
            self._released = asyncio.Event()
            self._faults = deque(fault for fault in self._faults if not fault.get("hold"))
        elif command == "faults":
            for fault in json.loads(body):
                self._faults += [fault] * int(fault.get("times", 1))
        elif command == "limits":
            self._limits.reset(
                Policy(**{key: UNLIMITED if value is None else value for key, value in json.loads(body).items()})
            )
        elif command == "revoke":
            self._issuer.revoke_all()
        return JSONResponse({"waiting": len(self._faults)})

    async def _logged(self, scope: Scope, receive: Receive, send: Send) -> None:
        entry: dict[str, Any] = {
            "endpoint": endpoint_of(scope["path"]),
            "method": scope["method"],
            "path": scope["path"],
            "status": 0,
            "units": 0.0,
            "bytes": 0,
            "connection": scope["client"][1] if scope.get("client") else 0,
        }
        self._log.append(entry)

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
            entry["bytes"] += len(message.get("body", b""))
            if entry["status"] == 200:
                entry["units"] = scope.get("state", {}).get("units", 0.0)
            await send(message)

        fault = self._next(entry["endpoint"])
        if fault is None:
            await self._app(scope, receive, noted)
        else:
            entry["fault"] = True
            await self._faulty(fault, scope, receive, noted)

    def _next(self, endpoint: str) -> dict[str, Any] | None:
        for fault in self._faults:
            if fault.get("endpoint", endpoint) == endpoint:
                self._faults.remove(fault)
                return fault
        return None

    async def _faulty(self, fault: dict[str, Any], scope: Scope, receive: Receive, send: Send) -> None:
        if fault.get("revoke"):
            self._issuer.revoke_all()
        if fault.get("hold"):
            await self._released.wait()
        if "hang" in fault:
            await asyncio.sleep(fault["hang"])
        if fault.get("reset"):
            abort(receive, reset=True)
        elif "status" in fault:
            body = fault.get("body", "")
            content = body if isinstance(body, str) else json.dumps(body)
            kind = "application/json" if not isinstance(body, str) else "text/html"
            response = Response(content, fault["status"], fault.get("headers"), kind)
            await response(scope, receive, send)
        elif "cut" in fault:
            await self._app(scope, receive, _cut(fault, receive, send))
        elif "trickle" in fault:
            await self._app(scope, receive, _trickle(fault["trickle"], send))
        else:
            await self._app(scope, receive, send)


def abort(receive: Receive, *, reset: bool) -> None:
    """Close the connection under an answer; with `reset` the other side sees a reset."""
    transport = receive.__self__.transport  # type: ignore[attr-defined] # uvicorn's cycle, the only way to its socket
    raw = transport.get_extra_info("socket")
    if reset and raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _cut(fault: dict[str, Any], receive: Receive, send: Send) -> Send:
    """Only the first part of the body; `whole` hides that something is missing."""
    done = False

    async def cut(message: Message) -> None:
        nonlocal done
        if done:
            return
        if message["type"] != "http.response.body":
            await send(message)
            return
        body = message.get("body", b"")
        done = True
        kept = body[: int(len(body) * fault["cut"])]
        await send({"type": "http.response.body", "body": kept, "more_body": not fault.get("whole", False)})
        if not fault.get("whole", False):
            await asyncio.sleep(0.05)
            abort(receive, reset=False)

    return cut


def _trickle(seconds: float, send: Send) -> Send:
    """Byte by byte."""

    async def trickle(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        for byte in message.get("body", b""):
            await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
            await asyncio.sleep(seconds)
        await send({"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)})

    return trickle

"""A far end that misbehaves as it is told: tokens, and whatever else is asked for, over real sockets."""

import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

SECRET = "hush-hush-secret-of-somebody"
CLIENT = "client-of-somebody"
TOKEN_PATH = "/auth/realms/main/protocol/openid-connect/token"
UNAUTHORIZED = {"error": {"status": 401, "message": "You are not authorized!", "code": "COMMON_UNAUTHORIZED"}}
Action = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Seen:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    port: int
    """The client's: one for each connection."""
    at: float
    """Seconds of the monotonic clock."""

    @property
    def json(self) -> Any:
        """The body's value."""
        return json.loads(self.body)


@dataclass
class FarEnd:
    """What happens next, and what has happened."""

    url: str = ""
    api: deque[Action] = field(default_factory=deque)
    """For the next requests other than those for tokens; after them the ordinary answer."""
    token: deque[Action] = field(default_factory=deque)
    """For the next requests for a token; after them the ordinary answer."""
    seen: list[Seen] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    """Those that were given."""
    revoked: set[str] = field(default_factory=set)
    life: float = 3600
    """Seconds that a token is said to last."""
    ordinary: bytes = b'{"ok": true}'
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def asked(self) -> list[Seen]:
        """The requests other than those for tokens."""
        return [seen for seen in self.seen if seen.path != TOKEN_PATH]

    @property
    def token_requests(self) -> list[Seen]:
        """The others."""
        return [seen for seen in self.seen if seen.path == TOKEN_PATH]

    def action(self, seen: Seen) -> Action:
        """What becomes of a request."""
        with self.lock:
            self.seen.append(seen)
            if seen.path == TOKEN_PATH:
                return self.token.popleft() if self.token else self._token(seen)
            token = seen.headers.get("Authorization", "").removeprefix("Bearer ")
            if token not in self.tokens or token in self.revoked:
                return reply(401, UNAUTHORIZED)
            return self.api.popleft() if self.api else reply(200, self.ordinary)

    def _token(self, seen: Seen) -> Action:
        form = {key: values[0] for key, values in parse_qs(seen.body.decode()).items()}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return reply(401, {"error": "invalid_client", "error_description": "Invalid client credentials"})
        self.tokens.append(f"header{len(self.tokens):04}.payloadpayloadpayload.signaturesignature")
        return reply(200, {"access_token": self.tokens[-1], "expires_in": self.life, "token_type": "Bearer"})


class _Server(ThreadingHTTPServer):
    """Threads that hang do not hold the tests up."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    far_end: FarEnd

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """The one method that the service is asked with."""
        assert isinstance(self.server, _Server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = Seen(self.path, dict(self.headers), body, self.client_address[1], time.monotonic())
        self.server.far_end.action(seen)(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""


@contextmanager
def far_end(tls: ssl.SSLContext | None = None) -> Iterator[FarEnd]:
    """One that listens meanwhile, over TLS where told so."""
    end = FarEnd()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.far_end = end
    end.url = f"http://127.0.0.1:{server.server_port}"
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        end.url = f"https://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield end
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def reply(status: int, body: Any = b"", **headers: str) -> Action:
    """A whole answer; `Retry_After` becomes `Retry-After`."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Type": kind} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(content)

    return act


def cut(content: bytes, status: int = 200) -> Action:
    """Half of the body that the head announces, then the end."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2])
        handler.close_connection = True

    return act


def cut_chunks(content: bytes) -> Action:
    """A body in chunks, whose end does not come."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        handler.close_connection = True

    return act


def reset(handler: BaseHTTPRequestHandler) -> None:
    """The connection is torn down without an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def trickle(
    *, head: bool = False, chunked: bool = False, pause: float = 0.02, for_seconds: float = 60.0, status: int = 200
) -> Action:
    """Byte by byte for a minute: each wait is short, all of them together are not."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        begins = f"HTTP/1.1 {status} OK\r\n".encode()
        start = begins + (b"X-Slow: " if head else b"Content-Length: 1000000\r\n\r\n")
        if chunked:
            start = begins + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n"
        until = time.monotonic() + for_seconds
        handler.close_connection = True
        handler.connection.sendall(start)
        while time.monotonic() < until:
            handler.connection.sendall(b"x")
            time.sleep(pause)

    return act


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Nothing, until the client goes away."""
    handler.close_connection = True
    handler.connection.settimeout(60)
    handler.connection.recv(1)

"""A listening socket that is answered before the application does.

The listening socket is the one that the application gets, so that nobody is sent away in between: who comes while it
changes hands waits in the kernel's queue.
"""

import base64
import gc
import hashlib
import select
import socket
import threading

from services.errors import SettingsError
from services.starting.shell import WORDS, Request, Shell

BACKLOG = 2048
"""Connections that the kernel keeps until somebody accepts them."""
AGAIN_SECONDS = 1
"""After which the page loads again; programs read it as `Retry-After`."""
_PATIENCE_SECONDS = 1.0
"""For the head of a request."""
_HEAD = 16_384
"""Bytes of a head that are read at most."""
_AT_ONCE = 64
"""Connections that are answered at the same time; more wait in the kernel's queue."""
HOLD_SECONDS = 3.0
"""After the start, in which the first page has the processors to itself where somebody waits for it."""
_STYLE = (
    ":root{color-scheme:light dark;font:15px/1.55 system-ui,sans-serif}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;"
    "color:light-dark(#1f272d,#e8ecef);background:light-dark(#fbfbfa,#14181b)}"
    "h1{font-size:1.3rem}"
)
_BODY = (
    f'<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="{AGAIN_SECONDS}">'
    f"<title>{WORDS}</title><style>{_STYLE}</style>"
    f'<main role="status"><h1>{WORDS}</h1><p>This page loads again by itself.</p></main></html>'
).encode()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
ANSWER = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html; charset=utf-8\r\n"
    f"Content-Length: {len(_BODY)}\r\nRetry-After: {AGAIN_SECONDS}\r\nCache-Control: no-store\r\nConnection: close\r\n"
    f"Content-Security-Policy: default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'\r\nX-Content-Type-Options: nosniff\r\n\r\n"
).encode() + _BODY
"""To whatever is asked."""


def listening(address: str, port: int) -> socket.socket:
    """A socket that listens there, as Streamlit makes it. Raises SettingsError where it cannot."""
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Nothing can listen at {address}, port {port}: {error.strerror or error}.",
            "End what uses that port, or choose another one: NINEPATCH_PORT, or --port.",
        ) from error
    listener.setblocking(False)
    return listener


class Starting:
    """Answers at a listening socket until the application does."""

    def __init__(self, listener: socket.socket, shell: Shell | None) -> None:
        self._listener, self._shell, self._ended = listener, shell, threading.Event()
        self._free = threading.Semaphore(_AT_ONCE)
        self.awaited = False
        """Whether a browser has come for a page."""
        self._thread = threading.Thread(target=self._accept, name="starting", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """No more answers: from now on somebody else accepts; the socket stays open."""
        self._ended.set()
        self._thread.join()

    def _accept(self) -> None:
        while not self._ended.is_set():
            ready, _, _ = select.select([self._listener], [], [], 0.05)
            if ready and not self._ended.is_set() and self._free.acquire(timeout=_PATIENCE_SECONDS):
                try:
                    connection, _ = self._listener.accept()
                except OSError:  # whoever came has left
                    self._free.release()
                    continue
                threading.Thread(target=self._one, args=(connection,), name="starting", daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(_PATIENCE_SECONDS)
                head = _head(connection)
                if head:
                    connection.sendall(self._answer(Request.of(head)))
        except OSError:  # whoever came has left
            return
        finally:
            self._free.release()

    def _answer(self, request: Request) -> bytes:
        found = self._shell.answer(request, self._ended) if self._shell else None
        self.awaited = self.awaited or found is not None
        return found or ANSWER


def _head(connection: socket.socket) -> bytes:
    """That of a request; nothing where somebody left before its end."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _HEAD:
        came = connection.recv(4096)
        if not came:
            return b""
        head += came
    return head


_present: list[Starting] = []
"""What answers for this process; nothing where the application was started otherwise."""


def begin(listener: socket.socket, shell: Shell | None = None) -> None:
    """Answer there while this process starts. What it imports stays: nothing is looked through for what is left."""
    gc.disable()
    _present.append(Starting(listener, shell))


def end() -> None:
    """The application listens now."""
    while _present:
        _present.pop().end()
    gc.freeze()
    gc.enable()


def hold() -> float:
    """Seconds for which whatever else is to be started leaves the processors to the page that somebody waits for."""
    return HOLD_SECONDS if any(one.awaited for one in _present) else 0.0

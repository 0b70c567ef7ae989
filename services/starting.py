"""The seconds in which the application is imported: its port answers at once, with a page that loads again by itself.

The listening socket is the one that the application gets, so that nobody is sent away in between: who comes while it
changes hands waits in the kernel's queue.
"""

import base64
import hashlib
import select
import socket
import threading

from services.errors import SettingsError

BACKLOG = 2048
"""Connections that the kernel keeps until somebody accepts them."""
AGAIN_SECONDS = 1
"""After which the page loads again; programs read it as `Retry-After`."""
_PATIENCE_SECONDS = 1.0
"""For the head of a request."""
_HEAD = 16_384
"""Bytes of a head that are read at most."""
_STYLE = (
    ":root{color-scheme:light dark;font:15px/1.55 system-ui,sans-serif}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;"
    "color:light-dark(#1f272d,#e8ecef);background:light-dark(#fbfbfa,#14181b)}"
    "h1{font-size:1.3rem}"
)
_BODY = (
    f'<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="{AGAIN_SECONDS}">'
    f"<title>Ninepatch is starting</title><style>{_STYLE}</style>"
    '<main role="status"><h1>Ninepatch is starting</h1><p>This page loads again by itself.</p></main></html>'
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

    def __init__(self, listener: socket.socket) -> None:
        self._listener, self._ended = listener, threading.Event()
        self._thread = threading.Thread(target=self._answer, name="starting", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """No more answers: from now on somebody else accepts; the socket stays open."""
        self._ended.set()
        self._thread.join()

    def _answer(self) -> None:
        while not self._ended.is_set():
            ready, _, _ = select.select([self._listener], [], [], 0.05)
            if ready and not self._ended.is_set():
                try:
                    self._one()
                except OSError:  # whoever came has left
                    continue

    def _one(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            connection.settimeout(_PATIENCE_SECONDS)
            head = b""
            while b"\r\n\r\n" not in head and len(head) < _HEAD:
                came = connection.recv(4096)
                if not came:
                    return
                head += came
            connection.sendall(ANSWER)


_present: list[Starting] = []
"""What answers for this process; nothing where the application was started otherwise."""


def begin(listener: socket.socket) -> None:
    """Answer there while this process starts."""
    _present.append(Starting(listener))


def end() -> None:
    """The application listens now."""
    while _present:
        _present.pop().end()

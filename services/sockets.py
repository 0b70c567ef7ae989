"""Sockets whose reader has a deadline: `requests` bounds each wait for a byte, but not all of them together.

An answer that trickles, in its head or in its body, would hold a thread for ever. Here each wait is bounded by what is
left of the thread's deadline, over plain connections and over TLS.
"""

import math
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.util.ssl_ import create_urllib3_context

SILENCE_SECONDS = 60.0
"""Longest wait for the next byte; the service may think so long before the first."""
GRACE_SECONDS = 20.0
"""So long after its first byte an answer may be as slow as it likes."""
SLOWEST = 1000.0
"""Bytes a second below which an answer counts as stuck after that."""


class _Reading(threading.local):
    """What the present thread is reading."""

    deadline = math.inf
    begun = math.inf
    """When its first byte came, in seconds of the monotonic clock, as the deadline."""
    received = 0


_reading = _Reading()


@contextmanager
def reading_until(deadline: float) -> Iterator[None]:
    """Reads of this thread end at `deadline` (seconds of the monotonic clock) with a TimeoutError."""
    _reading.deadline, _reading.begun, _reading.received = deadline, math.inf, 0
    try:
        yield
    finally:
        _reading.deadline = math.inf


def _limit(sock: socket.socket) -> None:
    now = time.monotonic()
    left = _reading.deadline - now
    age = now - _reading.begun
    if left <= 0 or (age > GRACE_SECONDS and _reading.received < SLOWEST * age):
        raise TimeoutError("the answer takes too long")
    sock.settimeout(min(left, SILENCE_SECONDS))


def _count(received: int) -> int:
    if _reading.begun == math.inf:
        _reading.begun = time.monotonic()
    _reading.received += received
    return received


class _Socket(socket.socket):
    """A plain connection."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        _limit(self)
        return _count(super().recv_into(*args, **kwargs))


class _TLSSocket(ssl.SSLSocket):
    """The same over TLS."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        _limit(self)
        return _count(super().recv_into(*args, **kwargs))


class _Connection(HTTPConnection):
    """Makes its socket ours."""

    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        timeout = plain.gettimeout()
        made = _Socket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        made.settimeout(timeout)
        return made


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class DeadlineAdapter(HTTPAdapter):
    """For `requests`: kept-alive connections that observe `reading_until`."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block=block, ssl_context=_tls(), **kwargs)
        pools = self.poolmanager.pool_classes_by_scheme
        self.poolmanager.pool_classes_by_scheme = pools | {"http": _Pool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=_tls(), **kwargs)


def _tls() -> ssl.SSLContext:
    context = create_urllib3_context()
    context.sslsocket_class = _TLSSocket
    return context

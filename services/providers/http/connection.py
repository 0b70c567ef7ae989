"""HTTP connections whose reader has a deadline: `requests` bounds each wait for a byte, but not all of them.

An answer that trickles, in its head or in its body, would hold a thread for ever. Here each wait is bounded by what is
left of the thread's deadline, over plain connections and over TLS.

Kept-alive connections to one provider, shared by all threads of the process; one exchange at a time each.
"""

import logging
import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError, ReadTimeoutError
from urllib3.util.ssl_ import create_urllib3_context

from services.errors import BadResponse, ProviderError, ProviderUnreachable, ServiceFailed
from services.providers.http.answer import Answer

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


CONNECT_SECONDS = 10.0
MAX_BYTES = 512 * 2**20
"""Longest body that is read; 2500 × 2500 px of 14 bands in 16 bits are 175 MB."""
_CHUNK = 2**16
for _name in ("urllib3", "requests_oauthlib", "oauthlib"):  # at DEBUG they write secrets and tokens
    logging.getLogger(_name).setLevel(logging.WARNING)
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)  # warns of odd headers with the whole address


_HEADERS = {"User-Agent": f"sentinelhub-py/v{version('sentinelhub')}"}
"""As sentinelhub says it; the package itself takes a third of a second."""


class _Bearer(AuthBase):
    """Sets the header; as `auth`, or `requests` would look for another account in the user's .netrc."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Connection:
    """A pool of connections to the few hosts of a provider. Threads may share it."""

    def __init__(self, title: str, size: int, remedy: Callable[[str], str], *, proxies: bool = True) -> None:
        """`size` connections a host; `remedy` says what to do where an address cannot be reached.

        `proxies` of the environment are used unless told: none reaches this machine.
        """
        self._title, self._remedy = title, remedy
        self._session = requests.Session()
        self._session.trust_env = proxies
        adapter = DeadlineAdapter(pool_connections=4, pool_maxsize=size, pool_block=True)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def exchange(
        self,
        method: str,
        url: str,
        deadline: float,
        token: str | None = None,
        most: int | None = None,
        unread: Collection[int] = (),
        **body: Any,
    ) -> Answer:
        """Send one request and read its answer to the end, until `deadline` (monotonic clock). Follows no redirect.

        At most `most` bytes are read (MAX_BYTES unless told), and none of an answer whose status is among `unread`;
        `body` is `json`, `data` or `headers` as `requests` takes them. Raises ProviderUnreachable where there is no
        connection, ServiceFailed where the answer breaks off or takes too long, BadResponse where it is longer.
        """
        begun = time.monotonic()
        headers = {**_HEADERS, **body.pop("headers", {})}
        wait = min(CONNECT_SECONDS, max(0.01, deadline - begun))
        try:
            with (
                reading_until(deadline),
                self._session.request(
                    method,
                    url,
                    headers=headers,
                    auth=_Bearer(token),
                    timeout=(wait, max(0.01, deadline - begun)),
                    stream=True,
                    allow_redirects=False,
                    **body,
                ) as response,
            ):
                content = (
                    b"" if response.status_code in unread else self._read(response, MAX_BYTES if most is None else most)
                )
                return Answer(response.status_code, response.headers, content, time.monotonic() - begun)
        except requests.RequestException as error:
            raise self._translated(error, url) from error

    def _read(self, response: requests.Response, most: int) -> bytes:
        content = bytearray()
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            if len(content) > most:
                raise BadResponse(
                    f"{self._title} answered with more than {most / 2**20:,.1f} MB.",
                    "Ask for a smaller area or a coarser resolution.",
                )
        return bytes(content)

    def _translated(self, error: requests.RequestException, url: str) -> ProviderError:
        """What `requests` raises, as a sentence that names the host."""
        title, host = self._title, urlsplit(url).netloc
        why = _why_unreachable(error)
        if why:
            return ProviderUnreachable(f"{title} cannot be reached at {host}: {why}.", self._remedy(url))
        if isinstance(error, requests.Timeout) or isinstance(_reason(error), ReadTimeoutError):
            return ServiceFailed(f"{title} at {host} took too long to answer.", "Ask again later.")
        return ServiceFailed(f"The connection to {title} at {host} broke off.", "Ask again later.")

    def close(self) -> None:
        """Close the connections that wait for a next request."""
        self._session.close()


def _reason(error: requests.RequestException) -> object:
    """What `urllib3` raised, where `requests` kept it."""
    inner = error.args[0] if error.args else None
    return getattr(inner, "reason", inner)


def _why_unreachable(error: requests.RequestException) -> str:
    """The reason in words where no connection came about, else empty."""
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not let us through"
    if isinstance(error, requests.exceptions.SSLError):
        return "no encrypted connection comes about, or its certificate is not accepted"
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {CONNECT_SECONDS:.0f} s"
    if isinstance(_reason(error), NameResolutionError):
        return "there is no such name, or no network"
    return "nobody answers there" if isinstance(_reason(error), NewConnectionError) else ""

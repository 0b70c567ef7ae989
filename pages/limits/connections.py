"""Timeouts and limits of connections: what is half sent is waited for, not for ever, and not from all at once."""

import asyncio
import resource
from collections import Counter, OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from services.access import peer_address
from services.settings import Settings

IDLE_SECONDS = 30.0
"""How long a file on its way may bring no byte."""
MOST_FILES = 65_536
"""Open files that a process asks the kernel for."""
_LATE = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
    b"content-length: 51\r\n\r\nThe request did not come in time. Please try again."
)


class Watch:
    """All connections of the server: how many each peer has, and which wait for the rest of a request."""

    def __init__(self, limits: Settings, brings_many: Callable[[str], bool]) -> None:
        self.limits, self._brings_many = limits, brings_many
        self.half_sent: OrderedDict[PatientProtocol, None] = OrderedDict()
        """The one that has waited for longest is the first."""
        self._peers: Counter[str] = Counter()

    def came(self, peer: str) -> bool:
        """Count it; false where the peer has too many."""
        self._peers[peer] += 1
        return self._peers[peer] <= self.limits.connections_peer or self._near(peer)

    def left(self, peer: str) -> None:
        """It does not count any more."""
        self._peers[peer] -= 1
        if self._peers[peer] <= 0:
            del self._peers[peer]

    def waits(self, connection: "PatientProtocol") -> None:
        """It is the newest one that waits; the oldest makes room where there are too many."""
        self.half_sent[connection] = None
        if len(self.half_sent) > self.limits.half_sent:
            next(iter(self.half_sent)).give_up()

    def _near(self, peer: str) -> bool:
        """This machine, or a proxy that brings many people's: half-sent requests are bounded all the same."""
        address = peer_address(peer)  # a Unix socket has none
        return address is None or address.is_loopback or self._brings_many(peer)


class PatientProtocol(H11Protocol):
    """Uvicorn's connection, with an end to waiting for a request and its body."""

    def __init__(
        self,
        watch: Watch,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._watch = watch
        self._peer: str | None = None
        """Counted under that; None where it is not counted."""
        self._waits_for: object = None
        """h11's state of the peer: IDLE for a head, SEND_BODY for a body; None where it owes nothing."""
        self._timers: list[asyncio.TimerHandle] = []
        """The end of the whole, and of a body's silence."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Somebody connects."""
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else ""
        if self._watch.came(self._peer):
            self._follow()
        else:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """A part of a request."""
        super().data_received(data)
        self._follow()

    def on_response_complete(self) -> None:
        """The next request may come."""
        super().on_response_complete()
        self._follow()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """A page's connection: from now on it is watched by who bounds the pages."""
        self._leave()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        self._leave()
        super().connection_lost(exc)

    def give_up(self) -> None:
        """Say so where no answer has begun, and hang up."""
        self._rest()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_LATE)
        self.transport.close()

    def _follow(self) -> None:
        """Look at what the peer owes now, and wait for that."""
        if self._peer is None or self.transport.is_closing():
            return
        owes = self.conn.their_state if self.conn.their_state in (h11.IDLE, h11.SEND_BODY) else None
        if owes is not self._waits_for:
            self._rest()
            if owes is not None:
                self._waits_for = owes
                limits = self._watch.limits
                seconds = limits.head_seconds if owes is h11.IDLE else limits.body_seconds
                self._timers = [self.loop.call_later(seconds, self.give_up)]
                self._watch.waits(self)
        if owes is h11.SEND_BODY:
            for timer in self._timers[1:]:
                timer.cancel()
            self._timers[1:] = [self.loop.call_later(IDLE_SECONDS, self._silent)]

    def _silent(self) -> None:
        """No byte for long, unless it is we who do not read."""
        if self.flow.read_paused:
            self._timers[1:] = [self.loop.call_later(IDLE_SECONDS, self._silent)]
        else:
            self.give_up()

    def _rest(self) -> None:
        self._watch.half_sent.pop(self, None)
        self._waits_for = None
        for timer in self._timers:
            timer.cancel()
        self._timers = []

    def _leave(self) -> None:
        self._rest()
        if self._peer is not None:
            self._watch.left(self._peer)
            self._peer = None


def guard_connections(limits: Settings, brings_many: Callable[[str], bool]) -> None:
    """Give uvicorn patient connections; to be called while the application starts, before the server listens.

    Streamlit hands uvicorn nothing of ours, but uvicorn asks its configuration for the kind of connection each time.
    """
    loop = asyncio.get_running_loop()
    listen, watch = loop.create_server, Watch(limits, brings_many)

    def patient(factory: Callable[[], H11Protocol], *args: Any, **options: Any) -> Any:
        factory().config.http_protocol_class = cast(type[asyncio.Protocol], partial(PatientProtocol, watch))
        return listen(factory, *args, **options)

    loop.create_server = patient  # type: ignore[method-assign, assignment] # of this loop alone


def raise_file_limit() -> None:
    """As many open files as the kernel allows this process: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

"""A server with patient connections, and peers that send half of what they should; pure sockets on loopback."""

import asyncio
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from pages.limits import connections, guard_connections, raise_file_limit
from pages.limits.connections import PatientProtocol, Watch
from services.access import Entrance
from services.settings import Settings, load_settings

HALF = b"GET / HTTP/1.1\r\nHost: np\r\nX-Slow: "
GOOD = b"GET / HTTP/1.1\r\nHost: np\r\nConnection: close\r\n\r\n"
LENGTHS: list[int] = []


async def _answer(request: Request) -> Response:
    LENGTHS.append(len(await request.body()))
    return PlainTextResponse("well")


@contextmanager
def server(**limits: Any) -> Iterator[tuple[str, int]]:
    """As Streamlit starts uvicorn: a socket that it has bound, and our part of the start before it listens."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        guard_connections(Settings.model_construct(**limits), nobody)
        yield

    app = Starlette(routes=[Route("/", _answer, methods=["GET", "PUT"])], lifespan=lifespan)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(2048)
        running = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            running.should_exit = True
            thread.join(30)
            assert not thread.is_alive()


def said(line: socket.socket) -> bytes:
    """All until the other side hangs up."""
    line.settimeout(30)
    parts = []
    try:
        while part := line.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def ask(address: tuple[str, int]) -> bytes:
    with closing(socket.create_connection(address, 30)) as line:
        line.sendall(GOOD)
        return said(line)


@pytest.fixture
def many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    raise_file_limit()
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("many_files")
def test_a_good_request_is_answered_beside_1100_half_sent_ones_and_the_oldest_made_room() -> None:
    with server(half_sent=100) as address:
        half = [socket.create_connection(address, 30) for _ in range(1100)]
        for line in half:
            line.sendall(HALF)
        assert ask(address).endswith(b"well")
        assert said(half[0]).startswith(b"HTTP/1.1 408 "), "the oldest was told that it was too late"
        half[-1].sendall(b"ly\r\nConnection: close\r\n\r\n")
        assert said(half[-1]).endswith(b"well"), "the newest one is still waited for"
        for line in half:
            line.close()


@pytest.mark.parametrize("begun", [b"", b"GET", HALF, b"PUT / HTTP/1.1\r\nHost: np\r\nContent-Length: 9\r\n\r\nhalf"])
def test_what_does_not_come_is_not_waited_for(begun: bytes) -> None:
    with server(head_seconds=0.2, body_seconds=0.2) as address, socket.create_connection(address, 30) as line:
        line.sendall(begun)
        answer = said(line)
        assert answer.startswith(b"HTTP/1.1 408 ") and answer.endswith(b"Please try again.")


def test_a_body_in_silence_is_given_up_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.2)
    with server() as address, socket.create_connection(address, 30) as line:
        line.sendall(b"PUT / HTTP/1.1\r\nHost: np\r\nContent-Length: 9\r\n\r\nhalf")
        assert said(line).startswith(b"HTTP/1.1 408 ")


def test_a_body_in_parts_is_taken_whole_and_several_requests_come_on_one_connection() -> None:
    with server() as address, socket.create_connection(address, 30) as line:
        LENGTHS.clear()
        for _ in range(2):
            line.sendall(b"PUT / HTTP/1.1\r\nHost: np\r\nContent-Length: 600000\r\n\r\n")
            for _ in range(6):
                line.sendall(bytes(100_000))
            answer = b""
            while not answer.endswith(b"well"):
                answer += line.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 ")
        line.sendall(GOOD)
        assert said(line).endswith(b"well")
    assert LENGTHS == [600_000, 600_000, 0]


def nobody(_: str) -> bool:
    """No peer is a proxy."""
    return False


def test_a_peer_has_so_many_connections_and_a_near_one_any_number() -> None:
    entrance = Entrance.of(load_settings(proxy_addresses="10.1.0.0/16", proxy_secret="0123456789abcdef"))
    watch = Watch(Settings.model_construct(connections_peer=8), entrance.brings_many)
    assert [watch.came("10.9.0.1") for _ in range(9)] == [True] * 8 + [False]
    assert watch.came("10.9.0.2"), "another has his own"
    for peer in ("127.0.0.1", "::1", "10.1.2.3", "::ffff:127.0.0.1", "::ffff:10.1.2.3", ""):
        assert all(watch.came(peer) for _ in range(50)), peer
    watch.left("10.9.0.1")
    watch.left("10.9.0.1")
    assert watch.came("10.9.0.1")


def test_behind_tls_all_of_a_team_come_from_the_one_address_of_its_proxy() -> None:
    login = {"oidc_issuer": "https://login.example.org", "oidc_client_id": "maps", "oidc_client_secret": "secret"}
    for url, most in (("https://maps.example.org", 50), ("http://maps.example.org", 8), ("", 8)):
        entrance = Entrance.of(load_settings(**login, public_url=url))
        watch = Watch(Settings.model_construct(connections_peer=8), entrance.brings_many)
        assert sum(watch.came("172.18.0.4") for _ in range(50)) == most, url


class Line(asyncio.Transport):
    """A connection whose other side is elsewhere."""

    def __init__(self, peer: str) -> None:
        super().__init__({"peername": (peer, 1), "sockname": ("10.0.0.1", 80)})
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True

    def close(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted


def test_a_page_of_its_own_does_not_count_and_one_too_many_is_hung_up_on() -> None:
    async def story() -> None:
        watch = Watch(Settings.model_construct(connections_peer=8), nobody)
        config = uvicorn.Config(_answer, log_level="critical")
        state = uvicorn.server.ServerState()

        def came() -> tuple[PatientProtocol, Line]:
            protocol, line = PatientProtocol(watch, config, state, {}), Line("10.9.0.1")
            protocol.connection_made(line)
            return protocol, line

        known = [came() for _ in range(8)]
        extra, line = came()
        assert line.aborted and not any(one.aborted for _, one in known)
        extra.connection_lost(None)
        known[0][0]._leave()  # as when a page's connection begins
        assert not came()[1].aborted
        assert len(watch.half_sent) == 8
        for protocol, _ in known[1:]:
            protocol._rest()

    asyncio.run(story())


def test_uvicorn_still_asks_its_configuration_for_the_kind_of_connection() -> None:
    made: list[type] = []
    with server() as address:
        original: Callable[..., None] = H11Protocol.connection_made

        def watching(self: H11Protocol, transport: Any) -> None:
            made.append(type(self))
            original(self, transport)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(H11Protocol, "connection_made", watching)
            assert ask(address).endswith(b"well")
    assert made == [PatientProtocol]


def test_the_process_may_open_as_many_files_as_the_kernel_lets_it() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
        raise_file_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(before[1], 65_536)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

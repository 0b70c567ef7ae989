"""How much a minute allows, by a clock of the test's own."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from pages.access.visitor import HEADER
from pages.limits.rates import MOST_BUCKETS, RateLimit, TokenBuckets, cost_of
from pages.limits.who import member_of
from services.access import Actor, Role
from services.settings import Settings


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_refills_what_a_minute_allows_and_no_more() -> None:
    clock = Clock()
    buckets = TokenBuckets(60, clock)
    assert [buckets.take("a", 1) for _ in range(60)] == [0.0] * 60
    assert buckets.take("a", 1) == pytest.approx(1.0)
    assert buckets.take("b", 1) == 0.0, "another member has his own"
    clock.now = 10.0
    assert [buckets.take("a", 1) == 0.0 for _ in range(11)] == [True] * 10 + [False]
    clock.now = 10_000.0
    assert [buckets.take("a", 1) == 0.0 for _ in range(61)] == [True] * 60 + [False], "it does not grow for hours"


def test_what_is_refused_takes_nothing_so_that_waiting_as_told_is_enough() -> None:
    clock = Clock()
    buckets = TokenBuckets(60, clock)
    buckets.take("a", 55)
    wait = buckets.take("a", 10)
    assert wait == pytest.approx(5.0)
    assert buckets.take("a", 10) == pytest.approx(5.0)
    clock.now = wait
    assert buckets.take("a", 10) == 0.0


def test_members_that_are_remembered_have_an_end() -> None:
    buckets = TokenBuckets(60, Clock())
    for number in range(MOST_BUCKETS + 50):
        buckets.take(str(number), 1)
    assert len(buckets._left) == MOST_BUCKETS


@pytest.mark.parametrize(
    ("path", "cost"),
    [
        ("/static/js/index.js", 0),
        ("/assets/map.js", 0),
        ("/health", 0),
        ("/tiles/0123/true/9/290/150.png", 1),
        ("/files/0123/median.tif", 1),
        ("/files/0123/static/everything.zip", 10),
        ("/files/0123/everything.zip", 10),
        ("/files/0123/static/map.tif", 1),
        ("/grids/0123/3300.json", 10),
        ("/_stcore/upload_file/a/b", 10),
        ("/", 1),
    ],
)
def test_what_computes_counts_for_ten_and_what_a_page_is_made_of_for_nothing(path: str, cost: int) -> None:
    assert cost_of(path) == cost


def test_a_map_full_of_tiles_every_four_seconds_is_within_the_default() -> None:
    clock = Clock()
    buckets = TokenBuckets(Settings.model_construct().requests_minute, clock)
    for clock.now in range(0, 120, 4):  # two minutes of dragging a map that fills a large screen
        assert not any(buckets.take("a", cost_of("/tiles/0123/true/9/290/150.png")) for _ in range(150))
        assert not buckets.take("a", cost_of("/grids/0123/3300.json"))


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"served"})


def ask(limit: RateLimit, *paths: str) -> list[httpx.Response]:
    async def send() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(limit), base_url="http://np") as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(send())


def test_beyond_the_share_there_is_a_sentence_and_the_time_to_come_back_and_files_of_pages_still_come() -> None:
    clock = Clock()
    limit = RateLimit(_app, prefix="/team", minute=60, pages=9, clock=clock)
    answers = ask(limit, *["/team/grids/a/1.json"] * 7, "/team/static/index.js", "/team/health")
    assert [answer.status_code for answer in answers] == [200] * 6 + [429, 200, 200]
    assert answers[6].headers["retry-after"] == "10"
    assert answers[6].text == "So many requests a minute are more than one member's share. Try again in 10 s."
    clock.now = 10.0
    assert ask(limit, "/team/grids/a/1.json")[0].status_code == 200


def page(limit: RateLimit, client: str, stays: "asyncio.Event | None" = None) -> Any:
    """A page's connection as ASGI has it: its status where it was refused, else None."""
    scope = {
        "type": "websocket",
        "path": "/_stcore/stream",
        "client": (client, 1),
        "headers": [],
        "extensions": {"websocket.http.response": {}},
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def run() -> Any:
        await limit(scope, receive, send)
        return sent[0]["status"] if sent else None

    return run()


def test_one_member_has_so_many_pages_open_and_a_closed_one_makes_room() -> None:
    async def story() -> None:
        closing, opened = asyncio.Event(), list[str]()

        async def stays(scope: Scope, receive: Receive, send: Send) -> None:
            opened.append(scope["client"][0])
            await closing.wait()

        limit = RateLimit(stays, prefix="", minute=600, pages=2, clock=Clock())
        tasks = [asyncio.create_task(page(limit, "10.0.0.1")) for _ in range(2)]
        while len(opened) < 2:
            await asyncio.sleep(0)
        assert await page(limit, "10.0.0.1") == 429
        tasks.append(asyncio.create_task(page(limit, "10.0.0.2")))
        while len(opened) < 3:
            await asyncio.sleep(0)
        closing.set()
        assert await asyncio.gather(*tasks) == [None] * 3
        assert await page(limit, "10.0.0.1") is None
        assert not limit._open, "nobody who has left is counted"

    asyncio.run(story())


@pytest.mark.parametrize(
    ("client", "headers", "name"),
    [
        (("10.0.0.1", 1), {HEADER: "proven"}, "member anna@example.org"),
        (("10.0.0.1", 1), {}, "10.0.0.1"),  # a name that was only typed would be another one with each request
        (("::ffff:10.0.0.1", 1), {}, "10.0.0.1"),
        (("2001:db8:1:2:3:4:5:6", 1), {}, "2001:0db8:0001:0002"),
        (("2001:db8:1:2:ffff::9", 1), {}, "2001:0db8:0001:0002"),
        (("127.0.0.1", 1), {"x-forwarded-for": "1.2.3.4, 10.0.0.7"}, "10.0.0.7"),
        (("127.0.0.1", 1), {"x-forwarded-for": "unknown"}, "127.0.0.1"),
        (("10.0.0.1", 1), {"x-forwarded-for": "10.0.0.7"}, "10.0.0.1"),  # anybody may write that
        (None, {}, ""),
    ],
)
def test_a_request_counts_for_the_proven_name_or_for_the_address_or_its_network(
    client: Any, headers: dict[str, str], name: str
) -> None:
    said = [(key.encode(), value.encode()) for key, value in headers.items()]
    state = {"actor": Actor("anna@example.org", Role.MEMBER), "proxied": False}
    assert member_of({"type": "http", "state": state, "client": client, "headers": said}) == name


@pytest.mark.parametrize(
    ("seen", "name"), [("10.0.0.7", "10.0.0.7"), ("1.2.3.4, 10.0.0.7", "10.0.0.7"), ("", "172.18.0.4")]
)
def test_strangers_behind_the_proxy_of_a_team_are_told_apart(seen: str, name: str) -> None:
    scope = {"type": "http", "state": {"proxied": True}, "client": ("172.18.0.4", 1)}
    assert member_of(scope | {"headers": [(b"x-forwarded-for", seen.encode())]}) == name

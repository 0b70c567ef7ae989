"""Threads by turns: who asks for much waits for himself, and the queue has an end."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pages.limits import Busy, Lane, in_lane


class Held:
    """A lane of one thread that is busy until it is told to go on; who was served, in order."""

    def __init__(self, waiting: int = 100, waiting_member: int = 100) -> None:
        self.lane, self.go_on, self.served = Lane("test", 1, waiting, waiting_member), threading.Event(), list[str]()
        begun = threading.Event()

        def first() -> Response:
            begun.set()
            assert self.go_on.wait(30)
            return Response()

        self.lane.submit("first", first)
        assert begun.wait(30)

    def ask(self, member: str) -> Future[Response]:
        def work() -> Response:
            self.served.append(member)
            return Response(member)

        return self.lane.submit(member, work)


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held()
    yield made
    made.go_on.set()


def test_members_have_their_turns_however_much_one_asks_for(held: Held) -> None:
    asked = [held.ask(member) for member in ("greedy",) * 5 + ("modest", "third", "modest")]
    held.go_on.set()
    for one in asked:
        one.result(30)
    assert held.served[:4] == ["greedy", "modest", "third", "greedy"]
    assert held.served.count("greedy") == 5 and held.served.count("modest") == 2


def test_one_member_fills_his_share_of_the_queue_and_not_the_others() -> None:
    held = Held(waiting=6, waiting_member=4)
    for _ in range(4):
        held.ask("greedy")
    with pytest.raises(Busy, match="requests of yours"):
        held.ask("greedy")
    held.ask("modest")
    held.ask("third")
    with pytest.raises(Busy, match="Too many people"):
        held.ask("fourth")
    held.go_on.set()


def test_what_was_refused_has_room_again_when_others_are_done() -> None:
    held = Held(waiting=1)
    waiting = held.ask("one")
    with pytest.raises(Busy):
        held.ask("two")
    held.go_on.set()
    waiting.result(30)
    assert held.ask("two").result(30).body == b"two"


def test_a_fault_reaches_who_asked_and_the_thread_goes_on(held: Held) -> None:
    def fail() -> Response:
        raise OSError("the disk")

    failed = held.lane.submit("one", fail)
    held.go_on.set()
    with pytest.raises(OSError, match="the disk"):
        failed.result(30)
    assert held.ask("one").result(30).body == b"one"


def test_who_gave_up_waiting_costs_no_work(held: Held) -> None:
    assert held.ask("gone").cancel()
    last = held.ask("here")
    held.go_on.set()
    last.result(30)
    assert held.served == ["here"]


def test_a_full_queue_answers_with_a_sentence_and_when_to_come_back() -> None:
    held = Held(waiting=1)
    held.ask("another")

    async def send() -> httpx.Response:
        def answer(request: Request) -> Response:
            return PlainTextResponse("made")

        app = Starlette(routes=[Route("/grids", in_lane(held.lane, answer))])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://np") as client:
            return await client.get("/grids")

    refused = asyncio.run(send())
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert refused.text == "Too many people ask for this at the moment. Try again in 5 seconds."
    held.go_on.set()

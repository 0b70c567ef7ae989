"""Thread pools with a fair queue (lanes), each for one kind of request: heavy ones wait for each other alone."""

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial, wraps

from starlette.requests import Request
from starlette.responses import Response

from pages.limits.who import come_back, member_of

Answer = Callable[[Request], Response]
Work = tuple[Future[Response], Callable[[], Response]]
SOON = 5
"""Seconds after which a place in the queue may be free."""


class Busy(Exception):
    """There is no room in the queue; the text says whose requests fill it."""


class Lane:
    """A few threads, and a queue with an end in which members have their turns: who asks for much waits for himself."""

    def __init__(self, name: str, threads: int, waiting: int, waiting_member: int) -> None:
        """At most `waiting` requests without a thread, and `waiting_member` of each member."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most, self._most_member = waiting, waiting_member
        self._queues: OrderedDict[str, deque[Work]] = OrderedDict()
        """By member, the next one first."""
        self._waiting = 0
        self._lock = threading.Lock()

    def submit(self, member: str, work: Callable[[], Response]) -> Future[Response]:
        """The work's answer, once it is the member's turn. Raises Busy."""
        future: Future[Response] = Future()
        with self._lock:
            if self._waiting >= self._most:
                raise Busy("Too many people ask for this at the moment.")
            queue = self._queues.setdefault(member, deque())
            if len(queue) >= self._most_member:
                raise Busy("Too many requests of yours are waiting already.")
            queue.append((future, work))
            self._waiting += 1
        self._pool.submit(self._next)
        return future

    def _next(self) -> None:
        """One piece of work of the member whose turn it is, who is the last one then."""
        with self._lock:
            member, queue = self._queues.popitem(last=False)
            future, work = queue.popleft()
            self._waiting -= 1
            if queue:
                self._queues[member] = queue
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is waited for
            future.set_exception(error)


def in_lane(lane: Lane, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """The same answer from the lane's threads; 503 where its queue is full."""

    @wraps(answer)
    async def answered(request: Request) -> Response:
        try:
            future = lane.submit(member_of(request.scope), partial(answer, request))
        except Busy as busy:
            return come_back(f"{busy} Try again in {SOON} seconds.", 503, SOON)
        return await asyncio.wrap_future(future)

    return answered

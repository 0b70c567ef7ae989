"""Drawing in the background: a page does not wait for a picture longer than it has patience."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 64
"""Pictures that are drawn, wait or were not come back for; beyond them the oldest is given up."""


class StillDrawing(Exception):
    """The picture is not there yet: who asked comes back for it. No error of anybody."""


class DrawingRoom:
    """Threads that draw; of what waits the newest comes first, for who asked for it is still there."""

    def __init__(self, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="drawing")
        self._lock = threading.Lock()
        self._asked: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        """By name, the oldest first."""
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()

    def drawn(self, name: Hashable, draw: Callable[[], T], patience: float) -> T:
        """What `draw` gives or raises, if it is done within `patience` seconds; the same name is drawn once.

        Raises StillDrawing where it is not done.
        """
        with self._lock:
            future = self._asked.get(name)
            if future is None:
                future = self._asked[name] = Future()
                self._waiting.append((future, draw))
                self._pool.submit(self._next)
                self._give_up()
        try:
            made: T = future.result(patience)
        except (TimeoutError, CancelledError):
            if future.done() and not future.cancelled():
                raise  # of the drawing itself
            raise StillDrawing from None
        finally:
            if future.done():
                with self._lock:
                    self._asked.pop(name, None)
        return made

    def _give_up(self) -> None:
        """Whoever wants the oldest asks for it again."""
        while len(self._asked) > MOST:
            _, oldest = self._asked.popitem(last=False)
            oldest.cancel()

    def _next(self) -> None:
        """The newest of those that wait."""
        with self._lock:
            future, draw = self._waiting.pop()
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(draw())
        except BaseException as error:  # noqa: BLE001 - it is raised where the picture is waited for
            future.set_exception(error)

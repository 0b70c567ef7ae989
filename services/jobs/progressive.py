"""The picture while it grows: drawn again as dates arrive, in a thread of its own, so that no request waits for it."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from math import ceil
from types import TracebackType

from services.cache import Frames, MissingFrame
from services.catalogue import Acquisition
from services.composite import Mosaic, mosaic
from services.errors import Cancelled, StorageError
from services.fetch import Arrivals
from services.recipe import Recipe

FIRST = 3
"""Acquisitions in the first picture, where there are as many."""
PARTS = 4
"""After it one picture for each of so many parts of the acquisitions."""
EVERY_SECONDS = 2.0
"""The next picture is not begun sooner."""

log = logging.getLogger(__name__)


def steps(count: int) -> tuple[int, ...]:
    """Of how many acquisitions pictures are made, where `count` are expected: `(3, 10, 20, 30, 40)`."""
    parts = {ceil(count * part / PARTS) for part in range(1, PARTS + 1)}
    return tuple(sorted(step for step in parts | {FIRST} if min(FIRST, count) <= step <= count))


class ProgressivePreview:
    """A context in which `show` gets a mosaic of the acquisitions that have arrived, now and then.

    When it ends it waits for a picture that has them all, and leaves any other one unfinished. A disk that refuses a
    picture ends the preview, not the fetch; a frame that is missing is left to whoever composes the whole.
    """

    def __init__(
        self, recipe: Recipe, arrivals: Arrivals, frames: Frames, show: Callable[[Mosaic], None], count: int
    ) -> None:
        """`recipe` is one with the picture's bands alone; `count` acquisitions are expected."""
        self._recipe, self._arrivals, self._frames, self._show = recipe, arrivals, frames, show
        self._steps, self._count, self._drawn = steps(count), count, 0
        self._news, self._ended = threading.Condition(), threading.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="preview")
        self._running: Future[None] | None = None

    @property
    def complete(self) -> bool:
        """Whether the last picture that was shown has all acquisitions."""
        return self._drawn == self._count

    def notify(self) -> None:
        """Something may have arrived."""
        with self._news:
            self._news.notify()

    def __enter__(self) -> "ProgressivePreview":
        self._running = self._pool.submit(self._run)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self.notify()
        with self._pool:
            if self._running is not None and error is None:
                self._running.result()

    def _run(self) -> None:
        tried = 0
        while True:
            with self._news:
                self._news.wait_for(partial(self._due, tried))
            if self._ended.is_set():
                return
            there = self._arrivals.complete
            tried = len(there)
            try:
                self._draw(there)
            except (Cancelled, MissingFrame):
                continue
            except StorageError as error:
                log.warning("no picture while it grows: %s", error)
                return
            self._ended.wait(EVERY_SECONDS)

    def _due(self, tried: int) -> bool:
        """Whether there is something to do after a picture of so many acquisitions."""
        there = len(self._arrivals.complete)
        return self._ended.is_set() or any(tried < step <= there for step in self._steps)

    def _draw(self, there: Sequence[Acquisition]) -> None:
        from services.composite import compose  # a second of imports, which only workers need

        whole = len(there) == self._count
        composites = compose(
            self._recipe, there, self._frames, workers=1, cancelled=lambda: self._ended.is_set() and not whole
        )
        self._show(mosaic(composites, self._recipe.neighbourhood.side))
        self._drawn = len(there)

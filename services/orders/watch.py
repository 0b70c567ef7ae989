"""Watch: whether an order is still the worker's and may go on, and how far it is, written now and then."""

import threading
import time
from collections.abc import Callable
from typing import Any

from services.errors import Cancelled, StorageError
from services.fetch import DownloadStats
from services.jobs import LOOK, SPENDING, JobStore
from services.orders.rows import OrderRow
from services.orders.store import OrderStore

LOOK_SECONDS = 0.5
"""How often it is looked whether somebody asked to stop, and whether jobs wait that somebody sees."""
BEAT_SECONDS = 2.0
"""How often it is written how far it is."""
PATIENT = "small pictures that somebody waits for go first"
"""What an order waits for while there are jobs."""


class OrderWatch:
    """Of one order under one worker. Threads share it."""

    def __init__(self, store: OrderStore, jobs: JobStore, row: OrderRow, leaving: Callable[[], bool]) -> None:
        self._store, self._jobs, self._leaving = store, jobs, leaving
        self.row = row
        """As it was last seen."""
        self.lost = False
        """Another worker has it now."""
        self.failure: StorageError | None = None
        """Why it could not be looked, where that is why it is to stop."""
        self._before = row.units, row.requests, row.bytes
        self._came = DownloadStats()
        self._waiting, self._looked, self._beaten = "", 0.0, 0.0
        self._stopped, self._lock = threading.Event(), threading.Lock()

    def came(self, part: DownloadStats, before: DownloadStats) -> None:
        """What has come in a part so far, after what came before it."""
        self._came = before + part
        self.stop()

    @property
    def spent(self) -> DownloadStats:
        """What came under this worker."""
        return self._came

    def halt(self) -> None:
        """Nothing more is to be asked for: something went wrong."""
        self._stopped.set()

    def stop(self) -> bool:
        """Whether to stop: somebody asked, the worker leaves, or has lost it. Never fails."""
        if self._leaving() or self._stopped.is_set():
            return True
        with self._lock:
            now = time.monotonic()
            if now - self._looked >= LOOK_SECONDS:
                self._looked = now
                try:
                    self._look(now)
                except StorageError as error:
                    self.failure = error
                    self._stopped.set()
        return self._stopped.is_set()

    def take_turn(self) -> None:
        """Wait while there are jobs that somebody waits for. Raises Cancelled once it is to stop."""
        while self._busy():
            if self.stop():
                raise Cancelled("The order was stopped.", "What had been fetched is kept.")
            time.sleep(LOOK_SECONDS / 2)

    def say(self, waiting: str) -> None:
        """What it waits for or does besides fetching; empty where it goes on."""
        if waiting != self._waiting:
            self._waiting, self._beaten, self._looked = waiting, 0.0, 0.0
        self.stop()

    def _busy(self) -> bool:
        busy = self._jobs.unfinished((LOOK, *SPENDING))
        if busy or self._waiting == PATIENT:
            self.say(PATIENT if busy else "")
        return busy

    def _look(self, now: float) -> None:
        values: dict[str, Any] = {}
        if now - self._beaten >= BEAT_SECONDS:
            self._beaten = now
            values = {"waiting": self._waiting, **self.figures}
        row = self._store.report(self.row.id, self.row.worker, **values)
        self.lost, self.row = row is None, row or self.row
        if self.lost or self.row.cancel or self.row.pause:
            self._stopped.set()

    @property
    def figures(self) -> dict[str, Any]:
        """Spent in all attempts, with what came under this worker."""
        units, requests, size = self._before
        came = self._came
        return {"units": units + came.units, "requests": requests + came.requests, "bytes": size + came.bytes}

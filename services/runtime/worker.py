"""Worker: the process that asks and fetches, so that no page ever has to."""

import ctypes
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from services.cancellation import never
from services.catalogue import Acquisition
from services.errors import Cancelled, NinepatchError, NotAllowed, StorageError
from services.jobs import FILL, LOOK, SPENDING, Job, JobStore, Progress
from services.lazy import import_ahead
from services.logs import about
from services.ninepatch import Ninepatch
from services.plan import Cost, Plan
from services.recipe import Recipe
from services.runtime.order_worker import OrderWorker
from services.settings import Settings

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
"""Names of parameters (malloc.h of the GNU C library)."""
ARENAS = 2
"""Heaps that threads share; by default each of many threads fills one of its own, and none shrinks."""
OWN_MAPPING = 256 * 1024
"""Bytes from which on memory goes back to the system the moment it is freed; a block of planes has some megabytes."""


def tune_malloc() -> bool:
    """Before threads are started: freed blocks of pixels go back at once. Whether it was understood."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    return all([mallopt(_ARENA_MAX, ARENAS), mallopt(_MMAP_THRESHOLD, OWN_MAPPING)])


log = logging.getLogger(__name__)

IDLE_SECONDS = 0.1
"""How often a worker without work looks for some."""
REPORT_SECONDS = 0.2
"""How often progress is written, and how often it is looked whether somebody asked to stop; every change of phase and
the first answer are written at once."""
AGAIN_SECONDS = 1.0
"""How often it is tried to write how a job ended, where the database fails."""
BEAT_SECONDS = 2.0
"""How often a job without progress is said to be alive."""


COPY_SECONDS = 600.0
"""How often it is looked whether the database was copied today."""
COMPOSING = ("services.composite.workflow", "services.export.cog", "services.render.figure")
"""What the first job needs, and the application does without."""
AHEAD_SECONDS = 5.0
"""After which it is imported where no job came before: until then somebody opens the first page."""
LEAVE_SECONDS = 30.0
"""How long a worker that is told to end waits for what is in flight: what is answered is stored, and not paid again."""


def free() -> str:
    """Nothing holds us back."""
    return ""


class Reporter:
    """Writes the progress of one job, and knows whether somebody asked to stop.

    `waiting` says what the service holds us back by; `spent` is that of the same attempt by an earlier worker; once
    the worker is `leaving`, nothing more is to be asked for.
    """

    def __init__(
        self,
        store: JobStore,
        job: Job,
        waiting: Callable[[], str] = free,
        spent: Cost = Cost(),  # noqa: B008 - frozen
        leaving: Callable[[], bool] = never,
    ) -> None:
        self._store, self._job, self._waiting, self._spent = store, job, waiting, spent
        self._leaving = leaving
        self._before = job.done
        """Requests that were answered to an earlier worker: the bar goes on where it was."""
        self._phase, self._done, self._written, self._cancelled = "", 0, 0.0, False
        self._held, self._beaten = "", time.monotonic()
        self._lock = threading.Lock()
        self.failure: StorageError | None = None
        """Why nothing can be written any more, where that is why the job was stopped."""

    def planned(self, kept: Sequence[Acquisition], plan: Plan) -> None:
        """Before anything is fetched."""
        with self._lock:
            whole = self._spent + plan.cost
            expected = {"expected": whole.bytes, "expected_requests": whole.requests}
            self._before = max(self._before, self._job.total - len(plan.blocks))
            counted = {"done": self._before, "total": self._before + len(plan.blocks)}
            self._write(dates=len(kept), **counted, **expected, **self._so_far(Cost()))

    def report(self, progress: Progress) -> None:
        """Called from any thread."""
        with self._lock:
            due = time.monotonic() - self._written >= REPORT_SECONDS or (progress.done and not self._done)
            if not due and progress.phase == self._phase and progress.done < progress.total:
                return
            self._done = progress.done
            self._phase, self._held = progress.phase, self._waiting()
            self._write(
                phase=progress.phase,
                waiting=self._held,
                dates_done=max(progress.dates, self._job.dates_done),
                done=self._before + progress.done,
                total=max(self._before + progress.total, self._job.total),
                **self._so_far(Cost(progress.units, progress.requests, progress.bytes)),
            )

    def cancelled(self) -> bool:
        """True once somebody asked to stop, or the worker ends; asks the database a few times a second.

        Never fails: who waits for an answer that is paid for asks, too. A database that fails is a stop.
        """
        if self._leaving():
            return True
        with self._lock:
            if not self._cancelled and time.monotonic() - self._written >= REPORT_SECONDS:
                held = self._waiting()
                news = held != self._held or time.monotonic() - self._beaten >= BEAT_SECONDS
                self._held = held
                try:
                    self._write(**({"waiting": held} if news else {}))
                except StorageError as error:
                    self.failure, self._cancelled = error, True
            return self._cancelled

    def _so_far(self, came: Cost) -> dict[str, float]:
        whole = self._spent + came
        return {"units": whole.units, "requests": whole.requests, "bytes": whole.bytes}

    def _write(self, **values: Any) -> None:
        """With nothing to write it only looks whether somebody asked to stop."""
        self._written = time.monotonic()
        self._beaten = self._written if values else self._beaten
        self._cancelled = self._store.report(self._job.id, by=self._job.worker, **values)


class Worker:
    """Claims jobs and carries them out: questions to the catalogue beside fetches beside orders, so that none waits."""

    def __init__(self, settings: Settings) -> None:
        self._product = Ninepatch(settings)
        self._store = JobStore(self._product.database)
        self._copies = settings.daily_copies
        self._lock = self._product.database.locks.worker()
        self._leaving: Callable[[], bool] = never

    @property
    def name(self) -> str:
        """Of its lock, which says that it lives."""
        return self._lock.name

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; a job under way is then left to the next worker, and nothing more is asked for it.

        What is in flight is stored first, for LEAVE_SECONDS: as long as the worker lives nobody asks for it again.
        """
        tune_malloc()
        self._leaving = stop.is_set
        threads = [
            threading.Thread(target=self._loop, args=(kinds, stop), name=kinds[0], daemon=True)
            for kinds in ((LOOK,), SPENDING)
        ]
        orders = OrderWorker(self._product, self.name, self._leaving, self._written)
        threads.append(threading.Thread(target=orders.loop, args=(stop,), name="orders", daemon=True))
        for thread in threads:
            thread.start()
        import_ahead((), COMPOSING, pause=AHEAD_SECONDS)
        while not stop.wait(COPY_SECONDS):
            self._tend()
        deadline = time.monotonic() + LEAVE_SECONDS
        for thread in threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))
        self.close()

    def close(self) -> None:
        """Let go: jobs that are still under way may be taken over."""
        self._lock.close()

    def _tend(self) -> None:
        """Keep the copy of the day, forget jobs of long ago, send frames that the store did not take, and remove what
        is left of removed orders."""
        try:
            self._product.database.keep_daily(self._copies)
            self._store.prune()
            self._product.frames.send_rest()
            self._product.orders.sweep()
        except StorageError as error:
            log.error("what is kept could not be tended: %s", error)

    def _loop(self, kinds: Collection[str], stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                job = self._store.claim(self.name, kinds)
            except NinepatchError as error:
                log.error("%s", error)
                stop.wait(1)
                continue
            if job is None:
                stop.wait(IDLE_SECONDS)
            else:
                self.carry_out(job)

    def carry_out(self, job: Job) -> None:
        """Do one job and write how it ended; its log lines name it."""
        with about(job=job.id, member=job.member):
            self._carry_out(job)

    def _carry_out(self, job: Job) -> None:
        log.info("%s begins, attempt %s", job.kind, job.attempts)
        try:
            self._require_member(job)
            self._do(job, Recipe.from_json(job.recipe))
        except Cancelled as error:
            self._fail(job, "cancelled", error)
        except NinepatchError as error:
            log.warning("job %s failed: %s", job.id, error)
            self._fail(job, "failed", error)
        except Exception:  # the last line of defence: one bad job must not end the worker
            if not self._leaving():
                log.exception("job %s met a fault of the program", job.id)
            fault = NinepatchError(
                "The program met a fault of its own.",
                f"Ask again; if it comes back, send the last lines of the worker's log with the number {job.id}.",
            )
            self._fail(job, "failed", fault)
        else:
            self._written(lambda: self._store.finish(job.id, "done", by=job.worker))
            log.info("%s is done", job.kind)

    def _require_member(self, job: Job) -> None:
        """Nothing is begun for somebody who was removed while the job waited. Raises NotAllowed."""
        if self._product.roster.removed(job.member):
            raise NotAllowed(
                f"{job.member} was removed from the team before this job began.",
                "Somebody else of the team may go on with it.",
            )

    def _fail(self, job: Job, state: str, error: NinepatchError) -> None:
        """Write why it ended; what a worker that leaves has broken off is the next one's to go on with."""
        if self._leaving():
            self._written(lambda: self._store.leave(job.id, by=job.worker))
        else:
            self._written(lambda: self._store.finish(job.id, state, error, by=job.worker))

    def _written(self, write: Callable[[], None]) -> None:
        """Until the database takes it: as long as this worker lives nobody else can end its job."""
        while True:
            try:
                return write()
            except StorageError as error:
                log.error("%s", error)
            if self._leaving():
                return
            time.sleep(AGAIN_SECONDS)

    def _do(self, job: Job, recipe: Recipe) -> None:
        if job.kind == LOOK:
            stop = Reporter(self._store, job, leaving=self._leaving).cancelled
            self._product.search(recipe, stop, member=job.member, run=job.run)
            return
        product = self._product
        spent, _ = product.ledger.fetched(job.run)
        reporter = Reporter(self._store, job, lambda: product.waiting(recipe), spent, self._leaving)
        carry: Callable[..., object] = product.fill if job.kind == FILL else partial(product.fetch, watched=True)
        told = {"report": reporter.report, "cancelled": reporter.cancelled, "planned": reporter.planned}
        try:
            carry(recipe, **told, member=job.member, run=job.run)
        except Cancelled:
            if reporter.failure is not None:
                raise reporter.failure from None
            raise


def follow(parent: int, stop: threading.Event, lives: Callable[[], int] = os.getppid) -> None:
    """Set `stop` once the process that started this one is gone."""

    def watch() -> None:
        while not stop.wait(0.5):
            if lives() != parent:
                stop.set()

    threading.Thread(target=watch, name="follow", daemon=True).start()

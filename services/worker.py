"""The process that asks and fetches, so that no page ever has to."""

import logging
import os
import threading
import time
from collections.abc import Callable

from services.errors import Cancelled, NinepatchError
from services.jobs import FETCH, LOOK, Job, JobStore, WorkerLock
from services.making import Progress
from services.ninepatch import Ninepatch
from services.recipe import Recipe
from services.settings import Settings

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.1
"""How often a worker without work looks for some."""
REPORT_SECONDS = 0.2
"""How often progress is written; every change of phase is written at once."""


class Reporter:
    """Writes the progress of one job, and knows whether somebody asked to stop."""

    def __init__(self, store: JobStore, job: Job) -> None:
        self._store, self._job = store, job
        self._phase, self._written, self._cancelled = "", 0.0, False
        self._lock = threading.Lock()

    def report(self, progress: Progress) -> None:
        """Called from any thread."""
        with self._lock:
            due = time.monotonic() - self._written >= REPORT_SECONDS
            if not due and progress.phase == self._phase and progress.done < progress.total:
                return
            self._phase, self._written = progress.phase, time.monotonic()
            self._cancelled = self._store.report(
                self._job.id,
                phase=progress.phase,
                done=progress.done,
                total=progress.total,
                units=progress.units,
                bytes=progress.bytes,
            )

    def cancelled(self) -> bool:
        """True once somebody asked to stop; asks the database a few times a second."""
        with self._lock:
            if not self._cancelled and time.monotonic() - self._written >= REPORT_SECONDS:
                self._written = time.monotonic()
                self._cancelled = self._store.report(self._job.id)
            return self._cancelled


class Worker:
    """Claims jobs and carries them out: questions to the catalogue beside fetches, so that neither waits."""

    def __init__(self, settings: Settings) -> None:
        self._product = Ninepatch(settings)
        self._store = JobStore(settings.home)
        self._lock = WorkerLock(settings.home)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; a job under way is then left to the next worker."""
        threads = [
            threading.Thread(target=self._loop, args=(kind, stop), name=kind, daemon=True) for kind in (LOOK, FETCH)
        ]
        for thread in threads:
            thread.start()
        stop.wait()
        for thread in threads:
            thread.join(timeout=1)
        self.close()

    def close(self) -> None:
        """Let go: jobs that are still under way may be taken over."""
        self._lock.close()

    def _loop(self, kind: str, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                job = self._store.claim(self._lock.name, (kind,))
            except NinepatchError as error:
                log.error("%s", error)
                stop.wait(1)
                continue
            if job is None:
                stop.wait(IDLE_SECONDS)
            else:
                self.carry_out(job)

    def carry_out(self, job: Job) -> None:
        """Do one job and write how it ended."""
        reporter = Reporter(self._store, job)
        try:
            recipe = Recipe.from_json(job.recipe)
            if job.kind == LOOK:
                self._product.look(recipe, cancelled=reporter.cancelled)
            else:
                self._product.fetch(recipe, report=reporter.report, cancelled=reporter.cancelled)
        except Cancelled as error:
            self._store.finish(job.id, "cancelled", error)
        except NinepatchError as error:
            log.warning("job %s failed: %s", job.id, error)
            self._store.finish(job.id, "failed", error)
        except Exception:  # the last line of defence: one bad job must not end the worker
            log.exception("job %s met a fault of the program", job.id)
            fault = NinepatchError(
                "The program met a fault of its own.",
                f"Ask again; if it comes back, send the last lines of the worker's log with the number {job.id}.",
            )
            self._store.finish(job.id, "failed", fault)
        else:
            self._store.finish(job.id, "done")


def follow(parent: int, stop: threading.Event, lives: Callable[[], int] = os.getppid) -> None:
    """Set `stop` once the process that started this one is gone."""

    def watch() -> None:
        while not stop.wait(0.5):
            if lives() != parent:
                stop.set()

    threading.Thread(target=watch, name="follow", daemon=True).start()

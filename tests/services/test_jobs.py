"""Jobs outlive the processes that ask for and carry them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.errors import ServiceFailed, StorageError
from services.interval import Interval
from services.jobs import FETCH, LOOK, JobStore, WorkerLock, worker_lives
from services.lattice import Lattice, TileIndex
from services.recipe import Recipe

ROOT = Path(__file__).resolve().parent.parent.parent
RECIPE = Recipe(Lattice(32635, 0.0, 0.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2017))


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    """An empty table."""
    return JobStore(tmp_path)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerLock]:
    """A worker that lives during the test."""
    lock = WorkerLock(tmp_path)
    yield lock
    lock.close()


def test_the_same_question_is_one_job(store: JobStore) -> None:
    first = store.submit(FETCH, RECIPE)
    assert store.submit(FETCH, RECIPE) == first
    assert store.submit(LOOK, RECIPE).id != first.id
    assert len(store.recent(FETCH)) == 1


def test_a_job_is_claimed_once_however_many_ask(store: JobStore, worker: WorkerLock) -> None:
    for maxcc in range(5):
        store.submit(FETCH, RECIPE.with_(maxcc=maxcc))
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda _: store.claim(worker.name, (FETCH,)), range(16)))
    ids = [job.id for job in claimed if job is not None]
    assert sorted(ids) == sorted({RECIPE.with_(maxcc=maxcc).digest for maxcc in range(5)})


def test_the_oldest_is_claimed_first_and_only_of_the_kind(store: JobStore, worker: WorkerLock) -> None:
    fetch, look = store.submit(FETCH, RECIPE), store.submit(LOOK, RECIPE)
    job = store.claim(worker.name, (LOOK,))
    assert job is not None
    assert (job.id, job.state, job.worker) == (look.id, "running", worker.name)
    assert store.claim(worker.name, (LOOK,)) is None
    assert store.get(fetch.id) == fetch


def test_progress_is_seen_by_whoever_looks(store: JobStore, worker: WorkerLock, tmp_path: Path) -> None:
    job = store.submit(FETCH, RECIPE)
    store.claim(worker.name, (FETCH,))
    assert store.report(job.id, done=3, total=8, units=1.5, phase="fetching") is False
    seen = JobStore(tmp_path).get(job.id)
    assert seen is not None
    assert (seen.done, seen.total, seen.units, seen.phase) == (3, 8, 1.5, "fetching")


def test_a_failed_job_says_why_and_can_be_asked_again(store: JobStore, worker: WorkerLock) -> None:
    job = store.submit(FETCH, RECIPE)
    store.claim(worker.name, (FETCH,))
    store.finish(job.id, "failed", ServiceFailed("The service failed.", "Try again."))
    failed = store.get(job.id)
    assert failed is not None
    assert (failed.state, failed.cause, failed.remedy) == ("failed", "The service failed.", "Try again.")
    assert store.submit(FETCH, RECIPE).state == "queued"


def test_cancel_stops_a_queued_job_at_once_and_tells_a_running_one(store: JobStore, worker: WorkerLock) -> None:
    job = store.submit(FETCH, RECIPE)
    store.cancel(job.id)
    assert (found := store.get(job.id)) is not None
    assert found.state == "cancelled"
    store.submit(FETCH, RECIPE)
    store.claim(worker.name, (FETCH,))
    store.cancel(job.id)
    assert (found := store.get(job.id)) is not None
    assert found.state == "running"
    assert store.report(job.id) is True


def test_the_job_of_a_killed_worker_is_taken_over(store: JobStore, worker: WorkerLock, tmp_path: Path) -> None:
    job = store.submit(FETCH, RECIPE)
    code = (
        "import sys, time; from pathlib import Path; from services.jobs import *;"
        "home = Path(sys.argv[1]); lock = WorkerLock(home); JobStore(home).claim(lock.name, (FETCH,));"
        "print(lock.name, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        name = other.stdout.readline().strip()
        assert worker_lives(tmp_path, name)
        assert store.claim(worker.name, (FETCH,)) is None, "its worker lives"
        os.kill(other.pid, signal.SIGKILL)
    assert not worker_lives(tmp_path, name)
    again = store.claim(worker.name, (FETCH,))
    assert again is not None
    assert (again.id, again.worker) == (job.id, worker.name)


def test_a_damaged_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError, match=r"jobs\.sqlite"):
        JobStore(tmp_path)

"""Jobs outlive the processes that ask for and carry them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.errors import JobError, ServiceFailed, StorageError
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, FILL, LOOK, SPENDING, TITLES, JobStore
from services.recipe import Interval, Recipe
from services.storage import Database, WorkerLife
from tests.actors import a_member
from tests.services.databases import Place

ROOT = Path(__file__).resolve().parents[3]
RECIPE = Recipe(Lattice(32635, 0.0, 0.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2017))


@pytest.fixture
def store(place: Place) -> JobStore:
    """An empty table."""
    return JobStore(place.open())


@pytest.fixture
def worker(place: Place) -> Iterator[WorkerLife]:
    """A worker that lives during the test."""
    lock = place.open().locks.worker()
    yield lock
    lock.close()


def test_the_same_question_is_one_job(store: JobStore) -> None:
    first = store.submit(FETCH, RECIPE, a_member())
    assert store.submit(FETCH, RECIPE, a_member()) == first
    assert store.submit(LOOK, RECIPE, a_member()).id != first.id
    assert len(store.recent(FETCH)) == 1


def test_a_fill_is_a_job_of_its_own_beside_the_fetch_of_the_same_question(store: JobStore) -> None:
    fetch, fill = store.submit(FETCH, RECIPE, a_member()), store.submit(FILL, RECIPE, a_member())
    assert len({fetch.id, fill.id, store.submit(LOOK, RECIPE, a_member()).id}) == 3
    assert store.submit(FILL, RECIPE, a_member()) == fill
    assert [job.kind for job in store.recent()] == [FETCH]
    assert {job.kind for job in store.recent(*SPENDING)} == {FETCH, FILL}
    assert TITLES.keys() == {LOOK, FETCH, FILL}


def test_a_job_is_claimed_once_however_many_ask(store: JobStore, worker: WorkerLife) -> None:
    for maxcc in range(5):
        store.submit(FETCH, RECIPE.with_(maxcc=maxcc), a_member())
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda _: store.claim(worker.name, (FETCH,)), range(16)))
    ids = [job.id for job in claimed if job is not None]
    assert sorted(ids) == sorted({RECIPE.with_(maxcc=maxcc).digest for maxcc in range(5)})


def test_the_oldest_is_claimed_first_and_only_of_the_kind(store: JobStore, worker: WorkerLife) -> None:
    fetch, observation = store.submit(FETCH, RECIPE, a_member()), store.submit(LOOK, RECIPE, a_member())
    job = store.claim(worker.name, (LOOK,))
    assert job is not None
    assert (job.id, job.state, job.worker) == (observation.id, "running", worker.name)
    assert store.claim(worker.name, (LOOK,)) is None
    assert store.get(fetch.id) == fetch


def test_progress_is_seen_by_whoever_looks(store: JobStore, worker: WorkerLife, place: Place) -> None:
    job = store.submit(FETCH, RECIPE, a_member())
    store.claim(worker.name, (FETCH,))
    assert store.report(job.id, done=3, total=8, units=1.5, phase="fetching") is False
    seen = JobStore(place.open()).get(job.id)
    assert seen is not None
    assert (seen.done, seen.total, seen.units, seen.phase) == (3, 8, 1.5, "fetching")


def test_a_failed_job_says_why_and_can_be_asked_again(store: JobStore, worker: WorkerLife) -> None:
    job = store.submit(FETCH, RECIPE, a_member())
    store.claim(worker.name, (FETCH,))
    store.finish(job.id, "failed", ServiceFailed("The service failed.", "Try again."))
    failed = store.get(job.id)
    assert failed is not None
    assert (failed.state, failed.cause, failed.remedy) == ("failed", "The service failed.", "Try again.")
    assert store.submit(FETCH, RECIPE, a_member()).state == "queued"


def test_cancel_stops_a_queued_job_at_once_and_tells_a_running_one(store: JobStore, worker: WorkerLife) -> None:
    job = store.submit(FETCH, RECIPE, a_member())
    store.cancel(job.id, a_member())
    assert (found := store.get(job.id)) is not None
    assert found.state == "cancelled"
    store.submit(FETCH, RECIPE, a_member())
    store.claim(worker.name, (FETCH,))
    store.cancel(job.id, a_member())
    assert (found := store.get(job.id)) is not None
    assert found.state == "running"
    assert store.report(job.id) is True


@pytest.mark.parametrize("kind", SPENDING)
def test_the_job_of_a_killed_worker_is_taken_over(store: JobStore, worker: WorkerLife, place: Place, kind: str) -> None:
    job = store.submit(kind, RECIPE, a_member())
    code = (
        "import sys, time; from pathlib import Path; from services.jobs.queue import *;"
        "from services.storage import Database;"
        "database = Database(Path(sys.argv[1]), sys.argv[2]); lock = database.locks.worker();"
        "JobStore(database).claim(lock.name, SPENDING);"
        "print(lock.name, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, *place.words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        name = other.stdout.readline().strip()
        assert store._database.locks.lives(name)
        assert store.claim(worker.name, SPENDING) is None, "its worker lives"
        os.kill(other.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while store._database.locks.lives(name):  # a server ends a session a moment after its client
        assert time.monotonic() < deadline
        time.sleep(0.01)
    again = store.claim(worker.name, SPENDING)
    assert again is not None
    assert (again.id, again.worker) == (job.id, worker.name)


def test_a_failed_or_stopped_job_goes_on_where_it_was_and_another_does_not(store: JobStore, worker: WorkerLife) -> None:
    first = store.submit(FETCH, RECIPE, a_member("anna"))
    assert store.resume(first.id, a_member()) == first, "it waits already"
    store.claim(worker.name, (FETCH,))
    store.report(first.id, by=worker.name, done=3, total=8, dates=8, expected=99, units=4.5, waiting="for a while")
    store.finish(first.id, "failed", ServiceFailed("The service failed.", "Try again."), by=worker.name)
    assert (failed := store.get(first.id)) is not None
    assert failed.resumable
    again = store.resume(first.id, a_member("bert"))
    assert (again.state, again.member, again.cause, again.done, again.units) == ("queued", "bert", "", 0, 0.0)
    assert again.run != first.run
    store.cancel(first.id, a_member("bert"))
    assert store.resume(first.id, a_member("bert")).state == "queued"
    claimed = store.claim(worker.name, (FETCH,))
    assert claimed is not None
    assert not claimed.cancel
    store.finish(first.id, "done", by=worker.name)
    assert store.resume(first.id, a_member()).state == "done"


def test_a_job_that_is_not_there_is_named(store: JobStore) -> None:
    for change in (store.resume, store.cancel):
        with pytest.raises(JobError, match="'nothing'"):
            change("nothing", a_member())


def test_members_take_turns_whoever_asked_first(store: JobStore) -> None:
    asked = [("anna", 1), ("anna", 2), ("anna", 3), ("bert", 4), ("cleo", 5), ("bert", 6)]
    for member, maxcc in asked:
        store.submit(FETCH, RECIPE.with_(maxcc=maxcc), a_member(member))
    workers = [store._database.locks.worker() for _ in asked]
    claimed = [store.claim(worker.name, (FETCH,)) for worker in workers]
    assert [job.member for job in claimed if job] == ["anna", "bert", "cleo", "anna", "bert", "anna"]
    own = [job.id for job in claimed if job and job.member == "anna"]
    assert own == [RECIPE.with_(maxcc=maxcc).digest for maxcc in (1, 2, 3)], "the oldest of a member first"
    for lock in workers:
        lock.close()


def test_fetches_and_fills_of_a_member_are_one_turn(store: JobStore) -> None:
    for member, kind, maxcc in (("anna", FILL, 1), ("anna", FETCH, 2), ("bert", FILL, 3), ("anna", FILL, 4)):
        store.submit(kind, RECIPE.with_(maxcc=maxcc), a_member(member))
    workers = [store._database.locks.worker() for _ in range(4)]
    claimed = [store.claim(worker.name, SPENDING) for worker in workers]
    assert [(job.member, job.kind) for job in claimed if job] == [
        ("anna", FILL),
        ("bert", FILL),
        ("anna", FETCH),
        ("anna", FILL),
    ]
    for lock in workers:
        lock.close()


def test_two_members_with_one_question_have_one_job_of_the_first(store: JobStore) -> None:
    first = store.submit(FETCH, RECIPE, a_member("anna"))
    assert store.submit(FETCH, RECIPE, a_member("bert")) == first
    assert first.member == "anna"


def test_jobs_of_all_members_are_listed_the_newest_first(store: JobStore, worker: WorkerLife) -> None:
    for member, maxcc in (("anna", 1), ("bert", 2), ("anna", 3)):
        store.submit(FETCH, RECIPE.with_(maxcc=maxcc), a_member(member))
    store.claim(worker.name, (FETCH,))
    assert [job.member for job in store.recent()] == ["anna", "bert", "anna"]
    assert [job.state for job in store.recent(states=("running",))] == ["running"]
    assert len(store.recent(limit=2)) == 2


def test_a_worker_that_lost_a_job_cannot_write_to_it(store: JobStore, worker: WorkerLife, tmp_path: Path) -> None:
    job = store.submit(FETCH, RECIPE, a_member())
    late = store._database.locks.worker()
    store.claim(late.name, (FETCH,))
    late.close()
    again = store.claim(worker.name, (FETCH,))
    assert again is not None
    assert again.run == job.run, "the same attempt goes on"
    assert store.report(job.id, by=late.name, done=7) is True, "it is told to stop"
    store.finish(job.id, "failed", ServiceFailed("Too late."), by=late.name)
    found = store.get(job.id)
    assert found is not None
    assert (found.state, found.done, found.worker) == ("running", 0, worker.name)
    assert store.report(job.id, by=worker.name, done=1) is False


def test_progress_is_a_sign_of_life(store: JobStore, worker: WorkerLife) -> None:
    job = store.submit(FETCH, RECIPE, a_member())
    assert job.beat is None
    claimed = store.claim(worker.name, (FETCH,))
    assert claimed is not None
    assert claimed.beat == claimed.started
    store.report(job.id, by=worker.name, beat=1.0)
    store.report(job.id, by=worker.name, done=1)
    found = store.get(job.id)
    assert found is not None
    assert found.beat is not None
    assert found.beat > 1.0


def died(store: JobStore, home: Path) -> str:
    """Id of a job that is claimed by a worker who then dies; empty where there is none to claim."""
    lock = store._database.locks.worker()
    job = store.claim(lock.name, SPENDING)
    lock.close()
    return "" if job is None else job.id


@pytest.mark.parametrize("kind", SPENDING)
def test_a_job_that_kills_its_worker_three_times_fails_with_a_sentence(
    store: JobStore, worker: WorkerLife, tmp_path: Path, kind: str
) -> None:
    job = store.submit(kind, RECIPE, a_member("anna"))
    assert [died(store, tmp_path) for _ in range(6)] == [job.id] * 3 + [""] * 3
    failed = store.get(job.id)
    assert failed is not None
    assert (failed.state, failed.attempts, failed.worker) == ("failed", 3, "")
    assert "3 times" in failed.cause and "memory" in failed.cause and "smaller" in failed.remedy
    again = store.resume(job.id, a_member())
    assert (again.state, again.attempts, again.cause) == ("queued", 0, "")


def test_only_one_answer_more_than_there_were_says_that_a_job_kills_nobody(store: JobStore, tmp_path: Path) -> None:
    job = store.submit(FETCH, RECIPE, a_member("anna"))
    assert died(store, tmp_path) == job.id
    store.report(job.id, done=7, total=16)
    assert died(store, tmp_path) == job.id
    store.report(job.id, done=7, total=16)
    assert store.get(job.id).attempts == 2, "the bar stands where it was"  # type: ignore[union-attr]
    store.report(job.id, done=8, total=16)
    assert store.get(job.id).attempts == 1  # type: ignore[union-attr]


def test_a_job_that_kills_its_worker_lets_those_pass_that_were_queued_meanwhile(
    store: JobStore, worker: WorkerLife, tmp_path: Path
) -> None:
    killer = store.submit(FETCH, RECIPE, a_member("anna"))
    assert died(store, tmp_path) == killer.id
    others = [store.submit(FETCH, RECIPE.with_(maxcc=maxcc), a_member("anna")).id for maxcc in (1, 2)]
    order = []
    while (job := store.claim(worker.name, SPENDING)) is not None:
        order.append(job.id)
        store.finish(job.id, "done", by=worker.name)
    assert order == [*others, killer.id]


def test_a_job_that_goes_on_is_not_given_up_however_many_workers_die(store: JobStore, tmp_path: Path) -> None:
    job = store.submit(FETCH, RECIPE, a_member())
    for done in range(1, 8):
        lock = store._database.locks.worker()
        assert store.claim(lock.name, SPENDING) is not None
        store.report(job.id, by=lock.name, done=done, total=8)
        lock.close()
    assert died(store, tmp_path) == job.id


def test_a_worker_that_is_told_to_end_is_no_attempt(store: JobStore, tmp_path: Path) -> None:
    job = store.submit(FETCH, RECIPE, a_member())
    for _ in range(8):
        lock = store._database.locks.worker()
        assert store.claim(lock.name, SPENDING) is not None
        store.leave(job.id, by=lock.name)
        lock.close()
    assert died(store, tmp_path) == job.id


def test_a_damaged_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError, match=r"jobs\.sqlite"):
        JobStore(Database(tmp_path))

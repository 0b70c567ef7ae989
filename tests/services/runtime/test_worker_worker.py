"""The worker carries out what is queued, and writes how it ended."""

import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.access import Roster
from services.accounting import Ledger
from services.accounting.entry import Entry
from services.cancellation import check_cancelled
from services.errors import Cancelled, StorageError
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, FILL, LOOK, SPENDING, Job, JobStore, Progress
from services.ninepatch import Ninepatch
from services.plan import Cost, Plan
from services.recipe import Interval, Recipe
from services.runtime import Worker, follow, supervisor, worker
from services.runtime.worker import Reporter
from services.sandbox import confinement
from services.settings import Settings, load_settings
from services.storage import Database, worker_lives
from tests.actors import a_member, administrator

RECIPE = Recipe(
    Lattice(32635, 390_000.0, 6_738_000.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2017), provider="private"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A provider at an address where nobody listens."""
    return load_settings(
        home=tmp_path,
        provider="private",
        base_url="http://127.0.0.1:9",
        token_url="http://127.0.0.1:9/token",
        client_id="somebody",
        client_secret="hush-hush",
        tries=1,
        deadline_seconds=5,
    )


def carry_out(settings: Settings, job: Job) -> None:
    """As the worker does it."""
    with closing(Worker(settings)) as made:
        made.carry_out(job)


def claimed(store: JobStore, kind: str, recipe: Recipe = RECIPE) -> Job:
    """A job that is queued and claimed."""
    store.submit(kind, recipe, a_member())
    job = store.claim("1-test", (kind,))
    assert job is not None
    return job


def ended(store: JobStore, key: str) -> Job:
    """How the job stands now."""
    job = store.get(key)
    assert job is not None
    return job


@pytest.mark.parametrize("kind", [LOOK, FETCH, FILL])
def test_an_unreachable_provider_is_a_failed_job_with_a_sentence(settings: Settings, kind: str) -> None:
    store = JobStore(Database.of(settings))
    job = claimed(store, kind)
    carry_out(settings, job)
    failed = ended(store, job.id)
    assert failed.state == "failed"
    assert "127.0.0.1:9" in failed.cause
    assert failed.remedy
    assert "hush" not in failed.cause + failed.remedy


def test_nothing_is_begun_for_somebody_who_was_removed_while_the_job_waited(settings: Settings) -> None:
    database = Database.of(settings)
    store = JobStore(database)
    job = claimed(store, FETCH)
    Roster(settings, database).remove("somebody", administrator())
    carry_out(settings, job)
    refused = ended(store, job.id)
    assert refused.state == "failed"
    assert "somebody was removed from the team" in refused.cause
    assert Ledger(database).fetched(job.run) == (Cost(), 0)
    resumed = store.resume(job.id, a_member("another"))
    assert (resumed.state, resumed.member) == ("queued", "another")


def test_a_provider_without_an_account_is_a_failed_job_that_says_what_to_set(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, provider="copernicus")
    store = JobStore(Database(tmp_path))
    job = claimed(store, LOOK, RECIPE.with_(provider="copernicus"))
    carry_out(settings, job)
    assert "NINEPATCH_CLIENT_ID" in ended(store, job.id).remedy


def test_a_fault_of_the_program_ends_one_job_and_not_the_worker(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = JobStore(Database.of(settings))
    job = claimed(store, FETCH)

    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a secret in a trace")

    monkeypatch.setattr(Ninepatch, "fetch", breaks)
    carry_out(settings, job)
    failed = ended(store, job.id)
    assert failed.state == "failed"
    assert job.id in failed.remedy
    assert "secret" not in failed.cause + failed.remedy
    assert "ZeroDivisionError" in caplog.text


def test_a_database_that_fails_stops_the_job_with_its_own_sentence_and_the_end_is_written_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "REPORT_SECONDS", 0.0)
    monkeypatch.setattr(worker, "AGAIN_SECONDS", 0.0)
    store, reporting, finishing = JobStore(Database.of(settings)), JobStore.report, [1, 1, 0]
    job = claimed(store, FETCH)

    def fails(self: JobStore, key: str, *, by: str = "", **progress: object) -> bool:
        if "state" not in progress or finishing.pop(0):
            raise StorageError("The disk is full.", "Make space.")
        return reporting(self, key, by=by, **progress)

    def fetches(self: Ninepatch, *_: object, cancelled: Callable[[], bool], **__: object) -> None:
        check_cancelled(cancelled)

    monkeypatch.setattr(JobStore, "report", fails)
    monkeypatch.setattr(Ninepatch, "fetch", fetches)
    carry_out(settings, job)
    failed = ended(store, job.id)
    assert (failed.state, failed.cause, finishing) == ("failed", "The disk is full.", [])


def test_a_reporter_hears_of_a_cancel(settings: Settings) -> None:
    store = JobStore(Database.of(settings))
    job = claimed(store, FETCH)
    reporter = Reporter(store, job)
    assert not reporter.cancelled()
    store.cancel(job.id, a_member())
    reporter.report(Progress("fetching", 1, 2))
    assert reporter.cancelled()
    assert ended(store, job.id).done == 1


def test_a_reporter_writes_what_is_planned_and_what_holds_it_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "REPORT_SECONDS", 0.0)
    store = JobStore(Database.of(settings))
    job = claimed(store, FETCH)
    held = ["Ours asks to wait: about 7 s", ""]
    reporter = Reporter(store, job, lambda: held[0], spent=Cost(10.0, 4, 900))
    reporter.planned([None] * 3, Plan((), 24, 24))  # type: ignore[list-item] # only their number counts
    assert (ended(store, job.id).dates, ended(store, job.id).units, ended(store, job.id).bytes) == (3, 10.0, 900)
    reporter.report(Progress("fetching", 1, 2, 1.5, 100))
    seen = ended(store, job.id)
    assert (seen.waiting, seen.units, seen.bytes) == ("Ours asks to wait: about 7 s", 11.5, 1000)
    held.pop(0)
    assert not reporter.cancelled(), "while it waits, this is all that is asked"
    assert ended(store, job.id).waiting == ""


def test_the_first_answer_is_written_at_once_so_that_the_job_is_seen_to_go_on(settings: Settings) -> None:
    store = JobStore(Database.of(settings))
    job = claimed(store, FETCH)
    reporter = Reporter(store, job)
    for done in range(3):
        reporter.report(Progress("fetching", done, 8))
    assert ended(store, job.id).done == 1, "the second has time"


def test_a_reporter_that_waits_gives_signs_of_life(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "REPORT_SECONDS", 0.0)
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.0)
    store = JobStore(Database.of(settings))
    job = claimed(store, FETCH)
    store.report(job.id, beat=1.0)
    Reporter(store, job).cancelled()
    assert (ended(store, job.id).beat or 0.0) > 1.0


def test_a_reporter_whose_job_went_to_another_worker_is_told_to_stop(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "REPORT_SECONDS", 0.0)
    store = JobStore(Database.of(settings))
    reporter = Reporter(store, claimed(store, FETCH))
    again = store.claim("2-test", (FETCH,))
    assert again is not None, "no worker of the name holds a lock"
    assert reporter.cancelled()


@pytest.mark.parametrize("kind", SPENDING)
def test_a_fetch_is_for_the_member_who_asked_and_counts_what_an_earlier_worker_spent(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    store = JobStore(Database.of(settings))
    store.submit(kind, RECIPE, a_member("anna"))
    job = store.claim("1-test", SPENDING)
    assert job is not None
    before = Entry("private", "S2A_1", 1, 1, ("B04",), 2.0, 2.5, tries=1, status=200, run=job.run)
    Ledger(Database.of(settings)).reserve(before)
    told: dict[str, Any] = {}

    def fetch(self: Ninepatch, recipe: Recipe, **words: Any) -> None:
        told.update(words)
        words["report"](Progress("fetching", 1, 2, 1.0))

    monkeypatch.setattr(Ninepatch, kind, fetch)
    carry_out(settings, job)
    assert (told["member"], told["run"]) == ("anna", job.run)
    assert (ended(store, job.id).state, ended(store, job.id).units) == ("done", 3.5)


def test_after_a_killed_worker_the_bar_goes_on_where_it_was(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "REPORT_SECONDS", 0.0)
    store = JobStore(Database.of(settings))
    first = claimed(store, FETCH)
    store.report(first.id, done=40, total=64, dates_done=3)
    job = store.claim("2-test", (FETCH,))
    assert job is not None
    told = Reporter(store, job)

    def seen() -> tuple[int, int, int]:
        now = ended(store, job.id)
        return now.done, now.total, now.dates_done

    told.report(Progress("asking the catalogue"))
    assert seen() == (40, 64, 3)
    told.planned((), plan_of(22))  # two more were stored than reported
    assert seen() == (42, 64, 3)
    told.report(Progress("fetching", 5, 22, dates=4))
    assert seen() == (47, 64, 4)


def plan_of(blocks: int) -> Plan:
    """Of so many requests, whatever they are."""
    return cast(Plan, SimpleNamespace(blocks=range(blocks), cost=Cost(2.0 * blocks, blocks, 0)))


def until(holds: Callable[[], bool]) -> bool:
    """Whether it holds within ten seconds."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if holds():
            return True
        threading.Event().wait(0.02)
    return False


@pytest.mark.parametrize("kind", [LOOK, *SPENDING])
def test_a_worker_takes_what_is_queued_and_stops_when_told(settings: Settings, kind: str) -> None:
    store = JobStore(Database.of(settings))
    job = store.submit(kind, RECIPE, a_member())
    stop = threading.Event()
    thread = threading.Thread(target=Worker(settings).run, args=(stop,))
    thread.start()
    try:
        assert until(lambda: ended(store, job.id).state == "failed")
    finally:
        stop.set()
        thread.join(timeout=10)
    assert not thread.is_alive()
    assert not list((settings.home / "workers").iterdir())


@pytest.mark.parametrize("kind", SPENDING)
@pytest.mark.parametrize("error", [Cancelled("The job was cancelled."), RuntimeError("cannot schedule new futures")])
def test_a_job_under_way_is_left_to_the_next_worker_and_stops_asking(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str, error: Exception
) -> None:
    begun, gone = threading.Event(), threading.Event()

    def fetch(self: Ninepatch, recipe: Recipe, **words: Any) -> None:
        begun.set()
        gone.wait(10)
        if words["cancelled"]():
            raise error

    monkeypatch.setattr(Ninepatch, kind, fetch)
    store, stop = JobStore(Database.of(settings)), threading.Event()
    job = store.submit(kind, RECIPE, a_member("anna"))
    first = threading.Thread(target=Worker(settings).run, args=(stop,))
    first.start()
    assert begun.wait(10)
    stop.set()
    gone.set()
    first.join(timeout=10)
    assert not first.is_alive()
    assert ended(store, job.id).state == "running", "nobody asked to stop it"
    assert "fault" not in caplog.text
    taken = store.claim("2-next", (kind,))
    assert taken is not None
    assert (taken.id, taken.run, taken.cancel) == (job.id, job.run, False)
    assert taken.attempts == 1, "it was no attempt of the first worker's"


def test_a_worker_that_is_told_to_end_lives_until_what_is_in_flight_is_stored(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, answered = threading.Event(), threading.Event()

    def fetch(self: Ninepatch, recipe: Recipe, **words: Any) -> None:
        begun.set()
        answered.wait(60)
        raise Cancelled("The fetch was stopped.")

    monkeypatch.setattr(Ninepatch, FETCH, fetch)
    store, stop, leaving = JobStore(Database.of(settings)), threading.Event(), Worker(settings)
    job = store.submit(FETCH, RECIPE, a_member())
    thread = threading.Thread(target=leaving.run, args=(stop,))
    thread.start()
    assert begun.wait(10)
    stop.set()
    thread.join(timeout=3)
    assert thread.is_alive(), "it waits for the answer"
    assert worker_lives(settings.home, leaving.name) and store.claim("2-next", SPENDING) is None
    answered.set()
    thread.join(timeout=10)
    assert not thread.is_alive() and not worker_lives(settings.home, leaving.name)
    taken = store.claim("2-next", SPENDING)
    assert taken is not None and taken.id == job.id


class Stubborn:
    """Stands for the process of a worker that does not end by itself."""

    returncode = None

    def __init__(self, *_: object, **__: object) -> None:
        self.did: list[object] = []
        STARTED.append(self)

    def terminate(self) -> None:
        self.did.append("terminate")

    def kill(self) -> None:
        self.did.append("kill")

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if "terminate" in self.did:
            self.did.append(timeout)
        if timeout is not None:
            threading.Event().wait(0.01)
            raise subprocess.TimeoutExpired("worker", timeout)
        return -9


STARTED: list[Stubborn] = []


def test_the_application_gives_its_worker_thirty_seconds_to_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    confinement()  # asks the kernel by a process of its own, once
    monkeypatch.setattr("services.runtime.child.subprocess.Popen", Stubborn)
    with supervisor.supervised(settings.model_copy(update={"demo_url": "http://127.0.0.1:9"})):
        assert until(lambda: bool(STARTED))
    (worker,) = STARTED
    first, patience, *rest = worker.did
    assert (first, rest) == ("terminate", ["kill", None])
    assert isinstance(patience, float) and patience >= 30


def test_where_workers_are_services_of_their_own_the_application_starts_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    confinement()  # asks the kernel by a process of its own, once
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("a process was started"))
    with supervisor.supervised(settings.model_copy(update={"supervise": False, "provider": "demo"})):
        assert not (settings.home / "logs").exists()


def test_a_worker_ends_with_the_process_that_started_it() -> None:
    stop = threading.Event()
    follow(1234, stop, lives=lambda: 1)
    assert stop.wait(10)

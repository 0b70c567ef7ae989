"""Whose turn it is among many jobs, and how long one that has ended is remembered."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random
from threading import Barrier

import pytest

from services.grid import Lattice, TileIndex
from services.jobs import FETCH, FILL, LOOK, SPENDING, Job, JobStore
from services.jobs.queue import KEPT_DAYS
from services.recipe import Interval, Recipe
from services.storage import WorkerLife
from tests.actors import a_member
from tests.services.databases import Place

RECIPE = Recipe(Lattice(32635, 0.0, 0.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2017))


@pytest.fixture
def worker(place: Place) -> Iterator[WorkerLife]:
    with closing(place.open().locks.worker()) as lock:
        yield lock


def test_the_oldest_of_who_has_the_fewest_running_is_next_whatever_is_queued(place: Place, worker: WorkerLife) -> None:
    """Against the rule as it is told, on three members' jobs of all kinds, some of them taken back."""
    store, chance = JobStore(place.open()), Random(3)
    queued: dict[str, tuple[str, str, float]] = {}
    for number in range(24):
        kind, member = chance.choice((FETCH, FILL, LOOK)), chance.choice(("", "anna", "bert"))
        job = store.submit(kind, RECIPE.with_(maxcc=number), a_member(member))
        since = job.created
        if not number % 5:
            since += chance.uniform(0, 1)
            place.run(f"UPDATE jobs SET started = {since!r} WHERE id = '{job.id}'")
        queued[job.id] = kind, member, since
    running: Counter[str] = Counter()
    while waiting := {key: job for key, job in queued.items() if job[0] in SPENDING}:
        turn = min(waiting, key=lambda key: (running[waiting[key][1]], waiting[key][2], key))
        claimed = store.claim(worker.name, SPENDING)
        assert claimed is not None and claimed.id == turn
        running[queued.pop(turn)[1]] += 1
    assert store.claim(worker.name, SPENDING) is None


@pytest.fixture
def server(schema: str, tmp_path: Path) -> Place:
    """A database in which those that write exclude each other only where they say so."""
    return Place(tmp_path, schema)


def test_who_claims_waits_for_nobody_and_what_is_being_taken_counts_as_running(server: Place) -> None:
    """Another worker is in the middle of a claim, and somebody in the middle of a large write."""
    store = JobStore(server.open())
    first = store.submit(FETCH, RECIPE, a_member("anna"))
    second = store.submit(FETCH, RECIPE.with_(maxcc=2), a_member("anna"))
    third = store.submit(FETCH, RECIPE.with_(maxcc=3), a_member("bert"))
    base = server.open()
    with closing(base.locks.worker()) as life, base.transaction(write=True, alone=False) as taking:
        taking.exec_driver_sql(f"UPDATE jobs SET state = 'running', worker = 'other' WHERE id = '{first.id}'")
        with base.transaction(write=True):
            claimed = [store.claim(life.name, SPENDING) for _ in range(3)]
    assert [job and job.id for job in claimed] == [third.id, second.id, None]


def test_many_who_claim_at_once_share_as_fairly_as_one_after_another(server: Place) -> None:
    store, members = JobStore(server.open()), ("anna",) * 20 + ("bert", "cleo", "dora") * 2
    for number, member in enumerate(members):
        store.submit(FETCH, RECIPE.with_(maxcc=number), a_member(member))
    with ExitStack() as lives, ThreadPoolExecutor(8) as pool:
        names = [lives.enter_context(closing(server.open().locks.worker())).name for _ in range(8)]
        begin = Barrier(8)

        def claim(name: str) -> Job | None:
            begin.wait()
            return store.claim(name, SPENDING)

        claimed = [job for job in pool.map(claim, names) if job]
    assert len({job.id for job in claimed}) == 8
    assert Counter(job.member for job in claimed) == {"anna": 2, "bert": 2, "cleo": 2, "dora": 2}


def test_a_claim_reads_no_more_rows_of_a_long_queue(tmp_path: Path) -> None:
    """SQLite's plan: each step is a search in the index, none a scan of the jobs."""
    from services.jobs.queue import _first_of_each

    with Place(tmp_path, "").open().transaction() as connection:
        query = _first_of_each(FETCH).compile(connection, compile_kwargs={"literal_binds": True})
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    assert not [step for step in plan if "SCAN jobs" in step or "USE TEMP B-TREE" in step], plan
    assert sum("INDEX ix_jobs_turn" in step for step in plan) >= 3, plan


def test_jobs_of_long_ago_are_forgotten_and_others_stay(
    place: Place, worker: WorkerLife, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.jobs.queue._PRUNED_AT_ONCE", 2)
    store = JobStore(place.open())
    jobs = [store.submit(FETCH, RECIPE.with_(maxcc=number), a_member()).id for number in range(6)]
    for _ in jobs[:5]:
        store.claim(worker.name, (FETCH,))
    for key in jobs[:4]:
        store.finish(key, "done")
    for key in (*jobs[:3], *jobs[4:]):
        place.run(f"UPDATE jobs SET finished = finished - {KEPT_DAYS * 86_400 + 1}, created = 1 WHERE id = '{key}'")
    assert store.prune() == 3
    assert {job.id for job in store.recent()} == set(jobs[3:])

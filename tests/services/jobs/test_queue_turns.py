"""Whose turn it is among many jobs, and how long one that has ended is remembered."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from services.grid import Lattice, TileIndex
from services.jobs import FETCH, FILL, LOOK, SPENDING, JobStore
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

"""Tables that stay quick: a claim among many queued jobs, and a request's two times in a ledger of many rows.

CPU of this process, medians; SQLite in a temporary home. What is counted is filled in by SQL, in the shape in which the
program writes it: jobs of some members, rows of a month, planes of many tiles.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from services.accounting import Ledger, Requester
from services.accounting.entry import Entry
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, SPENDING, JobStore
from services.recipe import Interval, Recipe
from services.storage import Database, WorkerLock, database
from tests.actors import a_member

RECIPE = Recipe(Lattice(32635, 0.0, 0.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2017))
MEMBERS = 20
TIMES = 30
"""How often each is done."""
_COUNTER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"


def milliseconds(act: Callable[[], object], times: int = TIMES) -> float:
    """CPU of one act, the median."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        act()
        taken.append(1000 * (time.process_time() - begun))
    return statistics.median(taken)


def claims(home: Path, count: int) -> float:
    """One claim where so many jobs are queued."""
    base, lock = Database(home), WorkerLock(home)
    store = JobStore(base)
    job = store.submit(FETCH, RECIPE, a_member("m0"))
    names = [name for name in job.__dataclass_fields__ if name not in ("id", "member", "created")]
    others = ", ".join(names)
    with base.transaction(write=True) as connection:
        connection.exec_driver_sql(
            f"{_COUNTER.format(count)} INSERT INTO jobs (id, member, created, {others}) "
            f"SELECT 'job-' || i, 'm' || (i % {MEMBERS}), created + i, {others} FROM n, jobs"
        )
    taken = milliseconds(lambda: store.claim(lock.name, SPENDING))
    lock.close()
    return taken


def ledger(home: Path, count: int) -> tuple[float, float]:
    """Writing a request down before it is sent and after, where there are so many rows; and the step that made the
    totals of them, in seconds."""
    rows, entry = Ledger(Database(home)), Entry("ours", "S2A_1", 100, 9, ("B04", "SCL"), 2.0, member="m1", run="run-1")
    rows.settle(rows.reserve(entry), Entry("ours", "", 0, 0, ("B04",), 2.0, units=1.5, tries=1, status=200))
    with rows._database.transaction(write=True) as connection:
        columns = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(requests)")]
        others = ", ".join(name for name in columns if name not in ("id", "member", "run"))
        connection.exec_driver_sql(
            f"{_COUNTER.format(count)} INSERT INTO requests (member, run, {others}) "
            f"SELECT 'm' || (i % {MEMBERS}), 'run-' || (i % 5000), {others} FROM n, requests"
        )
        begun = time.process_time()
        for table, keys in (("month_totals", "provider, month, member"), ("run_totals", "run")):
            connection.exec_driver_sql(f"DELETE FROM {table}")
            summed = f"SELECT {keys}, {database._TOTALS} FROM requests GROUP BY {keys}"
            connection.exec_driver_sql(f"INSERT INTO {table} {summed}")
        made = time.process_time() - begun
    spending: list[object] = []

    def ask() -> None:
        number = rows.reserve(entry, spending.append)
        rows.settle(number, Entry("ours", "", 0, 0, ("B04",), 2.0, units=1.5, tries=1, status=200))

    taken = milliseconds(ask)
    assert spending and rows.spending(Requester("ours", "m1", "", "run-1")).team.requests > count
    return taken, made


def main() -> None:
    """All figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_known_args()[0]
    with tempfile.TemporaryDirectory() as folder:
        claim = claims(Path(folder) / "jobs", asked.jobs)
        print(f"claim among {asked.jobs:,} queued jobs: {claim:.1f} CPU ms")
        taken, made = ledger(Path(folder) / "ledger", asked.rows)
        print(f"reserve and settle at {asked.rows:,} rows: {taken:.1f} CPU ms; totals made in {made:.1f} CPU s")


if __name__ == "__main__":
    main()

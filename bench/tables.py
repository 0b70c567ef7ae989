"""Tables that stay quick: a claim among many queued jobs, and a request's two times in a ledger of many rows.

CPU of this process, medians; SQLite in a temporary home. What is counted is filled in by SQL, in the shape in which the
program writes it: jobs of some members, rows of a month, planes of many tiles.
"""

import argparse
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from services.accounting import Ledger, Requester
from services.accounting.entry import Entry
from services.cache import FrameKey, FrameStore, part_of_cache
from services.cache.coverage import holdings
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, SPENDING, JobStore
from services.recipe import Interval, Recipe
from services.storage import Database, WorkerLock, database
from tests.actors import a_member
from tests.postgres import cluster as server
from tests.postgres import programs
from tests.services.databases import address_of

RECIPE = Recipe(Lattice(32635, 0.0, 0.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2017))
LATTICE = Lattice(32635, 300_000.0, 6_600_000.0, 3300.0, 3300.0)
PLANES = ("B02", "B03", "B04", "SCL", "dataMask")
DATES = 40
GRID = 54, 39
"""Columns and rows of the grid whose colours are drawn."""
MEMBERS = 20
CLAIMERS = 8
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


def queue(base: Database, store: JobStore, count: int) -> None:
    """So many jobs of MEMBERS members."""
    job = store.submit(FETCH, RECIPE, a_member("m0"))
    names = [name for name in job.__dataclass_fields__ if name not in ("id", "member", "created")]
    others = ", ".join(names)
    with base.transaction(write=True) as connection:
        connection.exec_driver_sql(
            f"{_COUNTER.format(count)} INSERT INTO jobs (id, member, created, {others}) "
            f"SELECT 'job-' || i, 'm' || (i - i / {MEMBERS} * {MEMBERS}), created + i, {others} FROM n, jobs"
        )


def claims(home: Path, count: int) -> float:
    """One claim where so many jobs are queued."""
    base, lock = Database(home), WorkerLock(home)
    store = JobStore(base)
    queue(base, store, count)
    taken = milliseconds(lambda: store.claim(lock.name, SPENDING))
    lock.close()
    return taken


def claimers(home: Path, count: int) -> str:
    """Wall times of claims on a server, of workers who claim all at once among so many jobs while others write."""
    with server(programs()) as variables:
        base = Database(home, address_of(variables))
        store = JobStore(base)
        queue(base, store, count)
        rows, taken, ended = Ledger(base), list[float](), threading.Event()

        def claim(name: str) -> None:
            for _ in range(TIMES):
                begun = time.monotonic()
                job = store.claim(name, SPENDING)
                taken.append(1000 * (time.monotonic() - begun))
                assert job is not None
                store.finish(job.id, "done", by=name)

        def write() -> None:
            while not ended.wait(0.005):
                rows.reserve(Entry("ours", "S2A_1", 100, 9, ("B04",), 2.0, member="m1", run="run-1"))

        writer = threading.Thread(target=write)
        writer.start()
        with ExitStack() as lives, ThreadPoolExecutor(CLAIMERS) as pool:
            names = [lives.enter_context(closing(base.locks.worker())).name for _ in range(CLAIMERS)]
            list(pool.map(claim, names))
        ended.set()
        writer.join()
    return f"{statistics.median(taken):.0f} ms, 95 of 100 within {sorted(taken)[len(taken) * 95 // 100]:.0f} ms"


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


def fill(folder: Path, count: int) -> tuple[Lattice, int]:
    """A cache's tables with so many planes, of tiles of a square and DATES dates; the lattice, and tiles a side."""
    side = round((count / DATES / len(PLANES)) ** 0.5)
    FrameStore(folder, 10**15).close()
    names = (
        FrameKey("demo", "c", 32635, LATTICE.bounds(TileIndex(x, y)), 330, 330, day).plane_key(plane)
        for day in (f"S2A_R079_2017{1 + n // 28:02}{1 + n % 28:02}T095031" for n in range(DATES))
        for x in range(side)
        for y in range(side)
        for plane in PLANES
    )
    rows = ((name, f"{n % 256:02x}/{n:030x}.val") for n, name in enumerate(names))
    with closing(sqlite3.connect(folder / "cache.db")) as table, table:
        table.execute("PRAGMA synchronous=OFF")
        table.executemany(
            "INSERT INTO Cache (key, raw, store_time, access_time, access_count, size, mode, filename) "
            "VALUES (?, 1, 1e9, 1e9, 0, 300000, 2, ?)",
            rows,
        )
    return LATTICE, side


def planes(folder: Path, count: int) -> None:
    """Colours of the grid in a large cache, and what goes over all of it."""
    lattice, side = fill(folder, count)
    frames, one = FrameStore(folder, 10**15), Recipe(lattice, TileIndex(1, 1), Interval.of_year(2017), collection="c")
    one = one.with_(provider="demo", bands=("B02", "B03", "B04"))
    paused = Pauses(folder)
    begun = time.process_time()
    holdings(frames, one, (TileIndex(0, 0), 1, 1))
    print(f"index of {count:,} planes made once: {time.process_time() - begun:.1f} CPU s, {paused.longest()}")
    for words, box in ((f"{GRID[0]} × {GRID[1]} tiles", (TileIndex(3, 3), *GRID)), (f"{side} × {side}", None)):
        taken = milliseconds(lambda box=box: holdings(frames, one, box).dates(one.interval), 9)  # type: ignore[misc] # of each
        print(f"colours of {words} of {count:,} planes: {taken:.1f} CPU ms")
    frames.write(FrameKey("demo", "c", 32635, (0.0, 0.0, 1.0, 1.0), 2, 2, "x"), {"B02": np.zeros((2, 2), np.uint16)})
    for words, act in (
        ("first sweep", frames._bytes._remove_unnamed),
        ("amount of a year", lambda: frames.amount(part_of_cache(2017))),
    ):
        paused, begun = Pauses(folder), time.process_time()
        act()
        print(f"{words} of {count:,} planes: {time.process_time() - begun:.1f} CPU s, {paused.longest()}")


class Pauses:
    """A reader of the same cache in this process, and how long it waited at most."""

    def __init__(self, folder: Path) -> None:
        self._frames, self._ended, self._most = FrameStore(folder, 10**15), threading.Event(), 0.0
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        key = FrameKey("demo", "c", 32635, LATTICE.bounds(TileIndex(1, 1)), 330, 330, "none")
        while not self._ended.wait(0.01):
            begun = time.monotonic()
            self._frames.present([key], PLANES)
            self._most = max(self._most, time.monotonic() - begun)

    def longest(self) -> str:
        """In words; it ends then."""
        self._ended.set()
        self._thread.join()
        return f"a reader waited {self._most:.2f} s at most"


def main() -> None:
    """All figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--planes", type=int, default=5_000_000)
    asked = parser.parse_known_args()[0]
    with tempfile.TemporaryDirectory() as folder:
        claim = claims(Path(folder) / "jobs", asked.jobs)
        print(f"claim among {asked.jobs:,} queued jobs: {claim:.1f} CPU ms")
        together = claimers(Path(folder) / "server", asked.jobs)
        print(f"{CLAIMERS} workers who claim at once on PostgreSQL beside somebody who writes: {together}")
        taken, made = ledger(Path(folder) / "ledger", asked.rows)
        print(f"reserve and settle at {asked.rows:,} rows: {taken:.1f} CPU ms; totals made in {made:.1f} CPU s")
        planes(Path(folder) / "frames", asked.planes)


if __name__ == "__main__":
    main()

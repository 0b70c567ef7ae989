"""`kill -9`, at random moments and many times: nothing that was paid for and stored is lost, and nothing is left half.

The kernel ends the worker, and the process that asked, without a last word; they are started again as a supervisor
would. And it ends the application as `make run` starts it, alone or with all that it has started.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.cache import FrameKey, FrameStore, frame_key
from services.catalogue import Acquisition, kept
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, Job, JobStore
from services.ninepatch import Ninepatch
from services.recipe import Interval, Recipe
from services.settings import Settings, load_settings
from services.storage import Database, byte_store
from services.storage.file_lock import living
from tests.actors import a_member
from tests.demo_archive import recording_archive
from tests.http.killing import (
    CONNECTIONS,
    databases_are_intact,
    environment,
    killed_at_last,
    same_result,
    worker,
)
from tests.http.middleman import Middleman, asked_again, middleman
from tests.ports import free_port

RECIPE = Recipe(
    Lattice(32635, 390_000.0, 6_738_000.0, 2100.0, 2100.0),
    TileIndex(1, 1),
    Interval(date(2018, 6, 1), date(2018, 7, 8)),
    maxcc=100,
)
"""Its tiles are large enough that bands lie in files of their own and classes in the table."""
KILLS = 8
"""Of the worker, at most; fewer where the job is done before."""
APP_KILLS = 5
"""Of the application, at most; the same."""
LATENCY = 0.08
SUBMITTER = """
import sys, time
from pathlib import Path
from services.jobs import FETCH, JobStore
from services.recipe import Recipe
from services.storage import Database
from services.access import Actor, Role
store, recipe = JobStore(Database(Path(sys.argv[1]))), Recipe.from_json(sys.argv[2])
while store.submit(FETCH, recipe, Actor("somebody", Role.MEMBER)).unfinished:
    time.sleep(0.01)
"""


@contextmanager
def application(settings: Settings, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """As `make run` starts it; what it has started is in its process group, and may outlive it."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    options = {"env": environment(settings), "start_new_session": True}
    with log.open("ab") as output, killed_at_last(command, stderr=output, **options) as process:
        yield process


def until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it holds within this time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def have_ended(pids: Collection[int]) -> bool:
    """Whether processes that need not be children of ours are no more."""
    states = []
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            states.append(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0])
    return set(states) <= {"Z", "X"}  # whoever adopted it has not asked for its status yet


def submitter(settings: Settings) -> Any:
    """As a page that is run again and again: it asks for the job as long as it is not there."""
    return killed_at_last([sys.executable, "-c", SUBMITTER, str(settings.home), RECIPE.to_json()])


def until_done(settings: Settings, seconds: float) -> Job:
    """The job, once it has ended."""
    store, deadline = JobStore(Database.of(settings)), time.monotonic() + seconds
    job: Job | None = store.get(RECIPE.digest) or store.submit(FETCH, RECIPE, a_member())
    while job is None or job.unfinished:
        assert time.monotonic() < deadline, job
        time.sleep(0.05)
        job = store.get(RECIPE.digest)
    return job


class Watch:
    """What is stored at each death, and what is asked for after it."""

    def __init__(self, settings: Settings, between: Middleman, kept: tuple[Acquisition, ...]) -> None:
        self.folder, self.between = settings.home / "frames", between
        self.times = {
            frame_key(RECIPE, tile.index, one): one.granules[0].time
            for one in kept
            for tile in RECIPE.neighbourhood.tiles
            if one.touches(tile)
        }
        self.stored: set[tuple[FrameKey, datetime, str]] = set()
        self.looked_at = 0

    def search(self) -> None:
        """Nothing that was stored when the last process died has been asked for since."""
        with self.between.told:
            asked = self.between.asked[self.looked_at :]
            self.looked_at += len(asked)
        assert asked_again(asked, self.stored) == []
        with closing(FrameStore(self.folder, 10**9)) as frames:
            present = frames.present(self.times, RECIPE.planes)
        self.stored = {(key, self.times[key], plane) for key, planes in present.items() for plane in planes}


@pytest.fixture(scope="module")
def slow() -> Iterator[str]:
    """The address of an archive that takes its time, and outlives all whom the tests kill."""
    with recording_archive(latency=LATENCY, remember=True) as url:
        yield url


@pytest.fixture(scope="module")
def calm(slow: str, tmp_path_factory: pytest.TempPathFactory) -> Ninepatch:
    """A product that has fetched the same, and was left in peace."""
    product = Ninepatch(load_settings(home=tmp_path_factory.mktemp("calm"), demo_url=slow, provider="demo"))
    product.fetch(RECIPE, watched=True)
    return product


def watched(settings: Settings, between: Middleman) -> Watch:
    return Watch(settings, between, kept(Ninepatch(settings).search(RECIPE), RECIPE))


def nothing_is_lost(settings: Settings, calm: Ninepatch, watch: Watch, kills: int, patch: pytest.MonkeyPatch) -> None:
    """All is there, in the end, and was paid for once, but for what was in flight at each death."""
    product, asked = Ninepatch(settings), watch.between.asked
    assert len(watch.stored) == len(watch.times) * len(RECIPE.planes), "all is there"
    whole = sum(len(one.planes) for one in set(asked))
    assert sum(len(one.planes) for one in asked) <= whole + 8 * CONNECTIONS * kills
    same_result(product, calm, RECIPE)
    databases_are_intact(settings.home)
    nothing_is_left_half(product, settings, patch)


@pytest.mark.timeout(400)
def test_kill_minus_nine_costs_nothing_that_was_stored_and_leaves_nothing_half(
    slow: str, calm: Ninepatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(KILLS)
    with middleman(slow) as between:
        settings = load_settings(home=tmp_path / "killed", demo_url=between.url, provider="demo")
        watch, kills, in_fetch = watched(settings, between), 0, 0
        while kills < KILLS and Ninepatch(settings).results.open(RECIPE.digest) is None:
            before = len(between.asked)
            with submitter(settings) as requester, worker(settings, tmp_path / "log") as process:
                between.wait_for(before + chance.randint(1, 4), seconds=10)
                time.sleep(chance.uniform(0, 2 * LATENCY))
                assert process.poll() is None, (tmp_path / "log").read_text()[-3000:]
                process.kill()
                requester.kill()
            kills += 1
            in_fetch += len(between.asked) > before
            watch.search()
        with worker(settings, tmp_path / "log"):
            job = until_done(settings, 150)
        watch.search()
        assert (job.state, job.cause) == ("done", "")
        assert in_fetch >= 3, "it was killed while it fetched"
    nothing_is_lost(settings, calm, watch, kills, monkeypatch)


@pytest.mark.timeout(400)
def test_kill_minus_nine_of_the_application_costs_nothing_either_and_its_worker_ends_by_itself(
    slow: str, calm: Ninepatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, log = random.Random(APP_KILLS), tmp_path / "log"
    with middleman(slow) as between:
        settings = load_settings(home=tmp_path / "killed", demo_url=between.url, provider="demo")
        watch, kills, in_fetch, orphans = watched(settings, between), 0, 0, 0
        JobStore(Database.of(settings)).submit(FETCH, RECIPE, a_member("anna"))
        while kills < APP_KILLS and Ninepatch(settings).results.open(RECIPE.digest) is None:
            before = len(between.asked)
            with application(settings, log) as process:
                wanted, deadline = before + chance.randint(1, 3), time.monotonic() + 60
                while Ninepatch(settings).results.open(RECIPE.digest) is None and time.monotonic() < deadline:
                    if between.wait_for(wanted, seconds=0.2):
                        break
                in_fetch += len(between.asked) >= wanted
                time.sleep(chance.uniform(0, 2 * LATENCY))
                assert process.poll() is None, log.read_text()[-3000:]
                workers = {int(name.split("-")[0]) for name in living(settings.home)}
                if kills % 2:  # as where the machine's memory ends, or a container is killed
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()
                    orphans += len(workers)
            kills += 1
            assert until(partial(have_ended, workers)), "a worker ends by itself"
            assert until(lambda: living(settings.home) == ()), "and with its last thread its lock is free"
            watch.search()
        with application(settings, log) as process:
            job = until_done(settings, 150)
            os.killpg(process.pid, signal.SIGKILL)
        watch.search()
        assert (job.state, job.cause, job.member) == ("done", "", "anna")
        assert in_fetch >= 3 <= kills, "it was killed while it fetched"
        assert orphans >= 2
    for written in (log, settings.home / "logs" / "worker.log"):
        assert "Traceback" not in written.read_text()
    nothing_is_lost(settings, calm, watch, kills, monkeypatch)


def nothing_is_left_half(product: Ninepatch, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the result and the cache name is whole, and what a dead process was writing is gone or goes when swept."""
    result = product.results.open(RECIPE.digest)
    assert result is not None
    folder = product.results.folder(RECIPE.digest)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {file.path for file in result.files} | {"result.json"}
    assert [path.name for path in settings.home.rglob(".*") if path.is_file()] == []
    keys = [frame_key(RECIPE, index, one) for one in product.search(RECIPE) for index in RECIPE.neighbourhood.indices]
    with closing(FrameStore(settings.home / "frames", 10**9)) as frames:
        assert frames.verify(keys, RECIPE.planes) == 0
        monkeypatch.setattr(byte_store, "SWEPT_AFTER", -1.0)
        frames._bytes._sweep()
    with closing(sqlite3.connect(settings.home / "frames" / "cache.db")) as database:
        named = {name for (name,) in database.execute("SELECT filename FROM Cache WHERE filename IS NOT NULL")}
    files = {path.relative_to(settings.home / "frames").as_posix() for path in settings.home.glob("frames/??/*.val")}
    assert files == named != set()

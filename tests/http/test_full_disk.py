"""A real, small file system that is full, or that another program fills at any step: nothing paid is lost to it.

It is mounted by root alone; elsewhere these tests are left out, and say so.
"""

import itertools
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.accounting import Ledger
from services.cache import FrameKey, frame_key
from services.catalogue import kept
from services.errors import CapacityExceeded
from services.export import ResultStore
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, SPENDING, Job, JobStore, Progress
from services.ninepatch import Ninepatch
from services.providers.sentinelhub import Account
from services.recipe import Interval, Recipe
from services.runtime.worker import Reporter, Worker
from services.settings import Settings, load_settings
from services.storage import Database
from tests.actors import a_member
from tests.http.killing import databases_are_intact
from tests.http.middleman import Middleman, RequestedResult, middleman
from tests.services.ledger_rows import entries

SMALL = Recipe(
    Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0),
    TileIndex(1, 1),
    Interval(date(2018, 6, 1), date(2018, 6, 15)),
    maxcc=100,
)
LARGE = SMALL.with_(
    lattice=Lattice(32635, 390_000.0, 6_738_000.0, 1000.0, 1000.0),
    interval=Interval(date(2018, 1, 1), date(2019, 1, 1)),
)
"""Its frames and files take three times the disk."""


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """150 MB."""
    folder = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=150m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("A file system can only be mounted by root, who may.")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def home(disk: Path, tmp_path: Path) -> Iterator[Path]:
    """On that disk, which is empty; another one for each test."""
    yield disk / tmp_path.name
    for path in disk.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture
def between(archive: str) -> Iterator[Middleman]:
    with middleman(archive) as made:
        yield made


def settled(home: Path, between: Middleman, **changes: object) -> Settings:
    return load_settings(**{"home": home, "provider": "demo", "demo_url": between.url} | changes)


def fill(disk: Path) -> None:
    """Another program takes all that there is."""
    with (disk / "filler").open("ab", buffering=0) as file:
        for size in (2**20, 2**12):
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass
    assert shutil.disk_usage(disk).free == 0


def carried_out(settings: Settings, recipe: Recipe) -> Job:
    """One attempt of a worker; a job that ended before its time is resumed."""
    store, worker = JobStore(Database.of(settings)), Worker(settings)
    anna = a_member("anna")
    there = store.get(recipe.digest) is not None
    before = store.resume(recipe.digest, anna) if there else store.submit(FETCH, recipe, anna)
    job = store.claim(worker.name, SPENDING)
    assert job is not None and job.id == before.id
    worker.carry_out(job)
    worker.close()
    ended = store.get(job.id)
    assert ended is not None and not ended.unfinished
    return ended


class Paid:
    """What was paid for, as the far end knows it, against what is in the cache and in the ledger."""

    def __init__(self, settings: Settings, between: Middleman, recipe: Recipe, calm: Path) -> None:
        self.between, self.recipe, self.product = between, recipe, Ninepatch(settings)
        found = kept(Ninepatch(settings.model_copy(update={"home": calm})).search(recipe), recipe)
        self.frames = [
            (frame_key(recipe, tile.index, one), one.granules[0].time, plane)
            for one in found
            for tile in recipe.neighbourhood.tiles
            if one.touches(tile)
            for plane in recipe.planes
        ]

    def is_kept(self) -> None:
        """Every plane of every answer is there, whole, and every answer has its row."""
        there = self.product.frames.present({key for key, _, _ in self.frames}, self.recipe.planes)
        for key, _, plane in self._of(self.between.answered):
            assert plane in there[key], f"{plane} of {key.acquisition} was paid for"
        for key, planes in there.items():
            self.product.frames.read(key, planes)
        rows = [row for row in entries(self.product.ledger) if row.pixels and (row.tries or row.units is None)]
        assert len(rows) >= len(self.between.answered)

    def is_paid_once(self) -> None:
        """Nothing was asked for twice, and all of it is there."""
        asked = self._of(self.between.asked)
        assert len(asked) == len(set(asked)) == len(self.frames)

    def _of(self, requests: list[RequestedResult]) -> list[tuple[FrameKey, object, str]]:
        return [one for request in requests for one in self.frames if request.covers(*one)]


def test_a_plan_that_does_not_fit_is_refused_before_anything_is_paid(home: Path, between: Middleman) -> None:
    settings = settled(home, between)
    product = Ninepatch(settings)
    planned = product.estimate(LARGE)[1]
    assert planned.requests > 200 and planned.units > 150
    with pytest.raises(CapacityExceeded, match=r"needs about \d+ MB of disk, and \d+ MB may be taken") as raised:
        product.fetch(LARGE, watched=True)
    assert "make space on it" in raised.value.remedy
    assert str(product.price(LARGE, planned).refusal) == str(raised.value), "the order says the same"
    job = carried_out(settings, LARGE)
    assert (job.state, job.cause) == ("failed", raised.value.cause)
    assert (between.asked, [row for row in entries(product.ledger) if row.pixels]) == ([], [])


class Other:
    """Another program, which fills the disk at a step of the job; its hooks are called where the job passes them."""

    def __init__(self, disk: Path, step: str, patch: pytest.MonkeyPatch) -> None:
        self.disk, self.step, self.answers = disk, step, 0
        self._around(patch, Account, "search", "search")
        self._around(patch, Reporter, "planned", "plan")
        self._around(patch, Account, "read_block", "request", "answer")
        self._around(patch, Ledger, "settle", "settling", "settled")
        self._around(patch, ResultStore, "finish", "result", "described")
        report = Reporter.report

        def reported(reporter: Reporter, progress: Progress) -> None:
            self.at(progress.phase)
            report(reporter, progress)

        patch.setattr(Reporter, "report", reported)

    def at(self, step: str) -> None:
        """The job is there; of a step that comes again and again, with its number."""
        if step == self.step:
            fill(self.disk)

    def ends(self) -> None:
        """It has gone, and what it wrote with it."""
        self.step = ""
        (self.disk / "filler").unlink(missing_ok=True)

    def _around(self, patch: pytest.MonkeyPatch, owner: type, name: str, *steps: str) -> None:
        """Both sides of a method, or its end alone."""
        method, counted = getattr(owner, name), itertools.count(1)

        def hooked(*args: Any, **options: Any) -> Any:
            number = next(counted)
            for step in steps[:-1]:
                self.at(f"{step} {number}")
            found = method(*args, **options)
            for step in (steps[-1], f"{steps[-1]} {number}"):
                self.at(step)
            return found

        patch.setattr(owner, name, hooked)


@pytest.mark.parametrize(
    "step",
    [
        *("search", "plan", "answer 1", "settling 1", "request 4", "settled 4"),
        *("answer", "answer 8", "composing", "result 1"),
    ],
)
def test_a_disk_that_fills_at_any_step_loses_nothing_that_was_paid(
    step: str, disk: Path, home: Path, between: Middleman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settled(home, between, connections=2)
    paid = Paid(settings, between, SMALL, tmp_path)
    Worker(settings).close()  # the databases are there
    with monkeypatch.context() as patch:
        other = Other(disk, step, patch)
        timer = threading.Timer(4, other.ends)  # where not even the end of the job can be written
        timer.start()
        job = carried_out(settings, SMALL)
        timer.cancel()
        paid.is_kept()
        other.ends()
    if job.state != "done":
        assert job.cause and job.remedy
        job = carried_out(settings, SMALL)
    assert (job.state, job.cause) == ("done", "")
    paid.is_kept()
    paid.is_paid_once()
    databases_are_intact(home)

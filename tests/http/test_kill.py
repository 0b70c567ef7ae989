"""`kill -9`, at random moments and many times: nothing that was paid for and stored is lost, and nothing is left half.

The kernel ends the worker, and the process that asked, without a last word; they are started again as a supervisor
would.
"""

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from PIL import Image

from services import diskstore
from services.acquisitions import Acquisition
from services.archive import demo_archive
from services.catalogue import choose
from services.frames import FrameKey, FrameStore, frame_key
from services.interval import Interval
from services.jobs import FETCH, Job, JobStore
from services.lattice import Lattice, TileIndex
from services.ninepatch import Ninepatch
from services.recipe import Recipe
from services.settings import Settings, load_settings
from tests.http.middleman import Middleman, asked_again, middleman

ROOT = Path(__file__).resolve().parents[2]
RECIPE = Recipe(
    Lattice(32635, 390_000.0, 6_738_000.0, 2100.0, 2100.0),
    TileIndex(1, 1),
    Interval(date(2018, 6, 1), date(2018, 7, 8)),
    maxcc=100,
)
"""Its tiles are large enough that bands lie in files of their own and classes in the table."""
KILLS = 8
"""At most; fewer where the job is done before."""
CONNECTIONS = 2
LATENCY = 0.08
SUBMITTER = """
import sys, time
from pathlib import Path
from services.jobs import FETCH, JobStore
from services.recipe import Recipe
store, recipe = JobStore(Path(sys.argv[1])), Recipe.from_json(sys.argv[2])
while store.submit(FETCH, recipe).unfinished:
    time.sleep(0.01)
"""


@contextmanager
def killed_at_last(command: list[str], **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is killed, never asked to end."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def worker(settings: Settings, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """As the web application starts it."""
    environment = os.environ | {
        "NINEPATCH_HOME": str(settings.home),
        "NINEPATCH_DEMO_URL": settings.demo_url,
        "NINEPATCH_CONNECTIONS": str(CONNECTIONS),
    }
    command = [sys.executable, "cli.py", "worker", "--parent", str(os.getpid())]
    with log.open("ab") as output, killed_at_last(command, env=environment, stderr=output) as process:
        yield process


def submitter(settings: Settings) -> Any:
    """As a page that is run again and again: it asks for the job as long as it is not there."""
    return killed_at_last([sys.executable, "-c", SUBMITTER, str(settings.home), RECIPE.to_json()])


def until_done(settings: Settings, seconds: float) -> Job:
    """The job, once it has ended."""
    store, deadline = JobStore(settings.home), time.monotonic() + seconds
    job: Job | None = store.submit(FETCH, RECIPE)
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

    def look(self) -> None:
        """Nothing that was stored when the last process died has been asked for since."""
        with self.between.told:
            asked = self.between.asked[self.looked_at :]
            self.looked_at += len(asked)
        assert asked_again(asked, self.stored) == []
        with closing(FrameStore(self.folder, 10**9)) as frames:
            present = frames.present(self.times, RECIPE.planes)
        self.stored = {(key, self.times[key], plane) for key, planes in present.items() for plane in planes}


@pytest.mark.timeout(400)
def test_kill_minus_nine_costs_nothing_that_was_stored_and_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(KILLS)
    with (
        demo_archive(test_mode=True, latency=LATENCY, remember=True) as url,
        middleman(url) as between,
    ):
        settings = load_settings(home=tmp_path / "killed", demo_url=between.url, provider="demo")
        calm = Ninepatch(load_settings(home=tmp_path / "calm", demo_url=url, provider="demo"))
        product = Ninepatch(settings)
        kept = tuple(choice.acquisition for choice in choose(product.look(RECIPE), RECIPE.maxcc) if choice.kept)
        watch, kills, in_fetch = Watch(settings, between, kept), 0, 0
        while kills < KILLS and product.results.open(RECIPE.digest) is None:
            before = len(between.asked)
            with submitter(settings) as asker, worker(settings, tmp_path / "log") as process:
                between.wait_for(before + chance.randint(1, 4), seconds=10)
                time.sleep(chance.uniform(0, 2 * LATENCY))
                assert process.poll() is None, (tmp_path / "log").read_text()[-3000:]
                process.kill()
                asker.kill()
            kills += 1
            in_fetch += len(between.asked) > before
            watch.look()
        with worker(settings, tmp_path / "log"):
            job = until_done(settings, 150)
        watch.look()
        assert (job.state, job.cause) == ("done", "")
        assert in_fetch >= 3, "it was killed while it fetched"
        assert len(watch.stored) == len(watch.times) * len(RECIPE.planes), "all is there"
        whole = sum(len(one.planes) for one in set(between.asked))
        assert sum(len(one.planes) for one in between.asked) <= whole + 8 * CONNECTIONS * kills
        calm.fetch(RECIPE, watched=True)
    same_result(product, calm)
    databases_are_intact(settings.home)
    nothing_is_left_half(product, settings, monkeypatch)


def same_result(product: Ninepatch, calm: Ninepatch) -> None:
    """Composites bit for bit as where nobody was killed."""
    folders = [one.results.folder(RECIPE.digest) for one in (product, calm)]
    names = ["median.tif", *(f"tiles/{tile.name}.tif" for tile in RECIPE.neighbourhood.tiles)]
    for name in names:
        pixels = []
        for folder in folders:
            with rasterio.open(folder / name) as opened:
                pixels.append(opened.read())
        assert np.array_equal(pixels[0], pixels[1]), name
    pictures = [np.asarray(Image.open(folder / "picture.png").convert("RGBA")) for folder in folders]
    assert np.array_equal(pictures[0], pictures[1])


def databases_are_intact(home: Path) -> None:
    """All of them, by SQLite's own check."""
    found = [*home.glob("*.sqlite"), *home.glob("*/cache.db")]
    assert {path.name for path in found} == {"jobs.sqlite", "cache.db"}
    for path in found:
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], path


def nothing_is_left_half(product: Ninepatch, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the result and the cache name is whole, and what a dead process was writing is gone or goes when swept."""
    result = product.results.open(RECIPE.digest)
    assert result is not None
    folder = product.results.folder(RECIPE.digest)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {file.path for file in result.files} | {"result.json"}
    assert [path.name for path in settings.home.rglob(".*") if path.is_file()] == []
    keys = [frame_key(RECIPE, index, one) for one in product.look(RECIPE) for index in RECIPE.neighbourhood.indices]
    with closing(FrameStore(settings.home / "frames", 10**9)) as frames:
        assert frames.heal(keys, RECIPE.planes) == 0
        monkeypatch.setattr(diskstore, "SWEPT_AFTER", -1.0)
        frames._bytes._sweep()
    with closing(sqlite3.connect(settings.home / "frames" / "cache.db")) as database:
        named = {name for (name,) in database.execute("SELECT filename FROM Cache WHERE filename IS NOT NULL")}
    files = {path.relative_to(settings.home / "frames").as_posix() for path in settings.home.glob("frames/??/*.val")}
    assert files == named != set()

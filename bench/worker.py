"""What figures of the worker share: a worker as the web application starts it, and its way through one job."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.access import Actor, Role
from services.export import PICTURE, ResultStore
from services.grid import Grid
from services.jobs import FETCH, LOOK, Job, JobStore
from services.recipe import EXAMPLES, Interval, Recipe
from services.runtime import supervised
from services.settings import Settings, load_settings
from services.storage import Database

ACTOR = Actor("bench", Role.MEMBER)
LINE = 0.005
"""Seconds between two looks."""


def question(maxcc: int) -> Recipe:
    """Southern Finland in 2017, nine patches of 330 × 330 px, six bands."""
    example = EXAMPLES[0]
    grid = Grid.from_spec(example.aoi, example.spec)
    interval = Interval.of_year(example.year)
    return Recipe(grid.lattice, example.centre, interval, area=example.aoi.name, maxcc=maxcc)


def demo(home: Path, url: str) -> Settings:
    """With the demo archive that runs there as the provider."""
    return load_settings(home=home, demo_url=url, provider="demo")


@contextmanager
def waiting_worker(settings: Settings, recipe: Recipe) -> Iterator[Settings]:
    """A worker that has come up, has a token, and knows the acquisitions; its cache of frames is what the home has."""
    with supervised(settings):
        ended(JobStore(Database.of(settings)), LOOK, recipe)
        yield settings


def ended(jobs: JobStore, kind: str, recipe: Recipe) -> Job:
    """The job once it is done; the program ends where it failed."""
    key = jobs.submit(kind, recipe, ACTOR).id
    while True:
        job = jobs.get(key)
        if job is not None and not job.unfinished:
            if job.state != "done":
                raise SystemExit(f"{job.state}: {job.cause} {job.remedy}")
            return job
        time.sleep(LINE)


def worker_ids() -> list[int]:
    """Process ids of the workers that this process has started, from whatever thread."""
    children = [
        child for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return [int(child) for child in children if b"worker" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")]


@dataclass(frozen=True)
class Way:
    """Seconds from the press of the button."""

    picture: float
    """To the first picture on the disk."""
    fetched: float
    """To the last frame."""
    complete: float
    """To the picture of all dates."""
    whole: float
    """To the last file."""


def press(settings: Settings, recipe: Recipe) -> Way:
    """Ask for a picture and watch."""
    jobs, results = JobStore(Database.of(settings)), ResultStore(settings.home, 10**12)
    begun, clock = time.perf_counter(), time.time()
    key = jobs.submit(FETCH, recipe, ACTOR).id
    picture: float | None = None
    fetched: float | None = None
    while True:
        job, now = jobs.get(key), time.perf_counter() - begun
        if picture is None and results.file(recipe.digest, PICTURE) is not None:
            picture = now
        if job is not None and fetched is None and job.phase not in ("", "asking the catalogue", "fetching"):
            fetched = now
        if job is not None and not job.unfinished:
            if job.state != "done":
                raise SystemExit(f"{job.state}: {job.cause} {job.remedy}")
            drawn = results.file(recipe.digest, PICTURE)
            complete = drawn.stat().st_mtime - clock if drawn else now
            return Way(picture or now, fetched or now, complete, now)
        time.sleep(LINE)

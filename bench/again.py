"""The same question again, and the same with a lower limit: from the press of the button to the picture on the disk.

A real worker process carries the jobs out, as in the web application; its demo archive counts the requests.
"""

import statistics
import tempfile
import time
from pathlib import Path

from bench.fetch import charged
from bench.worker import ACTOR
from services.export import PICTURE, ResultStore
from services.grid import Grid
from services.jobs import FETCH, JobStore
from services.recipe import EXAMPLES, Interval, Recipe
from services.runtime import supervised
from services.settings import load_settings
from services.storage import Database
from tests.demo_archive import recording_archive

LIMITS = (9, 8, 7, 6, 5)
"""Lower limits than the first fetch's 10 %, each a picture that was never made."""


def press(jobs: JobStore, results: ResultStore, recipe: Recipe) -> tuple[float, float]:
    """Seconds to the picture, and to the last file."""
    begun = time.perf_counter()
    job = jobs.submit(FETCH, recipe, ACTOR)
    seen: float | None = None
    while True:
        now = time.perf_counter() - begun
        if seen is None and results.file(recipe.digest, PICTURE) is not None:
            seen = now
        found = jobs.get(job.id)
        if found is not None and not found.unfinished:
            if found.state != "done":
                raise SystemExit(f"{found.state}: {found.cause} {found.remedy}")
            return seen or now, now
        time.sleep(0.01)


def main() -> None:
    """Print the medians."""
    example = EXAMPLES[0]
    grid = Grid.from_spec(example.aoi, example.spec)
    first = Recipe(
        grid.lattice, example.centre, Interval.of_year(example.year), area=example.aoi.name, maxcc=example.maxcc
    )
    with tempfile.TemporaryDirectory() as scratch, recording_archive() as url:
        settings = load_settings(home=Path(scratch), demo_url=url, provider="demo")
        with supervised(settings):
            jobs, results = JobStore(Database.of(settings)), ResultStore(settings.home, 10**12)
            cold, _ = press(jobs, results, first)
            charged(url)
            again = [press(jobs, results, first)[0] for _ in LIMITS]
            lower = [press(jobs, results, first.with_(maxcc=limit)) for limit in LIMITS]
            requests, units = charged(url)
    print(f"first picture from a cold cache: {cold:.2f} s")
    print(f"the same again: {statistics.median(again):.2f} s")
    pictures, files = zip(*lower, strict=True)
    print(
        f"a lower limit: picture after {statistics.median(pictures):.2f} s, slowest {max(pictures):.2f} s; "
        f"all files after {statistics.median(files):.2f} s"
    )
    print(f"requests for all of these: {requests}, units: {units:.1f}")


if __name__ == "__main__":
    main()

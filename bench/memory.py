"""The worker's peak memory for nine patches of seventy dates and six bands, from a cold cache to the last file."""

import tempfile
from pathlib import Path

from bench.worker import demo, press, question, waiting_worker, worker_ids
from services.catalogue import kept
from services.ninepatch import Ninepatch
from services.recipe import Recipe
from services.runtime import demo_archive
from services.settings import Settings

DATES = 70


def limit_for(settings: Settings, dates: int) -> Recipe:
    """The question with the lowest limit that keeps so many dates, or all that there are."""
    product = Ninepatch(settings)
    found = product.search(question(100))
    for maxcc in range(101):
        count = len(kept(found, question(maxcc)))
        if count >= dates or maxcc == 100:
            break
    print(f"{count} dates at or under {maxcc} %")
    return question(maxcc)


def peak_megabytes(process: int) -> float:
    """VmHWM: the most that was resident since the process began."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    """Print what was resident before, and at most."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        demo_archive() as url,
        waiting_worker(demo(Path(scratch), url), question(100)) as settings,
    ):
        (worker,) = worker_ids()
        before = peak_megabytes(worker)
        press(settings, limit_for(settings, DATES))
        print(f"worker: {peak_megabytes(worker):.0f} MB at most, {before:.0f} MB before the job")


if __name__ == "__main__":
    main()

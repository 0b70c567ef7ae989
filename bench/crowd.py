"""Forty different grids of 180,000 to 190,000 tiles asked for at once: how long health takes, and what it costs."""

import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from bench.members import asked, resident
from services.area import AreaStore, area_of_place
from services.settings import Settings
from tests.browser import conftest as browser
from tests.services.places_by_name import place_called

GRIDS = 40


def watched(url: str, home: Path, stop: threading.Event) -> tuple[list[float], float]:
    """Seconds of each look at health, and the most MB of the web application."""
    looks, most = list[float](), 0.0
    while not stop.is_set():
        begun = time.perf_counter()
        requests.get(f"{url}/health", timeout=300).raise_for_status()
        looks.append(time.perf_counter() - begun)
        most = max(most, resident(home))
        stop.wait(0.2)
    return looks, most


def main() -> None:
    """Print the slowest look. `--checkout` measures another version of the program."""
    browser.ROOT = asked().checkout
    aoi = area_of_place(place_called("Finland"), Settings.model_construct())
    with (
        tempfile.TemporaryDirectory() as scratch,
        browser.application(Path(scratch), NINEPATCH_DEMO_URL="http://127.0.0.1:9") as app,
        ThreadPoolExecutor(GRIDS + 1) as pool,
    ):
        AreaStore(app.home).keep(aoi)
        before, stop, begun = resident(app.home), threading.Event(), time.perf_counter()
        grids = [f"{app.url}/grids/{aoi.digest}/{560 + number}x600.json" for number in range(GRIDS)]
        made = [pool.submit(requests.get, grid, timeout=600) for grid in grids]
        looked = pool.submit(watched, app.url, app.home, stop)
        lost = sum(not one.result().ok for one in made)
        seconds = time.perf_counter() - begun
        stop.set()
        looks, most = looked.result()
    print(f"{GRIDS} grids in {seconds:.1f} s, {lost} refused; {before:.0f} MB before, {most:.0f} MB at most")
    print(f"health: {len(looks)} looks, median {statistics.median(looks):.2f} s, slowest {max(looks):.2f} s")


if __name__ == "__main__":
    main()

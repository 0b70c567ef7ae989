"""Looking into a picture of nine patches: series over 60 cached dates of a pixel, of a polygon, and of 500 polygons.

First in processes of their own, which have nothing in memory, then again in the memory of one. Beside the seconds on
the clock stand those of all processors, which a busy machine does not lengthen.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely

from bench.worker import question
from services.area import AOI, Part
from services.catalogue import Acquisition
from services.fetch import gather
from services.geo import to_wgs84
from services.jobs import missing
from services.ninepatch import Ninepatch
from services.recipe import Recipe
from services.runtime import demo_archive
from services.settings import load_settings

DATES = 60
RUNS = 5
POLYGONS = 500
RADIUS = 150
"""Metres of a field: about 700 pixels."""
QUANTITY = "ndvi"


def recipe_of() -> Recipe:
    """Of all dates of the year."""
    return question(100).with_(bands=("B04", "B08"))


def chosen(found: tuple[Acquisition, ...]) -> tuple[Acquisition, ...]:
    """Some of the whole year, those that show most of the picture."""
    most = sorted(found, key=lambda one: -one.coverage)[:DATES]
    return tuple(sorted(most, key=lambda one: one.time))


def fields(recipe: Recipe) -> tuple[Part, ...]:
    """Round ones at random places of the picture; some overlap."""
    west, south, east, north = recipe.neighbourhood.bounds
    random = np.random.default_rng(1)
    made = []
    for number in range(POLYGONS):
        middle = random.uniform(west + RADIUS, east - RADIUS), random.uniform(south + RADIUS, north - RADIUS)
        ring = shapely.get_coordinates(shapely.Point(middle).buffer(RADIUS))
        degrees = zip(*(part.tolist() for part in to_wgs84(recipe.lattice.epsg, *ring.T)), strict=True)
        made.append(Part(f"Field {number}", AOI(f"Field {number}", ((tuple(degrees),),))))
    return tuple(made)


def questions(product: Ninepatch) -> dict[str, Callable[[], int]]:
    """What is asked; each says of how many dates the answer is."""
    recipe, service = recipe_of(), product.series_service
    west, south, east, north = recipe.neighbourhood.bounds
    parts, whole = fields(recipe), shapely.box(west, south, east, north)
    return {
        "pixel": lambda: len(service.pixel_series(recipe, west + 4711, south + 4711, QUANTITY).points),
        "polygon": lambda: len(service.polygon_series(recipe, whole, QUANTITY).points),
        "polygons": lambda: len(service.many(recipe, parts, QUANTITY).series[0].points),
    }


def timed(ask: Callable[[], int]) -> tuple[float, float]:
    """Seconds to the answer, and of all processors."""
    begun, spent = time.perf_counter(), time.process_time()
    dates = ask()
    seconds = time.perf_counter() - begun, time.process_time() - spent
    if dates < DATES - 1:
        raise SystemExit(f"The answer is of {dates} dates.")
    return seconds


def main() -> None:
    """Print the medians."""
    with tempfile.TemporaryDirectory() as scratch, demo_archive() as url:
        product = Ninepatch(load_settings(home=Path(scratch), demo_url=url, provider="demo"))
        recipe = recipe_of()
        dates = chosen(product.search(recipe))
        lacking = missing(recipe, dates, product.frames, product.provider(recipe).terms)
        gather(lacking, product.account(recipe), product.frames, product.settings.connections)
        for name, ask in questions(product).items():
            fresh = [_in_a_process(scratch, name) for _ in range(RUNS)]
            again = [timed(ask) for _ in range(RUNS + 1)][1:]
            print(f"{name} over {len(dates)} dates: {_median(fresh)} in a fresh process, {_median(again)} again")
        begun = time.perf_counter()
        table = product.series_service.many(recipe, fields(recipe), QUANTITY)
        made = time.perf_counter()
        table.to_csv()
        sheet = time.perf_counter()
        table.to_geoparquet()
        end = time.perf_counter()
        print(
            f"{table.rows:,} rows: {made - begun:.2f} s, as CSV {sheet - made:.2f} s, as GeoParquet {end - sheet:.2f} s"
        )


def _in_a_process(home: str, name: str) -> tuple[float, float]:
    """The same of a process that has imported everything and looked at nothing."""
    said = subprocess.run(
        [sys.executable, "-m", "bench.series", home, name], check=True, capture_output=True, text=True
    ).stdout
    clock, processors = map(float, said.split())
    return clock, processors


def _median(runs: list[tuple[float, float]]) -> str:
    clock, processors = zip(*runs, strict=True)
    spread = f"from {min(clock):.3f} to {max(clock):.3f}"
    return f"{statistics.median(clock):.3f} s ({spread}; processors {statistics.median(processors):.3f} s)"


if __name__ == "__main__":
    own = Ninepatch(load_settings(home=Path(sys.argv[1]), provider="demo"))
    print(*timed(questions(own)[sys.argv[2]]))

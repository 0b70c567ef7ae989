"""A moved limit: seconds from the limit to the picture on the disk, of nine patches and some forty dates, warm cache.

Each limit is new, so that its picture is made and not found: upwards it adds dates, whose planes are read, downwards
none. The first picture of a process, which has nothing in memory, is measured in processes of its own.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.worker import question
from services.catalogue import kept
from services.fetch import gather
from services.jobs import missing
from services.ninepatch import Ninepatch
from services.recipe import Recipe
from services.runtime import demo_archive
from services.settings import load_settings

START = 15
"""Percent: forty dates."""
UP = (19, 23, 27, 31, 35, 39, 43)
DOWN = (40, 36, 32, 28, 24, 20, 16)
SIDE = 990
FRESH = 5
"""Processes."""


def main() -> None:
    """Print the medians."""
    with tempfile.TemporaryDirectory() as scratch, demo_archive() as url:
        home = Path(scratch)
        product = Ninepatch(load_settings(home=home, demo_url=url, provider="demo"))
        recipe = question(max(UP)).with_(bands=("B04", "B03", "B02"))
        found = product.search(recipe)
        connections = product.settings.connections
        lacking = missing(recipe, kept(found, recipe), product.frames, product.provider(recipe).terms)
        gather(lacking, product.account(recipe), product.frames, connections)
        fresh = [_in_a_process(home) for _ in range(FRESH)]
        print(f"first picture of a process, {len(kept(found, _at(START)))} dates: {_median(fresh)}")
        press(product, START)
        for words, limits in (("up", UP), ("down", DOWN)):
            moves = [press(product, limit) for limit in limits]
            dates = [len(kept(found, _at(limit))) for limit in limits]
            print(f"{words} to {dates[0]} … {dates[-1]} dates: {_median(moves)}")
        print(f"the same limits again: {_median([press(product, limit) for limit in (*UP, *DOWN)])}")
        begun = time.perf_counter()
        product.preview_service.curve(recipe)
        print(f"curve of all limits, first: {1000 * (time.perf_counter() - begun):.0f} ms")
        begun = time.perf_counter()
        product.preview_service.curve(recipe)
        print(f"curve of all limits, again: {1000 * (time.perf_counter() - begun):.0f} ms")
        print(f"planes in memory: {product.compositor.bytes / 1e6:.0f} MB")


def press(product: Ninepatch, limit: int) -> float:
    """Seconds to the picture at that limit."""
    begun = time.perf_counter()
    preview = product.preview_service.preview(_at(limit), "true", SIDE)
    seconds = time.perf_counter() - begun
    assert preview.step == 1 and product.previews.file(preview.digest, preview.picture)
    return seconds


def _at(limit: int) -> Recipe:
    return question(limit).with_(bands=("B04", "B03", "B02"))


def _in_a_process(home: Path) -> float:
    """Seconds to the first picture of a process that has imported everything and looked at nothing."""
    shutil.rmtree(home / "sketches", ignore_errors=True)
    said = subprocess.run(
        [sys.executable, "-m", "bench.slider", str(home)], check=True, capture_output=True, text=True
    ).stdout
    return float(said)


def _median(seconds: list[float]) -> str:
    return f"{1000 * statistics.median(seconds):.0f} ms (from {1000 * min(seconds):.0f} to {1000 * max(seconds):.0f})"


if __name__ == "__main__":
    print(press(Ninepatch(load_settings(home=Path(sys.argv[1]), provider="demo")), START))

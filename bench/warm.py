"""Nine patches of forty dates from a warm cache: the share of each step in one thread, and the whole as it is used."""

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from bench.worker import question
from services.cache import decode
from services.catalogue import Acquisition
from services.composite import compose, mosaic
from services.export import ResultWriter
from services.fetch import gather
from services.jobs import missing, shown
from services.ninepatch import Ninepatch
from services.recipe import Recipe, clear_observations
from services.reducers import median_of
from services.runtime import demo_archive
from services.settings import load_settings
from services.storage import ByteStore

DATES = 40
RUNS = 5
STEPS: dict[str, tuple[str, Callable[..., Any]]] = {
    "read": ("services.storage.byte_store.ByteStore.get_many", ByteStore.get_many),
    "decode": ("services.cache.frame_store.decode", decode),
    "mask": ("services.composite.eo_tasks.clear_observations", clear_observations),
    "median": ("services.reducers.median.median_of", median_of),
    "draw": ("services.export.result_files.ResultWriter.show", ResultWriter.show),
}
"""What is timed: where it is called from, and what it is."""


def recompose(product: Ninepatch, recipe: Recipe, kept: tuple[Acquisition, ...], workers: int) -> float:
    """Seconds from the cache to the picture and its count of observations on the disk."""
    begun = time.perf_counter()
    composites = compose(recipe, kept, product.frames, workers=workers)
    writer = ResultWriter(recipe, product.provider(recipe), kept, product.results.folder(recipe.digest))
    writer.show(mosaic(composites, recipe.neighbourhood.side))
    return time.perf_counter() - begun


@contextmanager
def steps_timed() -> Iterator[dict[str, float]]:
    """Seconds in each step meanwhile; for one thread."""
    seconds: dict[str, float] = defaultdict(float)

    def timed(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timing(*arguments: Any, **options: Any) -> Any:
            begun = time.perf_counter()
            try:
                return call(*arguments, **options)
            finally:
                seconds[name] += time.perf_counter() - begun

        return timing

    patches = [mock.patch(place, timed(name, call)) for name, (place, call) in STEPS.items()]
    for patch in patches:
        patch.start()
    try:
        yield seconds
    finally:
        for patch in patches:
            patch.stop()


def main() -> None:
    """Print the medians, for the bands of the picture and for all."""
    with tempfile.TemporaryDirectory() as scratch, demo_archive() as url:
        product = Ninepatch(load_settings(home=Path(scratch), demo_url=url, provider="demo"))
        recipe = question(100)
        observations = sorted(product.search(recipe), key=lambda observation: observation.cloud_cover)[:DATES]
        kept = tuple(sorted(observations, key=lambda observation: observation.time))
        connections = product.settings.connections
        lacking = missing(recipe, kept, product.frames, product.provider(recipe).terms)
        gather(lacking, product.account(recipe), product.frames, connections)
        for words, asked in (("the picture's bands", shown(recipe)), ("all bands", recipe)):
            whole = statistics.median(recompose(product, asked, kept, product.settings.workers) for _ in range(RUNS))
            with steps_timed() as seconds:
                alone = sum(recompose(product, asked, kept, 1) for _ in range(RUNS))
            parts = {name: seconds[name] / alone for name in STEPS}
            parts["else"] = 1 - sum(parts.values())
            shares = ", ".join(f"{name} {share:.0%}" for name, share in parts.items())
            print(f"{words}, {len(kept)} dates: {whole:.2f} s; in one thread {alone / RUNS:.2f} s: {shares}")


if __name__ == "__main__":
    main()

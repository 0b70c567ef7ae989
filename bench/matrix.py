"""Four years beside four cloud limits from a warm cache: the matrix as the page draws it, and the script's way.

The matrix begins with nothing in memory and no picture on the disk; then once more with its pictures there. The script
loads an EOPatch a patch and cell, lazily, and takes `np.median` of its red, green and blue, as bench/script.py does,
without drawing. Its EOPatches are saved by the same SaveTask with the same six bands in float32 and each cell's dates
alone, from the pixels of our cache, one cell at a time; saving is not counted. The matrix is measured between the years
of the script, so that a busy machine is busy for both.
"""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from eolearn.core import EOPatch, FeatureType, OverwritePermission, SaveTask

from bench.script import BANDS
from bench.worker import question
from services.cache import frame_key
from services.catalogue import Acquisition
from services.compare import HERE, Cell, Matrix, comparison_matrix
from services.fetch import gather
from services.grid import Tile
from services.jobs import missing
from services.ninepatch import Ninepatch
from services.recipe import Recipe, Variant, variant
from services.runtime import demo_archive
from services.sentinel2 import DN_PER_UNIT
from services.settings import Settings, load_settings

YEARS = (2017, 2018, 2019, 2020)
LIMITS = (1, 2, 5, 10)
"""The highest keeps 35 to 44 dates of each of these years."""


def fill(product: Ninepatch, recipe: Recipe) -> None:
    """All that any cell and the script's patches need, into the cache."""
    for year in YEARS:
        highest = variant(recipe, Variant(year, LIMITS[-1]))
        kept, _ = product.estimate(highest)
        lacking = missing(highest, kept, product.frames, product.provider(highest).terms)
        gather(lacking, product.account(highest), product.frames, product.settings.connections)


def drawn(settings: Settings, recipe: Recipe, *, again: bool) -> tuple[float, Matrix]:
    """Seconds to all cells with their pictures and numbers, with nothing in memory; and the matrix."""
    if not again:
        shutil.rmtree(settings.home / "sketches", ignore_errors=True)
    begun = time.perf_counter()
    made = comparison_matrix(Ninepatch(settings), recipe, YEARS, LIMITS, "true")
    seconds = time.perf_counter() - begun
    if any(cell.state != HERE or cell.preview is None for cell in made.cells):
        raise SystemExit("a cell has no picture")
    return seconds, made


def save(folder: Path, product: Ninepatch, recipe: Recipe, tile: Tile, kept: Sequence[Acquisition]) -> None:
    """One patch as the script saves it."""
    width, height = recipe.lattice.size_px(recipe.resolution)
    cube = np.empty((len(kept), height, width, len(BANDS)), np.float32)
    for number, observation in enumerate(kept):
        frame = product.frames.read(frame_key(recipe, tile.index, observation), BANDS)
        for position, band in enumerate(BANDS):
            np.divide(frame[band], DN_PER_UNIT, out=cube[number, ..., position])
    patch = EOPatch(bbox=tile.bbox, timestamps=[observation.time.replace(tzinfo=None) for observation in kept])
    patch[FeatureType.DATA, "BANDS"] = cube
    task = SaveTask(str(folder), overwrite_permission=OverwritePermission.OVERWRITE_FEATURES)  # at level 1, always
    task.execute(patch, eopatch_folder=tile.name)


def load_and_reduce(folder: Path, tiles: Sequence[Tile]) -> list[Any]:
    """The script's own lines."""
    medians = []
    for tile in tiles:
        patch = EOPatch.load(str(folder / tile.name), lazy_loading=True)
        cube = patch.data["BANDS"]
        medians.append(np.median(cube[..., [2, 1, 0]], axis=0))
    return medians


def script_seconds(scratch: Path, product: Ninepatch, recipe: Recipe, cell: Cell) -> float:
    """Seconds that the script takes to load and reduce one cell."""
    folder = scratch / "patches"
    tiles = recipe.neighbourhood.tiles
    for tile in tiles:
        observations = [observation for observation in cell.kept if observation.touches(tile)]
        save(folder, product, recipe, tile, observations)
    begun = time.perf_counter()
    load_and_reduce(folder, tiles)
    seconds = time.perf_counter() - begun
    shutil.rmtree(folder)
    return seconds


def main() -> None:
    """Print the medians and the ratio."""
    with tempfile.TemporaryDirectory() as name, demo_archive() as url:
        scratch, recipe = Path(name), question(LIMITS[-1]).with_(bands=tuple(BANDS))
        settings = load_settings(home=scratch / "home", demo_url=url, provider="demo")
        product = Ninepatch(settings)
        fill(product, recipe)
        runs, theirs = [drawn(settings, recipe, again=False)], 0.0
        for _, cells in groupby(runs[0][1].cells, key=lambda cell: cell.variant.year):
            theirs += sum(script_seconds(scratch, product, recipe, cell) for cell in cells)
            runs.append(drawn(settings, recipe, again=False))
        again = statistics.median(drawn(settings, recipe, again=True)[0] for _ in runs)
        seconds, dates = statistics.median(run[0] for run in runs), [cell.dates for cell in runs[0][1].cells]
        each = ", ".join(f"{run[0]:.2f}" for run in runs)
        print(f"{len(dates)} cells of {min(dates)} to {max(dates)} dates, {sum(dates)} in all; {load()}")
        print(f"the matrix: {seconds:.2f} s ({each}); with its pictures there {again:.3f} s")
        print(f"the script, {len(dates)} runs: {theirs:.1f} s, {theirs / seconds:.1f} ×")


def load() -> str:
    """How busy the machine is."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


if __name__ == "__main__":
    main()

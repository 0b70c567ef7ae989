"""The GeoTIFF of nine patches of 330 × 330 px: six bands and the count of observations, written and judged a COG."""

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rio_cogeo.cogeo import cog_validate

from bench.worker import question
from services.composite import Composite, Mosaic, mosaic
from services.export import write_cog
from services.recipe import Recipe
from services.render import Provenance

RUNS = 5
GOAL = 1.5
"""Seconds for writing and judging, at most."""
WHEN = (datetime(2017, 6, 7, 9, 53, 40, tzinfo=UTC),)
TEXTURE = 80
"""DN by which neighbouring pixels differ, about: a picture of land, neither flat nor noise."""


def scene(recipe: Recipe) -> Mosaic:
    """A picture like one of land: smooth, with a texture that Deflate must work for, and some pixels without an
    observation."""
    chance = np.random.default_rng(1)
    width, height = recipe.lattice.size_px(recipe.resolution)
    made = []
    for tile in recipe.neighbourhood.tiles:
        slopes = np.add.outer(np.linspace(0, 2000, height), np.linspace(500, 3000, width))
        observations = chance.integers(1, 40, (height, width)).astype(np.uint16)
        observations[: height // 20] = 0
        dn = slopes[..., np.newaxis] + chance.normal(0, TEXTURE, (height, width, len(recipe.bands)))
        reflectance = (np.rint(np.clip(dn, 0, None) * 2) / 20_000).astype(np.float32)
        reflectance[observations == 0] = np.nan
        made.append(
            Composite(
                tile.bounds,
                tile.epsg,
                recipe.bands,
                reflectance,
                observations,
                WHEN,
                tile,
            )
        )
    return mosaic(made, recipe.neighbourhood.side)


def main() -> None:
    """Print the medians."""
    recipe = question(10)
    whole, provenance = scene(recipe), Provenance(recipe, "Demo archive", "Simulated data", simulated=True)
    writing, judging = [], []
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "median.tif"
        for _ in range(RUNS):
            begun = time.perf_counter()
            write_cog(path, whole, provenance)
            written = time.perf_counter()
            valid, errors, warnings = cog_validate(path, strict=True, quiet=True)
            writing.append(written - begun)
            judging.append(time.perf_counter() - written)
            if not valid or errors or warnings:
                raise SystemExit(f"not a COG: {errors} {warnings}")
        size = path.stat().st_size / 1e6
    write, judge = statistics.median(writing), statistics.median(judging)
    both = statistics.median(map(sum, zip(writing, judging, strict=True)))
    print(
        f"{whole.width} × {whole.height} px, {len(whole.bands)} bands and looks, {size:.1f} MB: written in "
        f"{write:.2f} s, judged in {judge:.3f} s; {both:.2f} s (goal {GOAL} s)"
    )


if __name__ == "__main__":
    main()

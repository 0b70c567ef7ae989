"""Recipes, composites and mosaics with defaults, for tests of what is made of them."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.catalogue import SourceProduct
from services.composite import Composite, Index, Mosaic, indices_of, mosaic
from services.grid import Lattice, TileIndex
from services.recipe import Interval, Recipe
from services.render import Provenance

RGB = ("B02", "B03", "B04")
TIMES = tuple(datetime(2017, month, day, 9, 50, 31, tzinfo=UTC) for month, day in ((5, 2), (6, 1), (8, 30)))
DATES = ("2017-05-02", "2017-06-01", "2017-08-30")
MADE = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def recipe(*, px: int = 20, height_px: int | None = None, **changes: Any) -> Recipe:
    """Of tiles of so many px a side at 10 m."""
    lattice = Lattice(32635, 291_000.5, 6_670_000.25, 10.0 * px, 10.0 * (height_px or px))
    made = Recipe(lattice, TileIndex(35, 25), Interval.of_year(2017), area="Southern Finland", bands=RGB)
    return made.with_(**changes)


def provenance(question: Recipe, *, simulated: bool = False, products: tuple[SourceProduct, ...] = ()) -> Provenance:
    """Of a picture of that recipe."""
    attribution = "Simulated data of a test" if simulated else "Contains modified Copernicus Sentinel data [2017]"
    return Provenance(question, "A provider", attribution, simulated, MADE, products)


def composites(question: Recipe, *, seed: int = 1, empty: float = 0.1) -> tuple[Composite, ...]:
    """Random ones of the recipe's tiles, `empty` of their pixels without a clear observation."""
    random = np.random.default_rng(seed)
    width, height = question.lattice.size_px(question.resolution)
    made = []
    for tile in question.neighbourhood.tiles:
        count = random.integers(1, 30, (height, width)).astype(np.uint16)
        count[random.random((height, width)) < empty] = 0
        twice = random.integers(0, 12_000, (height, width, len(question.bands)))
        median = half_dn(twice)
        median[count == 0] = np.nan
        indices = {index.name: near(index, question.bands, median, random) for index in indices_of(question.bands)}
        made.append(Composite(tile.bounds, tile.epsg, question.bands, median, count, TIMES, tile, indices=indices))
    return tuple(made)


def near(
    index: Index, bands: tuple[str, ...], median: NDArray[np.float32], random: np.random.Generator
) -> NDArray[np.float32]:
    """What the median of the looks' indices may be: not that of the medians, but not far from it."""
    first, second = (median[..., bands.index(band)] for band in index.bands)
    with np.errstate(invalid="ignore"):
        of_medians = (first - second) / (first + second)
    found: NDArray[np.float32] = np.clip(of_medians + random.uniform(-0.1, 0.1, first.shape), -1, 1).astype(np.float32)
    return found


def half_dn(twice: NDArray[Any]) -> NDArray[np.float32]:
    """The reflectance of twice a DN, as the median of two looks gives it."""
    low, high = twice // 2, twice - twice // 2
    both: NDArray[np.float32] = (low / 10_000).astype(np.float32) + (high / 10_000).astype(np.float32)
    return both * np.float32(0.5)


def scene(question: Recipe | None = None, *, seed: int = 1, empty: float = 0.1) -> Mosaic:
    """A whole neighbourhood."""
    question = question or recipe()
    return mosaic(composites(question, seed=seed, empty=empty), question.neighbourhood.side)

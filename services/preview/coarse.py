"""Coarse preview: every date of a question at 60 m, in true colour with its classification, before it is paid for.

Its frames lie in the same cache under keys of their own resolution; where the fine ones are not here, they tell how a
date looks and how much of it is clear.
"""

from services.recipe import MASKS, Recipe
from services.render import VIEWS

COARSE = 60
"""Metres a pixel: the coarsest bands of Sentinel-2 have it; a thirty-sixth of the pixels of 10 m."""


def coarse_recipe(recipe: Recipe) -> Recipe:
    """All its dates, whatever their clouds, in true colour at 60 m; at the recipe's own resolution where that is
    coarser, or where a tile would have no pixel.

    A mask that classifies nothing, or that is computed of more bands, is the usual one of before here; buffers shrink
    with the pixels. View angles are not evened out.
    """
    size = min(recipe.lattice.size_px(COARSE))
    resolution = COARSE if recipe.resolution < COARSE and size >= 1 else recipe.resolution
    preset = MASKS[recipe.mask]
    masked = preset.invalid and not preset.sources
    return recipe.with_(
        resolution=resolution,
        bands=VIEWS["true"].bands,
        mask=recipe.mask if masked else "clear",
        grow=round(recipe.grow * recipe.resolution / resolution) if masked else 0,
        method="median",
        nbar=False,
        maxcc=100,
        vetoes=(),
        included=(),
    )

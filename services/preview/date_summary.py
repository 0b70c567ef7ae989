"""The dates of an interval with what one can see of each: how clear it is here, and whether it is in the picture."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.cache import FrameKey, MissingFrame
from services.catalogue import Acquisition, Choice, choose
from services.preview.compositor import PreviewCompositor
from services.preview.subsampling import keys_of
from services.recipe import MASKS, Recipe
from services.sentinel2 import DATA_MASK, SCL

Present = Mapping[FrameKey, Collection[str]]
"""Which planes of each frame are in the cache."""


@dataclass(frozen=True)
class DateSummary(Choice):
    """One acquisition of the interval, kept or not, with what the cache has of it."""

    clear: float | None = None
    """Part of all pixels of the neighbourhood that is clear by the classification, 0 to 1: under the recipe's mask, or
    under the usual one where the recipe masks nothing. None where a part of the classification is not in the cache."""
    data: float | None = None
    """Part of all pixels of the neighbourhood that have data, 0 to 1; None where that is not known."""
    thumbnail: bool = False
    """Whether the cache has what a small picture needs."""


def here(recipe: Recipe, acquisition: Acquisition, planes: Collection[str], present: Present) -> bool:
    """Whether all these planes of it are in the cache."""
    return all(set(planes) <= set(present.get(key, ())) for key in keys_of(recipe, acquisition).values())


def date_summaries(
    recipe: Recipe,
    acquisitions: Sequence[Acquisition],
    bands: Collection[str],
    present: Present,
    compositor: PreviewCompositor,
) -> tuple[DateSummary, ...]:
    """One for each acquisition, in their order; small pictures need `bands`."""
    masked = recipe if MASKS[recipe.mask].invalid else recipe.with_(mask="clear", grow=0)
    found = []
    for choice in choose(acquisitions, recipe):
        data, clear = _shares(masked, choice.acquisition, present, compositor)
        thumbnail = here(recipe, choice.acquisition, {*bands, DATA_MASK}, present)
        found.append(DateSummary(**vars(choice), clear=clear, data=data, thumbnail=thumbnail))
    return tuple(found)


def _shares(
    recipe: Recipe, acquisition: Acquisition, present: Present, compositor: PreviewCompositor
) -> tuple[float, float] | tuple[None, None]:
    """Parts of all pixels that have data, and that are clear."""
    if not here(recipe, acquisition, {SCL, DATA_MASK}, present):
        return None, None
    try:
        seen = compositor.seen(recipe, acquisition)
    except MissingFrame:  # it has just made room, or was damaged
        return None, None
    return seen.data / seen.pixels, seen.clear / seen.pixels

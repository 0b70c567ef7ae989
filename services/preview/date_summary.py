"""The dates of an interval with what one can see of each: how clear it is here, and whether it is in the picture."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.cache import FrameKey, MissingFrame, keys_of
from services.catalogue import Acquisition, Choice, choose
from services.preview.compositor import PreviewCompositor
from services.recipe import MASKS, Recipe
from services.sentinel2 import DATA_MASK

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
    metres: int = 0
    """A pixel's side where `clear` and `data` were counted: the recipe's, or that of the coarse preview; 0 where they
    are not known."""
    thumbnail_metres: int = 0
    """The same of the small picture; 0 where there is none."""


def here(recipe: Recipe, acquisition: Acquisition, planes: Collection[str], present: Present) -> bool:
    """Whether all these planes of it are in the cache."""
    return not _lacking(recipe, acquisition, set(planes), present)


def date_summaries(
    recipe: Recipe,
    acquisitions: Sequence[Acquisition],
    bands: Collection[str],
    present: Present,
    compositor: PreviewCompositor,
) -> tuple[DateSummary, ...]:
    """One for each acquisition, in their order; small pictures need `bands`."""
    masked = recipe if MASKS[recipe.mask].invalid else recipe.with_(mask="clear", grow=0)
    planes, found = {*MASKS[masked.mask].planes, DATA_MASK}, []
    for choice in choose(acquisitions, recipe):
        lacking = _lacking(recipe, choice.acquisition, {*bands, *recipe.angles, *planes}, present)
        classified = lacking.isdisjoint(planes)
        data, clear = _shares(masked, choice.acquisition, compositor) if classified else (None, None)
        thumbnail = lacking.isdisjoint({*bands, *recipe.angles, DATA_MASK})
        size = recipe.resolution
        told: dict[str, Any] = {"clear": clear, "data": data, "metres": 0 if clear is None else size}
        seen: dict[str, Any] = {"thumbnail": thumbnail, "thumbnail_metres": size if thumbnail else 0}
        found.append(DateSummary(**vars(choice), **told, **seen))
    return tuple(found)


def completed(summary: DateSummary, coarse: DateSummary | None) -> DateSummary:
    """The same with what the coarse preview has, where there is one, of what is not known of it."""
    if coarse is None:
        return summary
    told: dict[str, Any] = (
        {"clear": coarse.clear, "data": coarse.data, "metres": coarse.metres} if summary.clear is None else {}
    )
    if not summary.thumbnail:
        told |= {"thumbnail": coarse.thumbnail, "thumbnail_metres": coarse.thumbnail_metres}
    return replace(summary, **told)


def _lacking(recipe: Recipe, acquisition: Acquisition, planes: set[str], present: Present) -> set[str]:
    """Which of these planes one of its frames lacks."""
    return {plane for key in keys_of(recipe, acquisition).values() for plane in planes.difference(present.get(key, ()))}


def _shares(
    recipe: Recipe, acquisition: Acquisition, compositor: PreviewCompositor
) -> tuple[float, float] | tuple[None, None]:
    """Parts of all pixels that have data, and that are clear."""
    try:
        seen = compositor.seen(recipe, acquisition)
    except MissingFrame:  # it has just made room, or was damaged
        return None, None
    return seen.data / seen.pixels, seen.clear / seen.pixels

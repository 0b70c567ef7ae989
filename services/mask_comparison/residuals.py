"""The residual of each mask over the dates that are in the cache: made once, kept as a small file."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from services.cache import MissingFrame
from services.catalogue import Acquisition
from services.mask_comparison.residual import Residual, brighter
from services.preview import PreviewCompositor
from services.recipe import Recipe
from services.sentinel2 import DN_PER_UNIT, SCL

SNOW = 11
"""Class of the scene classification."""


@dataclass(frozen=True)
class MaskResidual:
    """What is known of one mask."""

    mask: str
    """Name in MASKS."""
    grow: int
    """Pixels by which it grows here."""
    dates: int
    """Of which its planes are in the cache, whatever their cloud cover."""
    observations: float
    """Clear ones of a pixel without snow, the median over the pixels."""
    cached: Residual
    """Of all these dates."""
    used: Residual
    """Of those that the recipe keeps, held against all."""

    @classmethod
    def from_plain(cls, plain: dict[str, object]) -> "MaskResidual":
        """Raises TypeError and KeyError where it is not what `asdict` gave."""
        parts = {name: Residual(**plain[name]) for name in ("cached", "used")}  # type: ignore[arg-type] # plain JSON
        return cls(**plain | parts)  # type: ignore[arg-type] # the same


def read_back(data: bytes) -> tuple[MaskResidual, ...] | None:
    """What `written` made; None for what another version of this program wrote."""
    try:
        return tuple(MaskResidual.from_plain(one) for one in json.loads(data))
    except (ValueError, TypeError, KeyError):
        return None


def written(found: Sequence[MaskResidual]) -> str:
    """As text."""
    return json.dumps([asdict(one) for one in found])


def residual_of(
    recipe: Recipe, found: Sequence[Acquisition], used: Sequence[bool], band: str, step: int, room: PreviewCompositor
) -> MaskResidual:
    """Of the recipe's mask over these dates, on every step-th pixel, without what is snow. Raises MissingFrame."""
    values = np.stack([room.planes(recipe, one, (band,), step)[band] for one in found])
    clear = np.stack([room.clear(recipe, one, step) & ~_snow(recipe, one, step, room) for one in found])
    bright, judged = brighter(values.astype(np.float32) / np.float32(DN_PER_UNIT), clear)
    some = np.asarray(used, np.bool_)
    return MaskResidual(
        mask=recipe.mask,
        grow=recipe.grow,
        dates=len(found),
        observations=float(np.median(clear.sum(axis=0))),
        cached=Residual.of(clear, bright, judged),
        used=_of_some(clear, bright, judged, some),
    )


def _snow(recipe: Recipe, one: Acquisition, step: int, room: PreviewCompositor) -> NDArray[np.bool_]:
    """By the scene classification: clear, but as bright as cloud; nothing where that is not in the cache."""
    try:
        snow: NDArray[np.bool_] = room.planes(recipe, one, (SCL,), step)[SCL] == SNOW
    except MissingFrame:
        return np.zeros((1, 1), np.bool_)
    return snow


def _of_some(
    clear: NDArray[np.bool_], bright: NDArray[np.bool_], judged: NDArray[np.bool_], some: NDArray[np.bool_]
) -> Residual:
    return Residual.of(clear[some], bright[some], judged[some])

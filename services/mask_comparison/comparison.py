"""The masks side by side on one date: its picture with what each takes out, in numbers and over the pixels."""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.cache import FrameStore, MissingFrame, keys_of
from services.catalogue import Acquisition, choose
from services.mask_comparison.residuals import MaskResidual, read_back, residual_of, written
from services.preview import PreviewCompositor, PreviewStore, step_for
from services.providers import Provider
from services.recipe import MASKS, Recipe, offered_masks
from services.registry import fingerprint
from services.render import Provenance, default_view, draw_dn, encode_png
from services.sentinel2 import BANDS, DATA_MASK

SIDE = 300
"""Longest side of the raster on which residuals are made, px: every n-th pixel of each tile."""
_VERSION = 2
"""Of how these files are made."""
_HATCH = np.array([213, 94, 0], np.uint8)
"""Vermilion of Okabe and Ito's colours, which all eyes tell from land, cloud and water."""
_PERIOD, _LINE = 8, 3
"""Pixels from one line of the hatching to the next, and how wide it is."""


@dataclass(frozen=True)
class MaskShares:
    """What one mask takes out of one date, parts of the pixels with data."""

    recipe: Recipe
    """With that mask and its buffer."""
    masked: float | None
    """By its classes; None where the cache lacks what it is made of."""
    buffer: float | None
    """Besides by its buffer."""


def compared_masks(recipe: Recipe) -> tuple[Recipe, ...]:
    """The recipe by each mask that is offered here and takes something out, with its usual buffer; its own mask as it
    is in the recipe."""
    others = ((name, MASKS[name].usual_grow) for name in offered_masks() if MASKS[name].invalid)
    return tuple(recipe if name == recipe.mask else recipe.with_(mask=name, grow=grow) for name, grow in others)


class MaskComparison:
    """For all sessions, of what is in the cache; nothing is asked or paid."""

    def __init__(
        self,
        frames: FrameStore,
        compositor: PreviewCompositor,
        book: PreviewStore,
        provider: Callable[[Recipe], Provider],
    ) -> None:
        self._frames, self._compositor, self._book, self._provider = frames, compositor, book, provider

    def shares(self, recipe: Recipe, acquisition: Acquisition) -> tuple[MaskShares, ...]:
        """Of each mask on that date, at full resolution."""
        return tuple(self._shares(one, acquisition) for one in compared_masks(recipe))

    def _shares(self, recipe: Recipe, acquisition: Acquisition) -> MaskShares:
        try:
            bare = self._compositor.seen(recipe.with_(grow=0), acquisition)
            grown = self._compositor.seen(recipe, acquisition)
        except MissingFrame:
            return MaskShares(recipe, None, None)
        data = max(1, bare.data)
        return MaskShares(recipe, 1 - bare.clear / data, (bare.clear - grown.clear) / data)

    def picture(self, recipe: Recipe, acquisition: Acquisition, side: int) -> Path | None:
        """The date in true colour, with what the recipe's mask takes out hatched, and its buffer tinted; a PNG.

        None where the cache lacks something of it. `side` is the longest side, px.
        """
        digest, view = self._digest(recipe, [acquisition]), default_view(recipe.bands)
        name = f"mask-{view.slug}-{side}-{acquisition.key}.png"
        path = self._book.file(digest, name)
        if path is not None:
            return path
        step, none, bare = step_for(recipe, side), recipe.with_(mask="none", grow=0), recipe.with_(grow=0)
        try:
            planes = self._compositor.planes(none, acquisition, view.bands, step)
            valid, kept, clear = (self._compositor.clear(one, acquisition, step) for one in (none, bare, recipe))
        except MissingFrame:
            return None
        pixels = overlaid(draw_dn(view, planes, ~valid), valid & ~kept, kept & ~clear)
        provider = self._provider(recipe)
        attribution = provider.attribution({acquisition.time.year})
        told = Provenance(recipe, provider.title, attribution, provider.simulated, products=acquisition.products)
        data = encode_png(pixels, told.texts(f"{acquisition.date}: hatched is masked. {told.mask}"))
        return self._book.write(digest, name, lambda beside: beside.write_bytes(data))

    def kept_residuals(self, recipe: Recipe, found: Sequence[Acquisition]) -> tuple[MaskResidual, ...] | None:
        """What `residuals` made before; None where it has not, or other dates are in the cache by now."""
        data = self._book.read(*self._file(recipe, found))
        return None if data is None else read_back(data)

    def residuals(self, recipe: Recipe, found: Sequence[Acquisition]) -> tuple[MaskResidual, ...]:
        """Of each mask, over those of the dates that are in the cache with what it needs; `found` are all of the
        interval. Seconds at the first time: every n-th pixel, so that it is no longer where pictures are larger.

        Raises MissingFrame where something makes room meanwhile.
        """
        made, kept = [], {choice.acquisition.key: choice.kept for choice in choose(found, recipe)}
        step, band = step_for(recipe, SIDE), brightness(recipe)
        for one in compared_masks(recipe):
            here = self._here(one, found, band)
            if here:
                used = [kept[acquisition.key] for acquisition in here]
                made.append(residual_of(one, here, used, band, step, self._compositor))
        digest, name = self._file(recipe, found)
        self._book.write(digest, name, lambda beside: beside.write_text(written(made)))
        return tuple(made)

    def _file(self, recipe: Recipe, found: Sequence[Acquisition]) -> tuple[str, str]:
        band = brightness(recipe)
        here = [self._here(one, found, band) for one in compared_masks(recipe)]
        meanings = [one.meaning[0] for one in compared_masks(recipe)]
        keys = [[acquisition.key for acquisition in some] for some in here]
        return fingerprint(self._digest(recipe, found), repr(meanings), keys), "residuals.json"

    def _here(self, recipe: Recipe, found: Sequence[Acquisition], band: str) -> list[Acquisition]:
        """Those of which the cache has all that is compared."""
        planes = {band, *MASKS[recipe.mask].planes, *recipe.angles, DATA_MASK}
        keys = {one.key: list(keys_of(recipe, one).values()) for one in found}
        present = self._frames.present([key for some in keys.values() for key in some], planes)
        return [one for one in found if keys[one.key] and all(planes <= set(present[key]) for key in keys[one.key])]

    def _digest(self, recipe: Recipe, of: Sequence[Acquisition]) -> str:
        made_of = [(one.key, one.cloud_cover, one.coverage, *map(astuple, one.products)) for one in of]
        ground = recipe.lattice, recipe.centre, recipe.radius, recipe.resolution
        choice = (
            recipe.mask,
            recipe.grow,
            recipe.maxcc,
            recipe.least_coverage,
            [one.acquisition for one in recipe.vetoes],
        )
        return fingerprint(
            _VERSION,
            recipe.provider,
            recipe.collection,
            repr(ground),
            repr(recipe.meaning),
            repr(choice),
            repr(made_of),
        )


def brightness(recipe: Recipe) -> str:
    """The band by which clouds are judged: the shortest of the recipe's, in which they stand out most from land."""
    return min(recipe.bands, key=list(BANDS).index)


def overlaid(pixels: NDArray[np.uint8], masked: NDArray[np.bool_], buffer: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The picture, RGB and opacity, with lines over what is masked, and a third of their colour over the buffer."""
    height, width = masked.shape
    lines = (np.arange(height)[:, np.newaxis] + np.arange(width)) % _PERIOD < _LINE
    drawn = pixels.copy()
    drawn[masked & lines, :3] = _HATCH
    drawn[buffer, :3] = (2 * drawn[buffer, :3].astype(np.uint16) + _HATCH) // 3
    return drawn

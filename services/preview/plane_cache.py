"""Planes and masks of tiles in memory, read from the cache of frames where they are not there yet.

An entry is a plane of one tile at one acquisition, at every n-th pixel, or which of its pixels are clear under a mask:
packed bits at full resolution. Its name has what its pixels depend on and nothing else: no limit, no interval, no veto.
So a moved limit reads the dates that it adds; a nudged neighbourhood, the tiles.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.cache import FrameKey, Frames, MissingFrame
from services.nbar import read_frame
from services.recipe import MASKS, Recipe, clear_observations
from services.reducers import distances
from services.sentinel2 import DATA_MASK, SCL
from services.storage import ArrayCache, owned

CLASSES = 12
"""SCL classes, 0 to 11."""
TALLY_BYTES = 24 * 10**6
"""Of tallies in memory: some twenty thousand, apart from planes, which would push them out by their size."""
UNKNOWN = -1
"""Count of pixels of a class where the cache lacks the classification."""

Frame = Mapping[str, NDArray[Any]]
"""Planes of one tile at one acquisition, (height, width) each, by name."""


@dataclass(frozen=True)
class CachedPlanes:
    """One tile at one acquisition."""

    planes: tuple[NDArray[np.uint16], ...]
    """DN of each band that was asked for, (height, width), on the raster of that step."""
    bits: NDArray[np.uint8]
    """Clear pixels at full resolution, (height, ceil(width / 8)): each row as `np.packbits` packs it."""
    step: int

    def clear(self, rows: slice, width: int) -> NDArray[np.bool_]:
        """Which pixels of these rows count, (rows, width): rows and width are of the planes."""
        whole = np.unpackbits(self.bits[:: self.step][rows], axis=1, count=width if self.step == 1 else None)
        return np.ascontiguousarray(whole[:, :: self.step][:, :width]).view(np.bool_)

    def near(self, width: int) -> NDArray[np.uint8]:
        """Pixels to the nearest that does not count, counted at full resolution, on the raster of that step; `width` is
        that of the tile in pixels."""
        whole = np.unpackbits(self.bits, axis=1, count=width).view(np.bool_)
        return distances([whole])[0][:: self.step, :: self.step]


class PlaneCache:
    """At most `memory_bytes` of them, read by the threads of `pool`, and where masks alone are asked for by those of
    `counters`. Raises MissingFrame where the cache lacks one."""

    def __init__(self, frames: Frames, memory_bytes: int, pool: Executor, counters: Executor) -> None:
        self._frames, self._pool, self._counters = frames, pool, counters
        self.array_cache = ArrayCache(memory_bytes)
        self._tallies = ArrayCache(TALLY_BYTES)

    def of(self, recipe: Recipe, keys: Sequence[FrameKey], bands: Sequence[str], step: int) -> list[CachedPlanes]:
        """The tiles and acquisitions of the keys, in their order, under the recipe's mask."""
        found = {key: self._held(recipe, bands, step, key) for key in keys}
        missing = [key for key, tile_planes in found.items() if tile_planes is None]
        pool = self._pool if bands else self._counters
        found |= zip(missing, pool.map(partial(self._developed, recipe, bands, step), missing), strict=True)
        return [tile_planes for tile_planes in found.values() if tile_planes is not None]

    def tallies(self, recipe: Recipe, keys: Sequence[FrameKey]) -> list[NDArray[np.int64]]:
        """Of each key: pixels with data, pixels that are clear, and pixels with data of each of CLASSES or UNKNOWN."""
        found = {key: self._tallies.get(_tally_name(recipe, key)) for key in keys}
        missing = [key for key, tally in found.items() if tally is None]
        found |= zip(missing, self._counters.map(partial(self._tallied, recipe), missing), strict=True)
        return [tally for tally in found.values() if tally is not None]

    def held_tallies(self, recipe: Recipe, keys: Sequence[FrameKey]) -> list[NDArray[np.int64]] | None:
        """The same where all of them are in memory."""
        held = [tally for key in keys if (tally := self._tallies.get(_tally_name(recipe, key))) is not None]
        return held if len(held) == len(keys) else None

    def _held(self, recipe: Recipe, bands: Sequence[str], step: int, key: FrameKey) -> CachedPlanes | None:
        """What is in memory, if it is whole."""
        bits = self.array_cache.get(_mask_name(recipe, key))
        planes = [plane for band in bands if (plane := self._plane(recipe, key, band, step)) is not None]
        return CachedPlanes(tuple(planes), bits, step) if bits is not None and len(planes) == len(bands) else None

    def _plane(self, recipe: Recipe, key: FrameKey, band: str, step: int) -> NDArray[np.uint16] | None:
        """A band in memory; of every step-th pixel also where all of them are there."""
        name = _plane_name(recipe, key, band, step)
        plane = self.array_cache.get(name)
        if plane is None and step > 1:
            whole = self.array_cache.get(_plane_name(recipe, key, band, 1))
            plane = None if whole is None else self.array_cache.keep(name, _every(whole, step))
        return plane

    def _developed(self, recipe: Recipe, bands: Sequence[str], step: int, key: FrameKey) -> CachedPlanes:
        """The same with what lacks read."""
        planes = {band: self._plane(recipe, key, band, step) for band in bands}
        bits = self.array_cache.get(_mask_name(recipe, key))
        lacking = [band for band, plane in planes.items() if plane is None]
        frame = read_frame(self._frames, recipe, key, [*lacking, *(_masks(recipe) if bits is None else ())])
        for band in lacking:
            planes[band] = self.array_cache.keep(_plane_name(recipe, key, band, step), _every(frame[band], step))
        if bits is None:
            bits, _ = self._masked(recipe, key, frame)
        return CachedPlanes(tuple(plane for plane in planes.values() if plane is not None), bits, step)

    def _tallied(self, recipe: Recipe, key: FrameKey) -> NDArray[np.int64]:
        """From the masks: from the classification, too, where the recipe's mask does not need it, if it is there."""
        masks = _masks(recipe)
        try:
            frame = self._frames.read(key, tuple(dict.fromkeys((SCL, *masks))))
        except MissingFrame:
            if SCL in masks:
                raise
            frame = self._frames.read(key, masks)
        return self._masked(recipe, key, frame)[1]

    def _masked(self, recipe: Recipe, key: FrameKey, frame: Frame) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Bits and tally of a frame; kept, but for a tally without the classification: that may come yet."""
        preset, valid, classes = MASKS[recipe.mask], frame[DATA_MASK], frame.get(SCL)
        clear = clear_observations(valid, frame.get(preset.plane), preset, recipe.grow)
        bits = self.array_cache.keep(_mask_name(recipe, key), np.packbits(clear, axis=1))
        tally = _tally(valid, clear, classes)
        if classes is not None:
            self._tallies.keep(_tally_name(recipe, key), tally)
        return bits, tally


def _masks(recipe: Recipe) -> tuple[str, ...]:
    """The planes that the recipe's mask is made of."""
    return (*MASKS[recipe.mask].planes, DATA_MASK)


def _plane_name(recipe: Recipe, key: FrameKey, band: str, step: int) -> tuple[object, ...]:
    """Under which a band of a frame is kept: as it came, or normalised."""
    return (key, band, step, "nbar") if recipe.nbar else (key, band, step)


def _mask_name(recipe: Recipe, key: FrameKey) -> tuple[object, ...]:
    """Under which the clear pixels of a frame are kept."""
    return key, MASKS[recipe.mask].meaning, recipe.grow


def _tally_name(recipe: Recipe, key: FrameKey) -> tuple[object, ...]:
    """Under which its tally is kept."""
    return *_mask_name(recipe, key), "tally"


def _every(plane: NDArray[np.uint16], step: int) -> NDArray[np.uint16]:
    """Every step-th pixel, in an array of its own."""
    return owned(plane[::step, ::step] if step > 1 else plane)


def _tally(valid: NDArray[np.uint8], clear: NDArray[np.bool_], classes: NDArray[np.uint8] | None) -> NDArray[np.int64]:
    """See `Negatives.tallies`. Comparing is faster than `np.bincount`, which makes eight bytes of each pixel."""
    data = valid == 1
    counts = [UNKNOWN] * CLASSES
    if classes is not None:
        shown = classes if data.all() else np.where(data, classes, np.uint8(CLASSES))
        counts = [int(np.count_nonzero(shown == klass)) for klass in range(CLASSES)]
    return np.array([np.count_nonzero(data), np.count_nonzero(clear), *counts], np.int64)

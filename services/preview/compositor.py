"""Pictures and numbers of neighbourhoods from planes in memory, shared by all sessions; nothing is ever fetched."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from services.cache import FrameKey, Frames, keys_of
from services.catalogue import Acquisition
from services.composite import Index, Mosaic, Reduced, Stack, looks_near, scenes_of
from services.preview.plane_cache import CLASSES, CachedPlanes, PlaneCache
from services.preview.subsampling import raster
from services.recipe import GROWN, MASKS, Recipe
from services.reducers import BLOCK, Scenes
from services.storage import OVERHEAD, MemoryCache

_AT_ONCE = 2 * BLOCK
"""Pixels that are worked on together, in whole tiles: small tiles alone would leave threads without work."""

_GAINED_BYTES = 4 * 10**6
"""Of what dates add to each other, in memory: some hundred questions."""
_READ = 32 * _AT_ONCE
"""Pixels of frames that are read together: enough for all threads, and some tens of MB."""


@dataclass(frozen=True)
class Seen:
    """What one acquisition shows of a neighbourhood, in pixels at full resolution."""

    pixels: int
    """Of the neighbourhood."""
    data: int
    """With data."""
    clear: int
    """That count under the mask."""
    classes: tuple[int, ...] | None
    """With data, of each SCL class from 0 to 11; None where a part of the classification is not in the cache."""

    @property
    def clouds(self) -> int | None:
        """With data, and of a class of cloud or cloud shadow."""
        return None if self.classes is None else sum(self.classes[klass] for klass in GROWN)


class Turns:
    """One at a time; who has just had a turn goes behind whoever waits."""

    def __init__(self) -> None:
        self._working, self._next = threading.Lock(), threading.Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """As long as it is open."""
        with self._next:
            self._working.acquire()
        try:
            yield
        finally:
            self._working.release()


class PreviewCompositor:
    """Planes from a cache of frames, of which at most `memory_bytes` stay in memory, and what is made of them.

    Some tiles are worked on at a time, whoever asks, by `workers` threads: so nothing is read twice at once, and what
    is in use beyond the limit is the observations of these tiles and the picture. Masks are counted beside that, a
    tile at a time by threads of their own: what needs numbers alone waits for no picture. Every method raises
    MissingFrame where the cache lacks something.
    """

    def __init__(self, frames: Frames, memory_bytes: int, workers: int = 2) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="compositor")
        counters = ThreadPoolExecutor(workers, thread_name_prefix="counting")
        self._plane_cache = PlaneCache(frames, memory_bytes, self._pool, counters)
        self._drawing, self._counting = Turns(), Turns()
        self._gained = MemoryCache[tuple[int, ...]](_GAINED_BYTES)

    @property
    def bytes(self) -> int:
        """Of the planes that are kept in memory."""
        return self._plane_cache.array_cache.bytes

    def image(
        self,
        recipe: Recipe,
        kept: Sequence[Acquisition],
        bands: Sequence[str],
        step: int = 1,
        indices: Sequence[Index] = (),
    ) -> Mosaic:
        """The picture by the recipe's method and mask, on the raster of that step, and indices of each observation.

        To the last bit that of `services.composite.compose` and `mosaic`.
        """
        pixels = raster(recipe, step)
        around = pixels.neighbourhood
        reflectance = np.empty((len(bands), *pixels.shape), np.float32)
        values = np.empty((len(indices), *pixels.shape), np.float32)
        count = np.empty(pixels.shape, np.uint16)
        span = recipe.bands if recipe.compositing.way.joint else ()
        needed = tuple(dict.fromkeys((*bands, *(band for index in indices for band in index.bands), *span)))
        days = np.empty(pixels.shape, np.uint32) if recipe.compositing.dated else None
        observations = sorted(kept, key=lambda observation: observation.time)
        used: set[datetime] = set()
        for group in pixels.groups(_AT_ONCE):
            with self._drawing.one():
                jobs: list[Callable[[], None]] = []
                for position in group:
                    times, stack = self._stack(recipe, position, observations, needed, step)
                    used.update(observations[time].time for time in times)
                    place = pixels.place(position)
                    dated = None if days is None else days[place]
                    into = _Into(reflectance[:, *place], count[place], values[:, *place], dated)
                    reduce = partial(_reduce, recipe, needed, tuple(bands), indices)
                    reduce = partial(
                        reduce, stack, self._scenes(recipe, position, [observations[time] for time in times], stack)
                    )
                    jobs += [partial(reduce, rows, into) for rows in pixels.strips()]
                list(self._pool.map(_call, jobs))
        return Mosaic(
            bounds=around.bounds,
            epsg=around.lattice.epsg,
            bands=tuple(bands),
            reflectance=np.moveaxis(reflectance, 0, -1),
            count=count,
            times=tuple(time.astimezone(UTC) for time in sorted(used)),
            indices={index.name: plane for index, plane in zip(indices, values, strict=True)},
            days=days,
            side=around.side,
            tiles=pixels.tiles,
        )

    def pixel(
        self,
        recipe: Recipe,
        kept: Sequence[Acquisition],
        place: tuple[int, int, int],
        indices: Sequence[Index],
    ) -> Reduced:
        """All bands of one pixel of `image` and these indices, (1, 1) each: of the tile at a position of the display
        order the row and column, at full resolution."""
        position, row, column = place
        observations = sorted(kept, key=lambda observation: observation.time)
        width = raster(recipe).tile_shape[1]
        with self._drawing.one():
            times, stack = self._stack(recipe, position, observations, recipe.bands, 1)
            scenes = self._scenes(recipe, position, [observations[time] for time in times], stack)
        here = slice(row, row + 1), slice(column, column + 1)
        planes = [[plane[here] for plane in tile_planes.planes] for tile_planes in stack]
        clear = [one.clear(here[0], width)[:, here[1]] for one in stack]
        near = [plane[here] for plane in scenes.near]
        part = Stack(recipe.bands, planes, clear, replace(scenes, near=near), (1, 1), recipe.bands)
        return part.reduced(recipe.compositing, recipe.bands, indices)

    def planes(
        self, recipe: Recipe, acquisition: Acquisition, bands: Sequence[str], step: int = 1
    ) -> dict[str, NDArray[np.uint16]]:
        """DN of each band, (height, width) of the neighbourhood, north up, on the raster of that step.

        0 in tiles that the acquisition does not touch.
        """
        pixels = raster(recipe, step)
        whole = {band: pixels.blank(np.uint16) for band in bands}
        for position, tile_planes in self._tiles(recipe, acquisition, bands, step):
            for band, plane in zip(bands, tile_planes.planes, strict=True):
                whole[band][pixels.place(position)] = plane
        return whole

    def clear(self, recipe: Recipe, acquisition: Acquisition, step: int = 1) -> NDArray[np.bool_]:
        """Which of these pixels count under the recipe's mask, grown at full resolution; none beyond the footprint."""
        pixels = raster(recipe, step)
        whole = pixels.blank(np.bool_)
        for position, tile_planes in self._tiles(recipe, acquisition, (), step):
            whole[pixels.place(position)] = tile_planes.clear(slice(None), pixels.tile_shape[1])
        return whole

    def seen(self, recipe: Recipe, acquisition: Acquisition) -> Seen:
        """Numbers at full resolution; where the mask does not need the classification, it may be missing."""
        keys = list(keys_of(recipe, acquisition).values())
        tallies = self._plane_cache.held_tallies(recipe, keys)
        if tallies is None:
            with self._counting.one():
                tallies = self._plane_cache.tallies(recipe, keys)
        data, clear, *classes = np.sum([np.zeros(2 + CLASSES, np.int64), *tallies], axis=0).tolist()
        known = all((tally >= 0).all() for tally in tallies)
        return Seen(raster(recipe).pixels, data, clear, tuple(classes) if known else None)

    def gains(self, recipe: Recipe, acquisitions: Sequence[Acquisition]) -> tuple[int, ...]:
        """Of each acquisition the pixels, at full resolution, that are clear in it and in none before it."""
        frames = tuple(tuple(keys_of(recipe, one).values()) for one in acquisitions)
        name = MASKS[recipe.mask].meaning, recipe.grow, frames
        size = OVERHEAD + 8 * sum(map(len, frames))
        return self._gained.made(name, lambda: self._gains(recipe, acquisitions), lambda _: size)

    def _gains(self, recipe: Recipe, acquisitions: Sequence[Acquisition]) -> tuple[int, ...]:
        gained = [0] * len(acquisitions)
        for times, stack in self._stacks(recipe, acquisitions):
            covered: NDArray[np.uint8] = np.zeros(1, np.uint8)
            for time, tile_planes in zip(times, stack, strict=True):
                gained[time] += int(np.bitwise_count(tile_planes.bits & ~covered).sum())
                covered = covered | tile_planes.bits
        return tuple(gained)

    def observations_counted(self, recipe: Recipe, kept: Sequence[Acquisition]) -> NDArray[np.int64]:
        """How many pixels, at full resolution, have 0, 1, 2 … clear observations: one number more than observations."""
        shape, counted = raster(recipe).tile_shape, np.zeros(len(kept) + 1, np.int64)
        for _, stack in self._stacks(recipe, kept):
            count = np.zeros(shape, np.uint16)
            for tile_planes in stack:
                count += tile_planes.clear(slice(None), shape[1])
            counted += np.bincount(count.reshape(-1), minlength=len(counted))
        return counted

    def observed(
        self, recipe: Recipe, frames: Sequence[FrameKey], planes: Sequence[str]
    ) -> Iterator[tuple[FrameKey, CachedPlanes]]:
        """These frames at full resolution, in their order: some are in use at a time, and kept as all others are."""
        height, width = raster(recipe).tile_shape
        size = max(1, _READ // (height * width))
        for first in range(0, len(frames), size):
            group = frames[first : first + size]
            with self._drawing.one():
                found = self._plane_cache.of(recipe, group, planes, 1)
            yield from zip(group, found, strict=True)

    def _stacks(
        self, recipe: Recipe, observations: Sequence[Acquisition]
    ) -> Iterator[tuple[list[int], list[CachedPlanes]]]:
        """Of each tile which observations touch it, and these at full resolution, without planes."""
        for position in range(len(raster(recipe).tiles)):
            with self._counting.one():
                stack = self._stack(recipe, position, observations, (), 1)
            yield stack

    def _stack(
        self, recipe: Recipe, position: int, observations: Sequence[Acquisition], bands: Sequence[str], step: int
    ) -> tuple[list[int], list[CachedPlanes]]:
        """Which observations touch the tile at that position, and these."""
        frames = [keys_of(recipe, observation).get(position) for observation in observations]
        found = {time: key for time, key in enumerate(frames) if key is not None}
        return list(found), self._plane_cache.of(recipe, list(found.values()), bands, step)

    def _scenes(
        self, recipe: Recipe, position: int, observations: Sequence[Acquisition], stack: Sequence[CachedPlanes]
    ) -> Scenes:
        """Of the tile at that position; how near clouds are is looked up at full resolution."""
        seen = [observation.at(raster(recipe).tiles[position]) for observation in observations]
        width, _ = recipe.lattice.size_px(recipe.resolution)
        near = list(self._pool.map(lambda one: one.near(width), stack)) if looks_near(recipe) else ()
        return scenes_of(recipe, [one.date for one in seen], [one.cloud_cover for one in seen], near)

    def _tiles(
        self, recipe: Recipe, acquisition: Acquisition, bands: Sequence[str], step: int
    ) -> Iterator[tuple[int, CachedPlanes]]:
        """The tiles that it touches, with their positions."""
        keys = keys_of(recipe, acquisition)
        with self._drawing.one():
            return zip(keys, self._plane_cache.of(recipe, list(keys.values()), bands, step), strict=True)


@dataclass(frozen=True, eq=False)
class _Into:
    """Arrays of a tile that are filled."""

    reflectance: NDArray[np.float32]
    """(band, height, width)."""
    count: NDArray[np.uint16]
    values: NDArray[np.float32]
    """Of indices, (index, height, width)."""
    days: NDArray[np.uint32] | None
    """None where the method has none."""


def _reduce(
    recipe: Recipe,
    names: tuple[str, ...],
    bands: tuple[str, ...],
    indices: Sequence[Index],
    stack: Sequence[CachedPlanes],
    scenes: Scenes,
    rows: slice,
    into: _Into,
) -> None:
    """Fill these rows of a tile. `names` are those of the observations' planes, `bands` of the reflectance."""
    height, width = into.count[rows].shape
    observations = [[plane[rows] for plane in tile_planes.planes] for tile_planes in stack]
    clear = [one.clear(rows, width) for one in stack]
    here = replace(scenes, near=[plane[rows] for plane in scenes.near])
    part = Stack(names, observations, clear, here, (height, width), recipe.bands)
    made = part.reduced(recipe.compositing, bands, indices)
    into.reflectance[:, rows], into.count[rows] = made.picture, made.count
    for value, index in zip(into.values, indices, strict=True):
        value[rows] = made.indices[index.name]
    if into.days is not None and made.days is not None:
        into.days[rows] = made.days


def _call(job: Callable[[], None]) -> None:
    job()

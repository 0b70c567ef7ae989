"""The steps from frames to a composite, as eo-learn's tasks; `workflow` puts them in a row."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from functools import lru_cache
from typing import Any

import numpy as np
from eolearn.core import EOPatch, EOTask, FeatureType

from services.cache import Frames, frame_key
from services.cancellation import never
from services.catalogue import Acquisition, acquisitions_from_json, acquisitions_to_json
from services.composite.indices import indices_of
from services.composite.stack import Stack, looks_near, scenes_of
from services.errors import Cancelled
from services.grid import Tile
from services.lazy import lazy
from services.nbar import read_frame
from services.recipe import MASKS, Recipe, clear_observations
from services.reducers import BLOCK, distances
from services.sentinel2 import DATA_MASK

BANDS = (FeatureType.DATA, "BANDS")
VALID = (FeatureType.MASK, "dataMask")
CLEAR = (FeatureType.MASK, "CLEAR")
COUNT = (FeatureType.MASK_TIMELESS, "VALID_COUNT")
DATE = (FeatureType.MASK_TIMELESS, "DATE")


class Run:
    """What the executions of one call share: they stop when somebody says so, or when one of them has failed.

    A flag and a function, so that it travels to other processes; there each execution has one of its own.
    """

    def __init__(self, cancelled: Callable[[], bool] = never, *, together: bool = True) -> None:
        """Where they are not `together`, each fails for itself."""
        self._cancelled, self._together, self._failed = cancelled, together, False

    def check(self) -> None:
        """Raises Cancelled where going on is of no use."""
        if self._failed or self._cancelled():
            raise Cancelled("The composition was cancelled.", "What has been fetched is kept.")

    @contextmanager
    def step(self) -> Iterator[None]:
        """One task of one tile."""
        self.check()
        try:
            yield
        except BaseException:
            self._failed = self._together
            raise


@dataclass(frozen=True)
class Dates:
    """Acquisitions, oldest first. Their own text has no end, and eo-learn keeps the text of all that a task is made
    with. In another process, the same ones of all executions there are one object, which projects footprints once."""

    acquisitions: tuple[Acquisition, ...] = field(repr=False)

    @classmethod
    def of(cls, acquisitions: Iterable[Acquisition]) -> "Dates":
        """In whatever order they come."""
        return cls(tuple(sorted(acquisitions, key=lambda acquisition: acquisition.time)))

    @lazy
    def packed(self) -> bytes:
        """A twentieth of what they are in memory."""
        return zlib.compress(acquisitions_to_json(self.acquisitions))

    def __reduce__(self) -> tuple[Callable[[bytes], "Dates"], tuple[bytes]]:
        return _unpacked, (self.packed,)


@lru_cache(maxsize=8)
def _unpacked(packed: bytes) -> Dates:
    return Dates(acquisitions_from_json(zlib.decompress(packed)))


class ReadFrames(EOTask):
    """Makes the patch of a tile from the cache. Raises MissingFrame, and Cancelled."""

    def __init__(self, recipe: Recipe, dates: Dates, frames: Frames, run: Run) -> None:
        self.recipe, self.dates, self.frames, self.run = recipe, dates, frames, run

    def execute(self, *, tile: Tile) -> EOPatch:
        """BANDS, dataMask and, where the mask masks something, the plane of its classes."""
        with self.run.step():
            touched = (acquisition.at(tile) for acquisition in self.dates.acquisitions if acquisition.touches(tile))
            observations = sorted(touched, key=lambda acquisition: acquisition.time)
            width, height = self.recipe.lattice.size_px(self.recipe.resolution)
            bands = np.empty((len(observations), len(self.recipe.bands), height, width), np.uint16)
            masks = {
                plane: np.empty((len(observations), height, width, 1), np.uint8)
                for plane in (*MASKS[self.recipe.mask].planes, DATA_MASK)
            }
            planes = (*self.recipe.bands, *masks)
            for time, acquisition in enumerate(observations):
                self.run.check()
                frame = read_frame(self.frames, self.recipe, frame_key(self.recipe, tile.index, acquisition), planes)
                for position, band in enumerate(self.recipe.bands):
                    bands[time, position] = frame[band]
                for plane, mask in masks.items():
                    mask[time, ..., 0] = frame[plane]
            times = [acquisition.time.astimezone(UTC).replace(tzinfo=None) for acquisition in observations]
            patch = EOPatch(bbox=tile.bbox, timestamps=times, meta_info=self._description(tile, observations))
            patch[BANDS] = np.moveaxis(bands, 1, -1)
            for plane, mask in masks.items():
                patch[FeatureType.MASK, plane] = mask
            return patch

    def _description(self, tile: Tile, observations: Sequence[Acquisition]) -> dict[str, Any]:
        """META_INFO, plain values."""
        return {
            "RECIPE": self.recipe.to_dict(),
            "TILE": {"index_x": tile.index.x, "index_y": tile.index.y},
            "ACQUISITIONS": [
                {
                    "key": observation.key,
                    "date": observation.date,
                    "satellite": observation.satellite,
                    "orbit": observation.orbit,
                    "cloud_cover": observation.cloud_cover,
                }
                for observation in observations
            ],
        }


class MarkClear(EOTask):
    """Adds CLEAR by the recipe's mask."""

    def __init__(self, recipe: Recipe, run: Run) -> None:
        self.preset, self.grow, self.run = MASKS[recipe.mask], recipe.grow, run

    def execute(self, patch: EOPatch) -> EOPatch:
        """An observation counts where there is data, its class is not masked, and no cloud is near."""
        with self.run.step():
            classes = patch[FeatureType.MASK, self.preset.plane][..., 0] if self.preset.invalid else None
            clear = clear_observations(patch[VALID][..., 0], classes, self.preset, self.grow)
            patch[CLEAR] = clear[..., np.newaxis]
            return patch


class Reduce(EOTask):
    """Adds the picture by the recipe's method, an index for each that its bands allow, VALID_COUNT and, where each
    pixel is of one date, DATE."""

    def __init__(self, recipe: Recipe, run: Run) -> None:
        self.recipe, self.run = recipe, run

    def execute(self, patch: EOPatch) -> EOPatch:
        """Over the observations that count, some rows at a time; META_INFO has what their acquisitions are."""
        with self.run.step():
            method, indices = self.recipe.compositing, indices_of(self.recipe.bands)
            parts = [stack.reduced(method, self.recipe.bands, indices) for stack in self._stacks(patch)]
            picture = np.concatenate([part.picture for part in parts], axis=1)
            patch[picture_feature(self.recipe)] = np.moveaxis(picture, 0, -1)
            patch[COUNT] = np.concatenate([part.count for part in parts])[..., np.newaxis]
            for index in indices:
                plane = np.concatenate([part.indices[index.name] for part in parts])
                patch[FeatureType.DATA_TIMELESS, index.short] = plane[..., np.newaxis]
            days = [part.days for part in parts if part.days is not None]
            if days:
                patch[DATE] = np.concatenate(days)[..., np.newaxis]
            return patch

    def _stacks(self, patch: EOPatch) -> Iterator[Stack]:
        recipe, observations, clear = self.recipe, np.moveaxis(patch[BANDS], -1, 1), patch[CLEAR][..., 0]
        told = patch.meta_info["ACQUISITIONS"]
        dates, clouds = [one["date"] for one in told], [one["cloud_cover"] for one in told]
        near = distances(clear) if looks_near(recipe) else ()
        height, width = observations.shape[2:]
        step = max(1, BLOCK // width)
        for rows in (slice(top, min(top + step, height)) for top in range(0, height, step)):
            self.run.check()
            scenes = scenes_of(recipe, dates, clouds, [plane[rows] for plane in near])
            shape = rows.stop - rows.start, width
            yield Stack(recipe.bands, observations[:, :, rows], clear[:, rows], scenes, shape)


def picture_feature(recipe: Recipe) -> tuple[FeatureType, str]:
    """Where the picture is."""
    return FeatureType.DATA_TIMELESS, recipe.compositing.feature


def index_features(recipe: Recipe) -> dict[str, tuple[FeatureType, str]]:
    """Where those indices are that the recipe's bands allow, by name."""
    return {index.name: (FeatureType.DATA_TIMELESS, index.short) for index in indices_of(recipe.bands)}


class Keep(EOTask):
    """Hands the whole patch to whoever wants to keep it, before it is dropped."""

    def __init__(self, keep: Callable[[Tile, EOPatch], None], meta: Mapping[str, Any], run: Run) -> None:
        self.keep, self.meta, self.run = keep, meta, run

    def execute(self, patch: EOPatch, *, tile: Tile) -> EOPatch:
        """The patch as it came, with more META_INFO."""
        with self.run.step():
            patch.meta_info.update(self.meta)
            self.keep(tile, patch)
            return patch

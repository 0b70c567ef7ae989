"""The steps from frames to a composite, as eo-learn's tasks; services/patches.py puts them in a row."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from functools import partial
from typing import Any, Protocol

import numpy as np
from eolearn.core.constants import FeatureType
from eolearn.core.eodata import EOPatch
from eolearn.core.eotask import EOTask
from numpy.typing import NDArray

from services.cache import FrameKey, frame_key
from services.catalogue import Acquisition
from services.composite.indices import INDICES, Pair, first_index, indices_of, median_index
from services.composite.reducers import first_clear, least_cloudy, masked_median
from services.errors import Cancelled
from services.grid import Tile
from services.recipe import MASKS, METHODS, Recipe, clear_observations
from services.sentinel2 import DATA_MASK, SCL

BANDS = (FeatureType.DATA, "BANDS")
CLASSES = (FeatureType.MASK, "SCL")
VALID = (FeatureType.MASK, "dataMask")
CLEAR = (FeatureType.MASK, "CLEAR")
PICTURES = {name: (FeatureType.DATA_TIMELESS, method.feature) for name, method in METHODS.items()}
"""Where the picture is, by the name of its method."""
INDEX = {name: (FeatureType.DATA_TIMELESS, index.short) for name, index in INDICES.items()}
"""Where an index is, by its name."""
COUNT = (FeatureType.MASK_TIMELESS, "VALID_COUNT")


class Frames(Protocol):
    """Where planes are read from."""

    def read(self, key: FrameKey, planes: Sequence[str]) -> dict[str, NDArray[Any]]:
        """The planes, (height, width) each; raises MissingFrame where one is not there or damaged."""


class Run:
    """What the executions of one call share: they stop when somebody says so, or when one of them has failed."""

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self._cancelled = cancelled
        self._failed = threading.Event()

    def check(self) -> None:
        """Raises Cancelled where going on is of no use."""
        if self._failed.is_set() or self._cancelled():
            raise Cancelled("The composition was stopped.", "What has been fetched is kept.")

    @contextmanager
    def step(self) -> Iterator[None]:
        """One task of one tile."""
        self.check()
        try:
            yield
        except BaseException:
            self._failed.set()
            raise


class ReadFrames(EOTask):
    """Makes the patch of a tile from the cache. Raises MissingFrame, and Cancelled."""

    def __init__(self, recipe: Recipe, acquisitions: Sequence[Acquisition], frames: Frames, run: Run) -> None:
        self.recipe, self.frames, self.run = recipe, frames, run
        self.acquisitions = sorted(acquisitions, key=lambda acquisition: acquisition.time)

    def execute(self, *, tile: Tile) -> EOPatch:
        """BANDS, dataMask and, where the mask needs it, SCL."""
        with self.run.step():
            observations = [acquisition for acquisition in self.acquisitions if acquisition.touches(tile)]
            width, height = self.recipe.lattice.size_px(self.recipe.resolution)
            bands = np.empty((len(observations), len(self.recipe.bands), height, width), np.uint16)
            masks = {
                plane: np.empty((len(observations), height, width, 1), np.uint8)
                for plane in self.recipe.planes
                if plane in (SCL, DATA_MASK)
            }
            for time, acquisition in enumerate(observations):
                self.run.check()
                frame = self.frames.read(frame_key(self.recipe, tile.index, acquisition), self.recipe.planes)
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


class ClearLooks(EOTask):
    """Adds CLEAR by the recipe's mask."""

    def __init__(self, recipe: Recipe, run: Run) -> None:
        self.preset, self.grow, self.run = MASKS[recipe.mask], recipe.grow, run

    def execute(self, patch: EOPatch) -> EOPatch:
        """A observation counts where there is data, its class is not masked, and no cloud is near."""
        with self.run.step():
            classes = patch[CLASSES][..., 0] if self.preset.invalid else None
            clear = clear_observations(patch[VALID][..., 0], classes, self.preset, self.grow)
            patch[CLEAR] = clear[..., np.newaxis]
            return patch


class _Reducer(EOTask):
    """From many observations to one picture, and to one of each index that the bands allow."""

    def __init__(self, recipe: Recipe, run: Run) -> None:
        self.bands, self.run = recipe.bands, run

    def _add_indices(
        self, patch: EOPatch, reduced: Callable[[Sequence[Pair], Sequence[NDArray[np.bool_]]], NDArray[np.float32]]
    ) -> None:
        """Of each observation first; the median of observations, or the first of them, afterwards."""
        clear, observations = list(patch[CLEAR][..., 0]), np.moveaxis(patch[BANDS], -1, 0)
        for index in indices_of(self.bands):
            first, second = (observations[self.bands.index(band)] for band in index.bands)
            plane = reduced(list(zip(first, second, strict=True)), clear) if clear else _nowhere(observations.shape[2:])
            patch[INDEX[index.name]] = plane[..., np.newaxis]


class Median(_Reducer):
    """Adds MEDIAN, the indices and VALID_COUNT."""

    def execute(self, patch: EOPatch) -> EOPatch:
        """Over the observations that count."""
        with self.run.step():
            median, count = masked_median(np.moveaxis(patch[BANDS], -1, 1), patch[CLEAR][..., 0])
            patch[PICTURES["median"]] = np.moveaxis(median, 0, -1)
            patch[COUNT] = count[..., np.newaxis]
            self._add_indices(patch, median_index)
            return patch


class LeastCloudy(_Reducer):
    """Adds LEAST_CLOUDY, the indices and VALID_COUNT."""

    def execute(self, patch: EOPatch) -> EOPatch:
        """Of the observations that count, by the cloud cover of their acquisitions, of which META_INFO tells."""
        with self.run.step():
            order = least_cloudy([observation["cloud_cover"] for observation in patch.meta_info["ACQUISITIONS"]])
            observations, count = first_clear(np.moveaxis(patch[BANDS], -1, 1), patch[CLEAR][..., 0], order)
            patch[PICTURES["least-cloudy"]] = np.moveaxis(observations, 0, -1)
            patch[COUNT] = count[..., np.newaxis]
            self._add_indices(patch, partial(first_index, order=order))
            return patch


def _nowhere(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """An index of no observation."""
    return np.full(shape, np.nan, np.float32)


REDUCERS: dict[str, Callable[[Recipe, Run], EOTask]] = {"median": Median, "least-cloudy": LeastCloudy}
"""The step from many observations to one picture, by the name of its method."""


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

"""From frames to composites: EOTasks in one EOWorkflow, run by an EOExecutor in threads, one execution a tile.

The EOPatch of a tile holds, in UTC without a zone and oldest first, the acquisitions whose footprint touches it::

    DATA/BANDS                uint16   time, height, width, band   DN, in the order of the recipe's bands;
                                                                   normalised where the recipe says NBAR
    MASK/SCL                  uint8    time, height, width, 1      only where the recipe's mask needs it; CSMASK
                                                                   where it is ukis-csmask
    MASK/dataMask             uint8    time, height, width, 1      1 where the service has data
    MASK/CLEAR                bool     time, height, width, 1      True for an observation that counts
    DATA_TIMELESS/MEDIAN      float32  height, width, band         reflectance, NaN where no observation is clear;
                                                                   LEAST_CLOUDY by that method, and so on (METHODS)
    DATA_TIMELESS/NDVI …      float32  height, width, 1            indices of each observation, then reduced
    MASK_TIMELESS/VALID_COUNT uint16   height, width, 1            clear observations
    MASK_TIMELESS/DATE        uint32   height, width, 1            day of the pixel's observation, YYYYMMDD, 0 where
                                                                   none; only by methods that pick one
    META_INFO/RECIPE, TILE, ACQUISITIONS and what the caller adds

Arrays with bands are planar in memory and transposed views here: methods read them a plane at a time.
"""

import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import Any, cast

from eolearn.core import EOExecutor, EONode, EOPatch, EOTask, EOWorkflow, OutputTask, linearly_connect_tasks
from eolearn.core.exceptions import EODeprecationWarning

from services.cache import Frames
from services.catalogue import Acquisition
from services.composite.eo_tasks import (
    COUNT,
    DATE,
    Dates,
    Keep,
    MarkClear,
    ReadFrames,
    Reduce,
    Run,
    index_features,
    picture_feature,
)
from services.composite.image import Composite
from services.errors import Cancelled
from services.grid import Tile
from services.recipe import Recipe

# The workflow logs each failure with its stack; here the failure itself is raised, and told once by whoever asked.
logging.getLogger("eolearn.core.eoworkflow").setLevel(logging.CRITICAL)


def drop(tile: Tile, patch: EOPatch) -> None:
    """Keep nothing of a patch but its composite."""


def compose(
    recipe: Recipe,
    acquisitions: Sequence[Acquisition],
    frames: Frames,
    *,
    workers: int,
    keep: Callable[[Tile, EOPatch], None] = drop,
    meta: Mapping[str, Any] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Composite, ...]:
    """The composites of the recipe's neighbourhood, in display order.

    At most `workers` patches are in memory at once; `keep` sees each of them, in the thread that made it, with `meta`
    (plain values under upper-case names) in its META_INFO. For a picture alone give a recipe with fewer bands: the
    frames are the same. A tile that no acquisition touches has no observations, and NaN everywhere.
    The first execution that fails stops the others, and its own exception is raised: MissingFrame where the cache
    lacks something, StorageError of `keep`, Cancelled once `cancelled` says so.
    """
    run = Run(cancelled)
    dated = [DATE] if recipe.compositing.dated else []
    nodes = linearly_connect_tasks(
        *composing(recipe, Dates.of(acquisitions), frames, run),
        Keep(keep, meta or {}, run),
        OutputTask("composite", features=[picture_feature(recipe), COUNT, *index_features(recipe).values(), *dated]),
    )
    tiles = recipe.neighbourhood.tiles
    kwargs: list[dict[EONode, dict[str, object]]] = [
        {nodes[0]: {"tile": tile}, nodes[3]: {"tile": tile}} for tile in tiles
    ]
    executor = EOExecutor(EOWorkflow(nodes), kwargs)
    with warnings.catch_warnings():
        # In each thread eo-learn hides deprecations of its own for a moment, and so shows those of other threads.
        warnings.simplefilter("ignore", EODeprecationWarning)
        results = executor.run(workers=workers, multiprocess=False, disable=True)
    failures = [
        stats.exception_info.exception
        for result in results
        for stats in result.stats.values()
        if stats.exception_info is not None
    ]
    if failures:  # those that were stopped because another failed come last
        raise min(failures, key=lambda failure: isinstance(failure, Cancelled))
    patches = (cast(EOPatch, result.outputs["composite"]) for result in results)
    return tuple(composite_of(recipe, tile, patch) for tile, patch in zip(tiles, patches, strict=True))


def composing(recipe: Recipe, dates: Dates, frames: Frames, run: Run) -> tuple[EOTask, EOTask, EOTask]:
    """The steps from a `tile`, which the first is given, to the patch with its composite. They can be sent to another
    process where `frames` and the function of `run` can."""
    return ReadFrames(recipe, dates, frames, run), MarkClear(recipe, run), Reduce(recipe, run)


def composite_of(recipe: Recipe, tile: Tile, patch: EOPatch) -> Composite:
    """What a patch holds of its composite; its arrays are the patch's."""
    return Composite(
        bounds=tile.bounds,
        epsg=tile.epsg,
        bands=recipe.bands,
        reflectance=patch[picture_feature(recipe)],
        count=patch[COUNT][..., 0],
        times=tuple(time.replace(tzinfo=UTC) for time in patch.get_timestamps()),
        tile=tile,
        indices={name: patch[feature][..., 0] for name, feature in index_features(recipe).items()},
        days=patch[DATE][..., 0] if recipe.compositing.dated else None,
    )

"""One eo-learn execution a tile, whose last task stores what came out and hands on a receipt alone."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from eolearn.core import EONode, EOPatch, EOTask, EOWorkflow, OutputTask, WorkflowResults, linearly_connect_tasks
from numpy.typing import NDArray

from services.cache import FrameKey, FrameStore, MissingFrame
from services.catalogue import products_of
from services.composite import Dates, Run, composing, composite_of
from services.engines.part import ComposePart, TileReceipt
from services.engines.shelf import hand_on
from services.errors import Cancelled, NinepatchError, StoreUnreachable
from services.export import crc_of, write_cog, write_patch_zip
from services.grid import Tile, TileIndex
from services.render import Provenance, counts_range
from services.settings import Settings, load_settings
from services.storage import Database

_RECEIPT = "receipt"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class FramesOf:
    """The cache of frames of a home, opened once in each process that reads it, by the settings there."""

    home: Path

    def read(self, key: FrameKey, planes: Collection[str]) -> dict[str, NDArray[Any]]:
        """As the cache does it."""
        return _opened(self.home).read(key, planes)


@cache
def _settings(home: Path) -> Settings:
    """As this machine has them: what is secret of them comes with no task."""
    return load_settings(home=home)


@cache
def _opened(home: Path) -> FrameStore:
    return FrameStore.of(_settings(home), lambda: Database.of(_settings(home)))


class StoreTile(EOTask):
    """The last step: the files of a tile, which are the same however often it runs, and their receipt as its output."""

    def __init__(self, part: ComposePart, dates: Dates, home: Path, run: Run) -> None:
        self.part, self.dates, self.home, self.run = part, dates, home, run

    def execute(self, patch: EOPatch, *, tile: Tile) -> TileReceipt:
        """Raises StorageError where the disk or the store refuses."""
        with self.run.step():
            part, recipe = self.part, self.part.recipe_of(tile.index)
            image = composite_of(recipe, tile, patch)
            touching = [one.at(tile) for one in self.dates.acquisitions if one.touches(tile)]
            provenance = replace(part.provenance, recipe=recipe, products=products_of(touching))
            path = self.home / part.file(tile.index)
            write_cog(path, image, provenance)
            if part.patches:
                self._keep(patch, provenance, tile.index)
            hand_on(_settings(self.home), part.files(tile.index))
            least, most = counts_range(image)
            return TileReceipt(
                tile.epsg,
                tile.index.x,
                tile.index.y,
                path.stat().st_size,
                crc_of(path),
                least,
                most,
                image.median_observations,
                image.no_data,
                len(image.times),
            )

    def _keep(self, patch: EOPatch, provenance: Provenance, index: TileIndex) -> None:
        """The whole patch, with what tells where it is from."""
        patch.meta_info.update(provenance.meta_info() | {"RECIPE": provenance.recipe.to_dict()})
        write_patch_zip(self.home / self.part.file(index, ".zip"), patch, provenance)


def executions(part: ComposePart, home: Path, run: Run) -> tuple[EOWorkflow, list[dict[EONode, dict[str, object]]]]:
    """The workflow of a part's tiles, and what each of its executions is given, in the order of the tiles."""
    dates, bare = Dates.of(part.acquisitions), replace(part, acquisitions=())
    steps = composing(part.recipe, dates, FramesOf(home), run)
    nodes = linearly_connect_tasks(*steps, StoreTile(bare, dates, home, run), OutputTask(_RECEIPT))
    tiles = map(part.recipe.lattice.tile, part.tiles)
    return EOWorkflow(nodes), [{nodes[0]: {"tile": tile}, nodes[-2]: {"tile": tile}} for tile in tiles]


def receipt_of(part: ComposePart, index: TileIndex, results: WorkflowResults) -> TileReceipt:
    """Of one execution. Raises Cancelled where somebody stopped it, and StoreUnreachable, which is no tile's fault."""
    failures = [stats.exception_info for stats in results.stats.values() if stats.exception_info is not None]
    if not failures:
        return cast(TileReceipt, results.outputs[_RECEIPT])
    error = failures[0].exception
    if isinstance(error, Cancelled | StoreUnreachable):
        raise error
    if not isinstance(error, NinepatchError):
        _LOG.error("Tile %s of part %d was not composed:\n%s", index, part.number, failures[0].traceback)
    return TileReceipt.failed(part.recipe.lattice.epsg, index, error, lost=isinstance(error, MissingFrame))

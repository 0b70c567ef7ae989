"""Parts of an order with all their frames in a home; and what plain composition makes of each tile."""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray

from services.cache import FrameStore, frame_key
from services.composite import Composite, compose
from services.engines import ComposePart, Engine, PartReceipt, engine_of
from services.grid import TileIndex
from services.recipe import Recipe
from services.render import Provenance
from services.settings import load_settings
from tests.services.overpasses import MemoryFrames, random_frames
from tests.services.passes import passes
from tests.services.scenes import provenance, recipe

ORDER = "0123456789abcdef"
LOOK = 0.5
"""Seconds of a look that is watched: long enough for every node to take part."""
CUT = (1, 4)
"""Passes that do not show the southern tiles."""


def five_by_five(px: int = 12, passed: int = 6) -> tuple[Recipe, tuple[ComposePart, ...], MemoryFrames]:
    """Twenty-five tiles in three parts, as an order has them, and their frames."""
    question = recipe(px=px, height_px=px - 3, radius=2, maxcc=100)
    dates = passes(question, [float(number) for number in range(passed)], cut=CUT)
    tiles = question.neighbourhood.indices
    parts = tuple(
        ComposePart(ORDER, number, of_tile(question, some[0]), some, dates)
        for number, some in enumerate((tiles[:10], tiles[10:11], tiles[11:]))
    )
    return question, parts, random_frames(question, dates)


def of_tile(question: Recipe, index: TileIndex) -> Provenance:
    """What is told of one of its tiles."""
    return provenance(question.with_(radius=0, centre=index))


def store(home: Path, frames: MemoryFrames, *, without: Sequence[TileIndex] = (), question: Recipe) -> None:
    """Put them into the cache of a home, but for those tiles'."""
    cache = FrameStore(home / "frames", 10**9)
    bounds = {question.lattice.bounds(index) for index in without}
    for key, planes in frames.planes.items():
        if key.bounds not in bounds:
            cache.write(key, planes)
    cache.close()


def expected(question: Recipe, part: ComposePart, frames: MemoryFrames, index: TileIndex) -> Composite:
    """The picture of that tile alone, by the way of small pictures."""
    alone = question.with_(radius=0, centre=index)
    assert all(frame_key(alone, index, one) == frame_key(question, index, one) for one in part.acquisitions)
    (made,) = compose(alone, part.acquisitions, frames, workers=1)
    return made


def told(
    engine: Engine, parts: Sequence[ComposePart], cancelled: Callable[[], bool] = lambda: False
) -> list[PartReceipt]:
    """What it tells, by the numbers of the parts."""
    receipts: list[PartReceipt] = []
    engine.run(iter(parts), receipts.append, cancelled)
    return sorted(receipts, key=lambda receipt: receipt.number)


def bands(home: Path, part: ComposePart, index: TileIndex) -> NDArray[np.uint16]:
    """All of a tile's file, (band, height, width)."""
    with rasterio.open(home / part.file(index)) as dataset:
        found: NDArray[np.uint16] = dataset.read()
        return found


@dataclass(frozen=True)
class Deadly(Provenance):
    """Ends the process that tells of a tile, but for the one that hands it out."""

    fatal: TileIndex = field(kw_only=True)

    def tags(self, dates: Sequence[str]) -> dict[str, str]:
        """Or does not come back."""
        if self.recipe.centre == self.fatal and multiprocessing.parent_process() is not None:
            os._exit(9)
        return super().tags(dates)


@dataclass(frozen=True)
class Watched(Provenance):
    """Leaves a trace of the process whose child tells of a tile, which takes its time."""

    folder: Path = field(kw_only=True)

    def tags(self, dates: Sequence[str]) -> dict[str, str]:
        """Once the trace is there."""
        (self.folder / str(os.getppid())).touch()
        time.sleep(LOOK)
        return super().tags(dates)


def deadly(part: ComposePart, index: TileIndex) -> ComposePart:
    """The same, but that a tile of it ends whoever composes it."""
    return replace(part, provenance=Deadly(**vars(part.provenance), fatal=index))


def watched(part: ComposePart, folder: Path) -> ComposePart:
    """The same, but that its tiles leave traces in a folder."""
    return replace(part, provenance=Watched(**vars(part.provenance), folder=folder))


def files(home: Path, parts: Sequence[ComposePart]) -> dict[str, bytes]:
    """Every tile's file that is there, by its name."""
    named = {part.file(index): home / part.file(index) for part in parts for index in part.tiles}
    return {name: path.read_bytes() for name, path in named.items() if path.exists()}


@dataclass(frozen=True)
class Made:
    """What threads made of three parts, one tile of which has no frames."""

    home: Path
    parts: tuple[ComposePart, ...]
    receipts: list[PartReceipt]
    files: dict[str, bytes]

    def forget(self) -> None:
        """Remove the files of all orders."""
        for file in (self.home / "orders").rglob("*.tif"):
            file.unlink()


def made_by_threads(home: Path) -> Made:
    """In a new home."""
    question, parts, frames = five_by_five()
    store(home, frames, question=question, without=parts[2].tiles[-1:])
    receipts = told(engine_of(load_settings(home=home)), parts)
    written = files(home, parts)
    assert len(written) == 24
    return Made(home, parts, receipts, written)

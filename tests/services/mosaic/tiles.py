"""Tile COGs of a small order, as the engine leaves them, and the same numbers pasted by numpy."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.composite import Composite
from services.export import write_cog
from services.grid import Lattice, TileIndex
from services.mosaic import TileSet
from services.sentinel2 import NO_DATA
from tests.services.scenes import RGB, TIMES, composites, provenance, recipe


def order_tiles(columns: int, rows: int, gone: Sequence[tuple[int, int]] = ()) -> tuple[TileIndex, ...]:
    """In display order, from 35,25 in the south-west; those at `gone` do not belong to it."""
    return tuple(TileIndex(35 + i, 25 + j) for j in reversed(range(rows)) for i in range(columns) if (i, j) not in gone)


def tile_set(folder: Path, indices: Sequence[TileIndex], *, px: int = 40, lattice: Lattice | None = None) -> TileSet:
    """In zone 35, at edges that are no round numbers."""
    return TileSet(folder, lattice or recipe(px=px).lattice, tuple(indices), 10, RGB)


def made(tiles: TileSet, index: TileIndex) -> Composite:
    """One tile's image, of other numbers than any other's."""
    seed = 1000 * index.x + index.y + tiles.epsg
    question = recipe(radius=0).with_(lattice=tiles.lattice, centre=index, bands=tiles.bands)
    return composites(question, seed=seed)[0]


def write_tiles(tiles: TileSet, indices: Sequence[TileIndex] | None = None) -> None:
    """As the engine does."""
    for index in tiles.indices if indices is None else indices:
        image = made(tiles, index)
        question = recipe(radius=0).with_(lattice=tiles.lattice, centre=index, bands=tiles.bands)
        write_cog(tiles.path(index), image, provenance(question))


def pasted(tiles: TileSet, indices: Sequence[TileIndex] | None = None) -> NDArray[np.uint16]:
    """(bands and count, height, width) of these tiles, by numpy alone."""
    across, down = tiles.tile_px
    left, top = min(one.x for one in tiles.indices), max(one.y for one in tiles.indices)
    whole = np.full((tiles.samples, tiles.height, tiles.width), NO_DATA, np.uint16)
    whole[-1] = 0
    for index in tiles.indices if indices is None else indices:
        image = made(tiles, index)
        row, column = (top - index.y) * down, (index.x - left) * across
        planes: list[Any] = [*(image.dn(band) for band in image.bands), image.count]
        whole[:, row : row + down, column : column + across] = planes
    return whole


DATES = tuple(time.date().isoformat() for time in TIMES)

"""Subsampling: every n-th pixel of each tile from its north-western one, so that all tiles stay of one size."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.grid import Lattice, Tile, TileBlock, TileIndex
from services.lazy import lazy
from services.recipe import Recipe
from services.reducers import BLOCK

Place = tuple[slice, slice]
"""Rows and columns."""


@dataclass(frozen=True)
class Raster:
    """Made by `raster`."""

    neighbourhood: TileBlock
    resolution: int
    """Metres a pixel where every one is taken."""
    step: int

    @lazy
    def tiles(self) -> tuple[Tile, ...]:
        """In display order, north row first."""
        return self.neighbourhood.tiles

    @lazy
    def tile_shape(self) -> tuple[int, int]:
        """Height and width of every tile."""
        width, height = self.neighbourhood.lattice.size_px(self.resolution)
        return ceil(height / self.step), ceil(width / self.step)

    @lazy
    def shape(self) -> tuple[int, int]:
        """Height and width of the neighbourhood."""
        height, width = self.tile_shape
        return self.neighbourhood.side * height, self.neighbourhood.side * width

    @property
    def pixels(self) -> int:
        """Of the neighbourhood."""
        return self.shape[0] * self.shape[1]

    def blank(self, kind: type[Any]) -> NDArray[Any]:
        """Zeros, (height, width)."""
        return np.zeros(self.shape, kind)

    def place(self, position: int) -> Place:
        """Of the tile at that position of the display order."""
        height, width = self.tile_shape
        row, column = divmod(position, self.neighbourhood.side)
        return slice(row * height, (row + 1) * height), slice(column * width, (column + 1) * width)

    def groups(self, pixels: int) -> Iterator[range]:
        """Positions of tiles that have about so many pixels together, or of single ones that have more."""
        height, width = self.tile_shape
        tiles, size = len(self.tiles), max(1, pixels // (height * width))
        return (range(first, min(first + size, tiles)) for first in range(0, tiles, size))

    def strips(self) -> Iterator[slice]:
        """The rows of a tile, some at a time: about as many as make the median's block."""
        height, width = self.tile_shape
        count = ceil(height * width / BLOCK)
        edges = [height * part // count for part in range(count + 1)]
        return (slice(above, below) for above, below in pairwise(edges) if above < below)


def raster(recipe: Recipe, step: int = 1) -> Raster:
    """Of the recipe's neighbourhood. Kept: whether tiles are on Earth takes longer to find out than all else here."""
    return _raster(recipe.lattice, recipe.centre, recipe.radius, recipe.resolution, step)


def step_for(recipe: Recipe, side_px: int) -> int:
    """The smallest step at which no side is longer than `side_px`; at most a tile's side, which leaves one pixel."""
    longest = max(recipe.lattice.size_px(recipe.resolution))
    side = recipe.radius * 2 + 1
    return next((step for step in range(1, longest) if side * ceil(longest / step) <= side_px), longest)


@lru_cache(maxsize=256)
def _raster(lattice: Lattice, centre: TileIndex, radius: int, resolution: int, step: int) -> Raster:
    return Raster(lattice.neighbourhood(centre, radius), resolution, step)

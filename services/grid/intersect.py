"""Which tiles of a lattice a shape touches, without asking each: blocks of them are judged whole where possible."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from services.errors import GridError
from services.grid.lattice import Lattice, TileIndex

Indices = NDArray[np.int64]
"""(n, 2): x from the west and y from the south, sorted by x, then y, as `sentinelhub.BBoxSplitter` lists them."""
Blocks = NDArray[np.int64]
"""(n, 4): x and y of the south-western tile of a block, and of the one beyond its north-eastern tile."""
_PARTS = 4
"""Parts in which a side of an undecided block is cut."""


def intersecting_tiles(
    shape: Any, lattice: Lattice, lower_left: TileIndex, columns: int, rows: int, most: int
) -> Indices:
    """The tiles of the extent that `shape` touches, if only at an edge; valid polygons in metres of the lattice's zone.

    A block that the shape does not touch is dropped whole, one that lies wholly inside is taken whole, others are
    cut. The edges of a block are the very floats of its tiles' edges: each tile ends as if it had been asked itself.
    Raises GridError where there are more than `most`.
    """
    pieces = _Pieces(shape)
    x, y = lower_left.x, lower_left.y
    blocks: Blocks = np.array([[x, y, x + columns, y + rows]], dtype=np.int64)
    decided: list[Blocks] = []
    found = 0
    while len(blocks):
        hit, inside = pieces.judge(_boxes(lattice, blocks))
        blocks, inside = blocks[hit], inside[hit]
        whole = inside | np.all(_sizes(blocks) == 1, axis=1)
        decided.append(blocks[whole])
        found += int(_sizes(blocks[whole]).prod(axis=1).sum())
        blocks = blocks[~whole]
        if found + len(blocks) > most:  # at least one tile of each is touched
            raise _too_many(found + len(blocks), most, least=len(blocks) > 0)
        blocks = _cut(blocks)
    return _tiles(np.concatenate(decided))


class _Pieces:
    """The polygons of a shape, each prepared: asking a shape of 10,000 islands as one costs each time all of them."""

    def __init__(self, shape: Any) -> None:
        self._polygons = shapely.get_parts(shape)
        shapely.prepare(self._polygons)
        self._tree = shapely.STRtree(self._polygons)

    def judge(self, boxes: Any) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Of each box whether the shape touches it, and whether it lies in the shape's interior."""
        box, piece = self._tree.query(boxes)
        met = shapely.intersects(self._polygons[piece], boxes[box])
        box, piece = box[met], piece[met]
        held = shapely.contains_properly(self._polygons[piece], boxes[box])
        hit, inside = np.zeros((2, len(boxes)), dtype=bool)
        hit[box] = True
        inside[box[held]] = True
        return hit, inside


def _boxes(lattice: Lattice, blocks: Blocks) -> Any:
    """Of each block its rectangle in metres, by the lattice's own expression."""
    west, south, east, north = blocks.T
    x0, y0, dx, dy = lattice.x0, lattice.y0, lattice.dx, lattice.dy
    return shapely.box(x0 + west * dx, y0 + south * dy, x0 + east * dx, y0 + north * dy)


def _sizes(blocks: Blocks) -> Blocks:
    """(n, 2): columns and rows of each block."""
    return blocks[:, 2:] - blocks[:, :2]


def _cut(blocks: Blocks) -> Blocks:
    """Each block in up to 4 × 4."""
    parts = np.arange(_PARTS + 1)
    xs = blocks[:, :1] + _sizes(blocks)[:, :1] * parts // _PARTS
    ys = blocks[:, 1:2] + _sizes(blocks)[:, 1:] * parts // _PARTS
    wests, souths = np.broadcast_arrays(xs[:, :-1, None], ys[:, None, :-1])
    easts, norths = np.broadcast_arrays(xs[:, 1:, None], ys[:, None, 1:])
    cut: Blocks = np.stack([wests, souths, easts, norths], axis=-1).reshape(-1, 4)
    return cut[np.all(_sizes(cut) > 0, axis=1)]


def _tiles(blocks: Blocks) -> Indices:
    """All tiles of the blocks, in the splitter's order; read-only, for many pages share them."""
    columns, rows = _sizes(blocks).T
    counts = columns * rows
    block = np.repeat(np.arange(len(blocks)), counts)
    place = np.arange(len(block)) - np.repeat(np.cumsum(counts) - counts, counts)
    x = blocks[block, 0] + place // rows[block]
    y = blocks[block, 1] + place % rows[block]
    order = np.lexsort((y, x))
    tiles: Indices = np.column_stack([x, y])[order]
    tiles.setflags(write=False)
    return tiles


def _too_many(count: int, most: int, *, least: bool) -> GridError:
    return GridError(
        f"The grid would have {'at least ' if least else ''}{count:,} tiles; at most {most:,} are accepted.",
        "Choose larger tiles, fewer columns and rows, or a smaller area; or raise the setting max_tiles.",
    )

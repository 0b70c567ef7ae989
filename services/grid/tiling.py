"""Tiling: cells of a grid as rectangles, and what they lack as few requests."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from services.sentinel2 import DATA_MASK

Cell = tuple[int, int]
"""x from the west, y from the south."""
Cells = frozenset[Cell]
LARGEST = 5
"""Cells a side for which the fewest rectangles are found; the effort grows with a power of them."""


@dataclass(frozen=True, order=True)
class Rectangle:
    """Cells x to x + columns - 1 and y to y + rows - 1."""

    x: int
    """Western column."""
    y: int
    """Southern row."""
    columns: int
    rows: int

    @property
    def cells(self) -> tuple[Cell, ...]:
        """From the south-west, row by row."""
        return tuple((self.x + i, self.y + j) for j in range(self.rows) for i in range(self.columns))


def cover(cells: Collection[Cell], max_columns: int, max_rows: int) -> tuple[Rectangle, ...]:
    """Few rectangles of at most `max_columns` × `max_rows` that hold each of the cells once and no other cell.

    The fewest, for the 5 × 5 cells of the largest neighbourhood: the first cell that is left, row by row from the
    south, is the south-western corner of its rectangle, so what is done fills each column from the south, and there
    are at most 6⁵ such states. Of more cells, as those of an order, the largest rectangle is taken first, and then
    the largest of what is left. Raises ValueError for a limit below 1.
    """
    if min(max_columns, max_rows) < 1:
        raise ValueError(f"A rectangle must hold a cell, got at most {max_columns} × {max_rows}.")
    left = frozenset(cells)
    return _cover(left, max_columns, max_rows) if _is_small(left) else _greedy(left, max_columns, max_rows)


def _is_small(cells: Cells) -> bool:
    xs, ys = {x for x, _ in cells}, {y for _, y in cells}
    return not cells or max(max(xs) - min(xs), max(ys) - min(ys)) < LARGEST


@lru_cache(maxsize=4096)
def _greedy(cells: Cells, max_columns: int, max_rows: int) -> tuple[Rectangle, ...]:
    """The largest one first."""
    left, found = set(cells), list[Rectangle]()
    while left:
        corners = (rectangle for x, y in left for rectangle in _largest(left, x, y, max_columns, max_rows))
        largest = min(corners, key=lambda one: (-one.columns * one.rows, one))
        found.append(largest)
        left.difference_update(largest.cells)
    return tuple(sorted(found))


def _largest(left: Collection[Cell], x: int, y: int, max_columns: int, max_rows: int) -> Iterator[Rectangle]:
    """Of each height the widest rectangle inside `left` whose south-western corner is that cell."""
    columns = max_columns
    for rows in range(1, max_rows + 1):
        columns = next((i for i in range(columns) if (x + i, y + rows - 1) not in left), columns)
        if not columns:
            return
        yield Rectangle(x, y, columns, rows)


@lru_cache(maxsize=4096)
def _cover(cells: Cells, max_columns: int, max_rows: int) -> tuple[Rectangle, ...]:
    """The same pattern comes back with every acquisition: it is solved once."""

    @cache
    def fewest(left: Cells) -> tuple[Rectangle, ...]:
        if not left:
            return ()
        least = -(-len(left) // (max_columns * max_rows))
        best: tuple[Rectangle, ...] = ()
        for first in _from_corner(left, max_columns, max_rows):
            way = (first, *fewest(left.difference(first.cells)))
            if not best or len(way) < len(best):
                best = way
            if len(best) == least:
                break
        return best

    return tuple(sorted(fewest(cells)))


def _from_corner(left: Cells, max_columns: int, max_rows: int) -> Iterator[Rectangle]:
    """Every rectangle inside `left` whose south-western corner is its first cell, large ones first."""
    y, x = min((y, x) for x, y in left)
    widest = _largest(left, x, y, max_columns, max_rows)
    found = [replace(one, columns=narrower) for one in widest for narrower in range(1, one.columns + 1)]
    yield from sorted(found, key=lambda rectangle: -rectangle.columns * rectangle.rows)


def merged(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n, 2), x and y of different cells → (m, 4), x, y, columns and rows: each cell is in one rectangle, and no other
    cell is.

    Runs from west to east that follow each other with the same ends are one; quick for a hundred thousand cells.
    """
    if not len(cells):
        return np.empty((0, 4), np.int64)
    x, y = cells[np.lexsort((cells[:, 0], cells[:, 1]))].T
    starts = np.flatnonzero((np.diff(x, prepend=x[0]) != 1) | (np.diff(y, prepend=y[0] - 1) != 0))
    widths = np.diff(starts, append=len(x))
    order = np.lexsort((y[starts], widths, x[starts]))
    x, y, widths = x[starts][order], y[starts][order], widths[order]
    same = (np.diff(x, prepend=x[0] - 1) == 0) & (np.diff(widths, prepend=0) == 0) & (np.diff(y, prepend=y[0]) == 1)
    first = np.flatnonzero(~same)
    return np.column_stack([x[first], y[first], widths[first], np.diff(first, append=len(x))])


Piece = tuple[tuple[str, ...], Rectangle]
"""Planes that all cells of a rectangle lack."""


def cover_missing(
    missing: Mapping[Cell, frozenset[str]], order: tuple[str, ...], max_columns: int, max_rows: int
) -> tuple[Piece, ...]:
    """The planes that each cell lacks as pieces of at most so many cells a side, the planes of each in this order.

    Cells that lack the same go together, or else planes that the same cells lack, whichever needs fewer pieces. A mask
    never goes alone where its cell lacks a band: it is free beside one, and costs as much as one alone. So all ways
    have one price.
    """
    return _cover_missing(frozenset(missing.items()), order, max_columns, max_rows)


@lru_cache(maxsize=4096)
def _cover_missing(
    missing: frozenset[tuple[Cell, frozenset[str]]], order: tuple[str, ...], max_columns: int, max_rows: int
) -> tuple[Piece, ...]:
    """The same pattern comes back with every acquisition: it is cut once."""
    by_lack: dict[frozenset[str], set[Cell]] = {}
    for cell, planes in missing:
        by_lack.setdefault(planes, set()).add(cell)
    by_cells: dict[frozenset[Cell], set[str]] = {}
    for plane in order:
        by_cells.setdefault(frozenset(cell for cell, planes in missing if plane in planes), set()).add(plane)
    groups = by_lack.items(), [(planes, cells) for cells, planes in by_cells.items()]
    ways = [
        [
            (tuple(plane for plane in order if plane in planes), place)
            for planes, cells in way
            if planes
            for place in cover(cells, max_columns, max_rows)
        ]
        for way in groups
    ]
    fewest = min(ways, key=lambda pieces: (_lonely_masks(pieces), len(pieces)))
    return tuple(sorted(fewest, key=lambda piece: piece[::-1]))


def _lonely_masks(pieces: Iterable[Piece]) -> int:
    """Cells whose mask is asked without a band."""
    return sum(len(place.cells) for planes, place in pieces if planes == (DATA_MASK,))


def fewer(pieces: tuple[Piece, ...], free: frozenset[Cell], slack: int) -> tuple[Piece, ...]:
    """The same in fewer pieces: those of the same planes are one where a rectangle holds them beside free cells alone,
    at most `slack` of these for each piece that it saves."""
    if not free or len(pieces) < 2:
        return pieces
    found: dict[tuple[str, ...], list[Rectangle]] = {}
    for planes, place in pieces:
        found.setdefault(planes, []).append(place)
    return tuple((planes, place) for planes, places in found.items() for place in _fewer(tuple(places), free, slack))


@lru_cache(maxsize=4096)
def _fewer(places: tuple[Rectangle, ...], free: frozenset[Cell], slack: int) -> tuple[Rectangle, ...]:
    left = list(places)
    while True:
        ways = [way for one, other in combinations(left, 2) if (way := _way(one, other, left, free)) is not None]
        best = min(ways, key=lambda way: way[0], default=None)
        if best is None or best[0] > slack:
            return tuple(sorted(left))
        _, around, inside = best
        left = [*(place for place in left if place not in inside), around]


def _way(
    one: Rectangle, other: Rectangle, places: Iterable[Rectangle], free: frozenset[Cell]
) -> tuple[float, Rectangle, list[Rectangle]] | None:
    """The rectangle around two, with all that it holds, and its free cells for each piece that it saves; None where it
    holds others' cells."""
    x, y = min(one.x, other.x), min(one.y, other.y)
    right, high = max(one.x + one.columns, other.x + other.columns), max(one.y + one.rows, other.y + other.rows)
    around = Rectangle(x, y, right - x, high - y)
    cells = set(around.cells)
    inside = [place for place in places if cells.issuperset(place.cells)]
    rest = cells.difference(*(place.cells for place in inside))
    return (len(rest) / (len(inside) - 1), around, inside) if rest <= free else None

"""Cells of a grid as rectangles: the fewest of a small one, few of any.

Cells that lack planes, in the fewest pieces: each a rectangle of cells, and planes that all of them lack.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from itertools import combinations, islice, takewhile
from operator import or_

import numpy as np
from numpy.typing import NDArray

from services.sentinel2 import DATA_MASK

Cell = tuple[int, int]
"""x from the west, y from the south."""
Cells = frozenset[Cell]


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
    """Fewest rectangles of at most `max_columns` × `max_rows` that hold each of the cells once and no other cell.

    Exact, for the 5 × 5 cells of the largest neighbourhood: the first cell that is left, row by row from the south,
    is the south-western corner of its rectangle, so what is done fills each column from the south, and there are at
    most 6⁵ such states. Raises ValueError for a limit below 1.
    """
    if min(max_columns, max_rows) < 1:
        raise ValueError(f"A rectangle must hold a cell, got at most {max_columns} × {max_rows}.")
    return _cover(frozenset(cells), max_columns, max_rows)


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
    columns = max_columns
    found = []
    for rows in range(1, max_rows + 1):
        columns = next((i for i in range(columns) if (x + i, y + rows - 1) not in left), columns)
        if not columns:
            break
        found += [Rectangle(x, y, narrower, rows) for narrower in range(1, columns + 1)]
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
Left = tuple[int, ...]
"""What is not in a piece yet: the cells of each group of planes, as bits, row by row from the south."""
Way = tuple[int, tuple[int, ...], Rectangle]
"""A piece while it is searched for: its cells as bits, and the numbers of its groups of planes."""
LOOKS = 3000
"""Pieces that a search tries at most, some 20 ms; 3 × 3 cells with up to four different lacks need half of it."""


@dataclass(frozen=True)
class Cut:
    """All that is lacking, each cell and plane in one piece, in few of them."""

    pieces: tuple[Piece, ...]
    exact: bool
    """Whether it is proven that fewer do not do, where planes that the same cells lack stay together."""


def cover_missing(
    missing: Mapping[Cell, frozenset[str]], order: tuple[str, ...], max_columns: int, max_rows: int
) -> tuple[Piece, ...]:
    """The planes that each cell lacks as pieces of at most so many cells a side, the planes of each in this order.

    A mask never goes alone where its cell lacks a band: it is free beside one, and costs as much as one alone. So all
    cuts have one price. See `Cut.exact` for whether there are no fewer pieces.
    """
    return best_cut(frozenset(missing.items()), order, max_columns, max_rows).pieces


@lru_cache(maxsize=4096)
def best_cut(
    missing: frozenset[tuple[Cell, frozenset[str]]], order: tuple[str, ...], max_columns: int, max_rows: int
) -> Cut:
    """The same pattern comes back with every acquisition: it is cut once.

    Cells that lack the same go together, or else planes that the same cells lack, whichever needs fewer; and then a
    search looks for still fewer, until it is proven that there are none, or it has tried LOOKS pieces.
    """
    by_cells: dict[frozenset[str], set[Cell]] = {}
    for cell, planes in sorted(missing, key=lambda one: one[0]):
        by_cells.setdefault(planes, set()).add(cell)
    by_planes: dict[frozenset[Cell], list[str]] = {}
    for plane in order:
        by_planes.setdefault(frozenset(cell for cell, planes in missing if plane in planes), []).append(plane)
    groups = {tuple(planes): cells for cells, planes in by_planes.items() if cells}
    together = _rectangles(order, max_columns, max_rows, by_cells.items())
    apart = _rectangles(order, max_columns, max_rows, groups.items())
    few = min(together, apart, key=lambda pieces: (_lonely_masks(pieces), len(pieces)))
    exact = True
    if len(groups) > 1:
        search = _Search(groups, by_cells.get(frozenset([DATA_MASK]), ()), max_columns, max_rows)
        few, exact = search.fewer_than(few, order)
    return Cut(tuple(sorted(few, key=lambda piece: piece[::-1])), exact)


def _rectangles(
    order: tuple[str, ...],
    max_columns: int,
    max_rows: int,
    groups: Iterable[tuple[Collection[str], Collection[Cell]]],
) -> list[Piece]:
    """Each group of planes and cells by itself in the fewest rectangles."""
    return [
        (tuple(plane for plane in order if plane in planes), place)
        for planes, cells in groups
        if planes
        for place in cover(cells, max_columns, max_rows)
    ]


def _lonely_masks(pieces: Iterable[Piece]) -> int:
    """Cells whose mask is asked without a band."""
    return sum(len(place.cells) for planes, place in pieces if planes == (DATA_MASK,))


class _Search:
    """Branch and bound: the first cell that is left, row by row from the south, is the south-western corner of the
    next piece, for a group of planes that lack it and any of the others that lack the whole rectangle."""

    def __init__(
        self,
        groups: Mapping[tuple[str, ...], Collection[Cell]],
        only_masks: Collection[Cell],
        max_columns: int,
        max_rows: int,
    ) -> None:
        """A mask may go alone at `only_masks`, the cells that lack nothing else."""
        cells = frozenset(cell for some in groups.values() for cell in some)
        self._x, self._y = min(x for x, _ in cells), min(y for _, y in cells)
        self._stride = max(x for x, _ in cells) - self._x + 2  # with a column that stays empty between the rows
        self._planes, self._whole = list(groups), tuple(map(self._bits, groups.values()))
        self._alone = [self._bits(only_masks) if planes == (DATA_MASK,) else -1 for planes in groups]
        self._cells, self._longest = cells, (max_columns, max_rows)
        self._places: dict[int, list[tuple[int, Rectangle]]] = {}
        self._seen: dict[Left, int] = {}
        self._path: list[Way] = []
        self._looks = 0

    def fewer_than(self, known: list[Piece], order: tuple[str, ...]) -> tuple[list[Piece], bool]:
        """The fewest pieces that were found, `known` where these are not fewer; and whether there are no fewer."""
        self._fewest, self._least = len(known), self._bound(self._whole)
        self._found: list[Way] = []
        self._go(self._whole)
        found = [
            (tuple(plane for plane in order if any(plane in self._planes[group] for group in some)), place)
            for _, some, place in self._found
        ]
        return found or known, self._looks < LOOKS or self._fewest == self._least

    def _go(self, left: Left) -> None:
        if not any(left):
            self._fewest, self._found = len(self._path), list(self._path)
        if len(self._path) + self._bound(left) >= self._fewest or self._seen.get(left, LOOKS) <= len(self._path):
            return
        self._seen[left] = len(self._path)
        ways = list(islice(self._ways(left), LOOKS - self._looks))
        self._looks += len(ways)
        for way in sorted(ways, key=lambda way: -way[0].bit_count() * len(way[1])):
            if self._looks >= LOOKS or self._fewest == self._least:
                return
            self._path.append(way)
            self._go(tuple(cells & ~way[0] if group in way[1] else cells for group, cells in enumerate(left)))
            self._path.pop()

    def _ways(self, left: Left) -> Iterator[Way]:
        """Every piece at the first cell that is left."""
        corner = min(cells & -cells for cells in left if cells)
        first = next(group for group, cells in enumerate(left) if cells & corner)
        for bits, place in self._from(corner):
            if bits & ~left[first]:
                continue
            others = [group for group, cells in enumerate(left) if group != first and not bits & ~cells]
            for count in range(bool(bits & ~self._alone[first]), len(others) + 1):
                for some in combinations(others, count):
                    yield bits, (first, *some), place

    def _bound(self, left: Left) -> int:
        """No fewer pieces do: each corner of a group is the corner of a piece, the pieces add up to what is left as
        matrices of rank 1, and none is larger than it may be."""
        corners = [0, 0, 0, 0]
        for cells in left:
            west, east = cells & ~(cells << 1), cells & ~(cells >> 1)
            south, north = ~(cells << self._stride), ~(cells >> self._stride)
            for number, some in enumerate((west & south, east & south, west & north, east & north)):
                corners[number] |= some
        largest = self._longest[0] * self._longest[1]
        everywhere = reduce(or_, left).bit_count()
        return max(*(some.bit_count() for some in corners), _rank(left), -(-everywhere // largest))

    def _bits(self, cells: Iterable[Cell]) -> int:
        return sum(1 << (y - self._y) * self._stride + x - self._x for x, y in cells)

    def _from(self, corner: int) -> list[tuple[int, Rectangle]]:
        """Every rectangle of cells with that south-western corner, and its bits."""
        if corner not in self._places:
            j, i = divmod(corner.bit_length() - 1, self._stride)
            x, y, columns = self._x + i, self._y + j, self._longest[0]
            self._places[corner] = places = []
            for rows in range(1, self._longest[1] + 1):
                row = ((x + i, y + rows - 1) for i in range(columns))
                columns = len(list(takewhile(self._cells.__contains__, row)))
                found = [Rectangle(x, y, narrower, rows) for narrower in range(1, columns + 1)]
                places += [(self._bits(place.cells), place) for place in found]
        return self._places[corner]


def _rank(left: Left) -> int:
    """Of the matrix of groups and cells, in the field of 0 and 1."""
    basis: list[int] = []
    for cells in left:
        rest = reduce(lambda some, vector: min(some, some ^ vector), basis, cells)
        basis += [rest] if rest else []
    return len(basis)

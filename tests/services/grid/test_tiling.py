"""Cells as the fewest rectangles, and as few."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.grid import merged
from services.grid.tiling import Rectangle, cover

Cells = frozenset[tuple[int, int]]
CELLS = st.frozensets(st.tuples(st.integers(-2, 2), st.integers(10, 14)), max_size=25)


@settings(deadline=None)
@given(cells=CELLS, columns=st.integers(1, 7), rows=st.integers(1, 7))
def test_each_cell_is_in_one_rectangle_and_no_other_is(cells: Cells, columns: int, rows: int) -> None:
    rectangles = cover(cells, columns, rows)
    assert sorted(cell for rectangle in rectangles for cell in rectangle.cells) == sorted(cells)
    assert all(rectangle.columns <= columns and rectangle.rows <= rows for rectangle in rectangles)


def fewest(cells: Cells, columns: int, rows: int, most: int) -> bool:
    """Whether at most `most` rectangles do, by trying every rectangle that holds some cell."""
    if not cells or most == 0:
        return not cells
    held = max(cells, key=lambda cell: (cell[0] * 7 + cell[1] * 3) % 11)
    for (x0, y0), (x1, y1) in product(cells, cells):
        whole = frozenset(product(range(x0, x1 + 1), range(y0, y1 + 1)))
        fits = x1 - x0 < columns and y1 - y0 < rows and held in whole and whole <= cells
        if fits and fewest(cells - whole, columns, rows, most - 1):
            return True
    return False


@pytest.mark.parametrize(("columns", "rows"), [(5, 5), (2, 2), (2, 1), (3, 1)])
def test_no_fewer_rectangles_do_for_any_pattern_of_3_by_3(columns: int, rows: int) -> None:
    nine = list(product(range(3), range(3)))
    for pattern in range(512):
        cells = frozenset(cell for bit, cell in enumerate(nine) if pattern >> bit & 1)
        found = len(cover(cells, columns, rows))
        assert fewest(cells, columns, rows, found)
        assert not found or not fewest(cells, columns, rows, found - 1)


def test_known_patterns() -> None:
    five = set(product(range(5), range(5)))
    assert cover(five, 5, 5) == (Rectangle(0, 0, 5, 5),)
    assert len(cover(five, 2, 2)) == 9
    assert len(cover(five, 4, 4)) == 4
    assert len(cover(five - {(2, 2)}, 5, 5)) == 4
    assert len(cover({cell for cell in five if sum(cell) % 2}, 5, 5)) == 12
    assert cover([], 1, 1) == ()


def test_a_rectangle_must_be_able_to_hold_a_cell() -> None:
    with pytest.raises(ValueError, match="at most 0 × 3"):
        cover([(0, 0)], 0, 3)


@pytest.mark.parametrize("shape", ["block", "stairs", "dots", "frame"])
def test_tiles_are_merged_to_few_rectangles(shape: str) -> None:
    block = {(x, y) for x in range(-50, 50) for y in range(100)}
    tiles = {
        "block": block,
        "stairs": {(x, y) for x, y in block if x <= y},
        "dots": {(x, y) for x, y in block if (x + y) % 3 == 0},
        "frame": {(x, y) for x, y in block if not (-10 < x < 10 and 20 < y < 30)},
    }[shape]
    found = merged(np.array(sorted(tiles, key=hash)))
    covered = [(x + i, y + j) for x, y, columns, rows in found.tolist() for i in range(columns) for j in range(rows)]
    assert len(covered) == len(tiles) and set(covered) == tiles
    assert len(found) == {"block": 1, "stairs": 50, "dots": len(tiles), "frame": 4}[shape]


def test_no_tiles_are_no_rectangles() -> None:
    assert merged(np.empty((0, 2), np.int64)).shape == (0, 4)

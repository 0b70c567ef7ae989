"""The lines of the map: every edge of a tile once."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.geo import to_utm
from services.grid import Lattice
from services.grid.lines import grid_lines

LATTICE = Lattice(32635, 400_000.0, 6_700_000.0, 3300.0, 3300.0)
FIJI = Lattice(32760, 0.0, 0.0, 3300.0, 3300.0)
Edge = tuple[tuple[int, int], tuple[int, int]]


def edges_of_tiles(tiles: set[tuple[int, int]]) -> set[Edge]:
    """From corner to corner, in whole tiles."""
    found: set[Edge] = set()
    for x, y in tiles:
        found |= {
            ((x, y), (x + 1, y)),
            ((x, y + 1), (x + 1, y + 1)),
            ((x, y), (x, y + 1)),
            ((x + 1, y), (x + 1, y + 1)),
        }
    return found


def edges_of_lines(lattice: Lattice, lines: list[list[tuple[float, float]]]) -> list[Edge]:
    """The same, out of what a map is given."""
    found: list[Edge] = []
    for line in lines:
        latitudes, longitudes = np.array(line).T
        x, y = to_utm(lattice.epsg, longitudes, latitudes)
        exact = np.column_stack([(x - lattice.x0) / lattice.dx, (y - lattice.y0) / lattice.dy])
        corners = np.round(exact).astype(int)
        assert np.abs(exact - corners).max() < 1e-4
        for (x0, y0), (x1, y1) in pairwise(corners.tolist()):
            assert (x0 == x1) != (y0 == y1)
            steps = max(x1 - x0, y1 - y0)
            run, rise = int(x1 > x0), int(y1 > y0)
            found += [((x0 + k * run, y0 + k * rise), (x0 + (k + 1) * run, y0 + (k + 1) * rise)) for k in range(steps)]
    return found


@given(st.sets(st.tuples(st.integers(-3, 40), st.integers(-2, 5)), min_size=1, max_size=90))
def test_every_edge_is_drawn_once_and_no_other(tiles: set[tuple[int, int]]) -> None:
    lines = grid_lines(LATTICE, np.array(sorted(tiles)))
    edges = edges_of_lines(LATTICE, lines)
    assert sorted(edges) == sorted(edges_of_tiles(tiles))
    assert all(2 <= len(line) <= 16 for line in lines)


def test_edges_in_a_row_are_one_line() -> None:
    assert len(grid_lines(LATTICE, np.array([(x, y) for x in range(50) for y in range(30)]))) == 31 + 51


def test_one_tile_far_from_the_others_costs_no_more() -> None:
    far = np.array([(0, 0), (10**9, 5)])
    lattice = Lattice(32635, 400_000.0, 6_700_000.0, 1e-4, 10.0)
    assert len(grid_lines(lattice, far)) == 8


def test_no_tiles_have_no_lines() -> None:
    assert grid_lines(LATTICE, np.zeros((0, 2), dtype=np.int64)) == []


def test_across_the_180th_meridian_longitudes_go_on() -> None:
    lines = grid_lines(FIJI, np.array([(x, 2465) for x in range(240, 256)]))
    longitudes = np.array([longitude for line in lines for _, longitude in line])
    assert longitudes.min() < 180 < longitudes.max()
    assert longitudes.max() - longitudes.min() < 1
    assert lines[0][0][0] == pytest.approx(-16.8, abs=0.5)

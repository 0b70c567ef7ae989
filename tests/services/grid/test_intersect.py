"""The tiles that a shape touches, against the splitter, on shapes whose edges lie on the edges of tiles."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from sentinelhub.areas import BBoxSplitter
from sentinelhub.constants import CRS
from shapely.affinity import translate

from services.errors import GridError
from services.grid import Lattice, TileIndex
from services.grid.intersect import intersecting_tiles

ORIGIN = (400_000.0, 6_700_000.0)
STEP = 60.0
HALVES = st.integers(0, 24)
"""Half tiles from the origin: every second one is an edge."""
BOXES = st.tuples(HALVES, HALVES, st.integers(1, 12), st.integers(1, 12)).map(
    lambda box: (
        ORIGIN[0] + box[0] * STEP / 2,
        ORIGIN[1] + box[1] * STEP / 2,
        ORIGIN[0] + (box[0] + box[2]) * STEP / 2,
        ORIGIN[1] + (box[1] + box[3]) * STEP / 2,
    )
)


@st.composite
def aligned(draw: Any) -> Any:
    """Boxes joined and boxes cut out, all with edges on tiles' edges or in their middle."""
    shape = shapely.union_all([shapely.box(*box) for box in draw(st.lists(BOXES, min_size=1, max_size=5))])
    for box in draw(st.lists(BOXES, max_size=4)):
        cut = shape.difference(shapely.box(*box))
        shape = cut if cut.area > 0 else shape
    return shape


def spiky(seed: int, corners: int, radius: float, snap: float) -> Any:
    """Valid polygons out of a ring whose corners jump in and out, many of them on multiples of `snap` metres."""
    chance = np.random.default_rng(seed)
    turns = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = radius * chance.uniform(0.2, 1.0, corners)
    places = np.column_stack([reach * np.cos(turns), reach * np.sin(turns)])
    snapped = np.where(chance.random((corners, 1)) < 0.5, np.round(places / snap) * snap, places) + ORIGIN
    return shapely.make_valid(shapely.Polygon(snapped), method="structure", keep_collapsed=False)


@st.composite
def ragged(draw: Any) -> Any:
    """Spiky islands, side by side or over each other, with spiky lakes; every other corner on the edge of a tile."""
    seeds = draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=3))
    steps = draw(st.lists(st.integers(-30, 30), min_size=3, max_size=3))
    islands = [
        translate(spiky(seed, draw(st.integers(3, 300)), 12 * STEP, STEP), STEP * step, -STEP * step)
        for seed, step in zip(seeds, steps, strict=False)
    ]
    shape = shapely.union_all(islands)
    lake = shape.difference(spiky(seeds[0] + 1, draw(st.integers(3, 60)), draw(st.integers(1, 9)) * STEP, STEP / 2))
    return lake if lake.area > 0 else shape


@given(shape=ragged(), columns=st.integers(1, 40), rows=st.integers(1, 40), whole=st.booleans())
def test_along_ragged_coasts_with_lakes_and_islands_the_tiles_are_the_splitters(
    shape: Any, columns: int, rows: int, whole: bool
) -> None:
    if whole:  # the extent ends on multiples of the step, and so do all tiles: many corners lie on their edges
        minx, miny, maxx, maxy = np.floor(np.array(shape.bounds) / STEP) * STEP + [0, 0, STEP, STEP]
        columns, rows = round((maxx - minx) / STEP), round((maxy - miny) / STEP)
        frame = [shapely.box(minx, miny, minx + 1, miny + 1), shapely.box(maxx - 1, maxy - 1, maxx, maxy)]
        shape = shapely.union_all([shape, *frame])
    minx, miny, maxx, maxy = shape.bounds
    lattice = Lattice(32635, minx, miny, (maxx - minx) / columns, (maxy - miny) / rows)
    splitter = BBoxSplitter([shape], CRS("32635"), (columns, rows))
    found = intersecting_tiles(shape, lattice, TileIndex(0, 0), columns, rows, 10_000)
    assert [(info["index_x"], info["index_y"]) for info in splitter.get_info_list()] == [*map(tuple, found.tolist())]


@given(shape=aligned(), columns=st.integers(1, 25), rows=st.integers(1, 25))
def test_the_tiles_are_the_splitters_where_edges_coincide(shape: Any, columns: int, rows: int) -> None:
    minx, miny, maxx, maxy = shape.bounds
    lattice = Lattice(32635, minx, miny, (maxx - minx) / columns, (maxy - miny) / rows)
    splitter = BBoxSplitter([shape], CRS("32635"), (columns, rows))
    found = intersecting_tiles(shape, lattice, TileIndex(0, 0), columns, rows, 10_000)
    assert [(info["index_x"], info["index_y"]) for info in splitter.get_info_list()] == [*map(tuple, found.tolist())]


@given(shape=aligned(), x=st.integers(-3, 12), y=st.integers(-3, 12), columns=st.integers(1, 20))
def test_any_extent_of_a_lattice_is_asked_as_tile_by_tile(shape: Any, x: int, y: int, columns: int) -> None:
    lattice = Lattice(32635, *ORIGIN, STEP, STEP)
    found = intersecting_tiles(shape, lattice, TileIndex(x, y), columns, 9, 10_000)
    oracle = [
        (i, j)
        for i in range(x, x + columns)
        for j in range(y, y + 9)
        if shapely.box(*lattice.bounds(TileIndex(i, j))).intersects(shape)
    ]
    assert [*map(tuple, found.tolist())] == oracle


def test_a_corner_that_touches_counts() -> None:
    lattice = Lattice(32635, *ORIGIN, STEP, STEP)
    tile = shapely.box(*lattice.bounds(TileIndex(1, 1)))
    assert len(intersecting_tiles(tile, lattice, TileIndex(0, 0), 3, 3, 9)) == 9


def test_too_many_tiles_are_refused_with_their_number_without_making_them() -> None:
    square = shapely.box(400_000, 6_700_000, 500_000, 6_800_000)
    lattice = Lattice(32635, *ORIGIN, 0.5, 0.5)
    with pytest.raises(GridError, match=r"would have at least [\d,]{12,} tiles; at most 1,000 are accepted") as raised:
        intersecting_tiles(square, lattice, TileIndex(0, 0), 200_000, 200_000, 1_000)
    assert "larger tiles" in raised.value.remedy
    assert "max_tiles" in raised.value.remedy
    with pytest.raises(GridError, match="would have 9 tiles; at most 8"):
        intersecting_tiles(square, Lattice(32635, *ORIGIN, 1e5, 1e5), TileIndex(-1, -1), 3, 3, 8)


def test_a_shape_of_specks_far_apart_needs_no_time_for_what_is_between() -> None:
    specks = shapely.MultiPolygon([shapely.box(x, x, x + 1, x + 1) for x in (1_000, 5_000_000, 9_000_000)])
    found = intersecting_tiles(specks, Lattice(32635, 0.5, 0.5, 10.0, 10.0), TileIndex(0, 0), 900_000, 900_000, 10)
    corners = [(x, y) for near in (99, 499_999) for x in (near, near + 1) for y in (near, near + 1)]
    assert [*map(tuple, found.tolist())] == [*corners, (899_999, 899_999)]


def test_the_answer_is_read_only_and_the_shape_is_left_alone() -> None:
    square = shapely.box(*ORIGIN, ORIGIN[0] + 100, ORIGIN[1] + 100)
    found = intersecting_tiles(square, Lattice(32635, *ORIGIN, STEP, STEP), TileIndex(0, 0), 2, 2, 9)
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0] = 7
    assert not shapely.is_prepared(square)

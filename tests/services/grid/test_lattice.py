"""The arithmetic of tiles and neighbourhoods."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from sentinelhub.constants import CRS
from sentinelhub.geo_utils import bbox_to_dimensions

from services.errors import GridError
from services.grid import Lattice, TileIndex

TEAM = Lattice(32635, 0.0, 0.0, 3300.0, 3300.0)
SPLIT = Lattice(32635, 291_000.5, 6_670_000.25, 3302.1, 3301.2)
FIJI = Lattice(32760, 0.0, 0.0, 3300.0, 3300.0)
LATTICES = st.sampled_from([TEAM, SPLIT, FIJI])


@given(
    lattice=LATTICES,
    x=st.floats(2e5, 8e5),
    y=st.floats(1e5, 9e6),
)
def test_a_point_is_in_the_tile_that_is_found_for_it(lattice: Lattice, x: float, y: float) -> None:
    minx, miny, maxx, maxy = lattice.bounds(lattice.index_of(x, y))
    assert minx <= x < maxx
    assert miny <= y < maxy


@given(lattice=LATTICES, x=st.integers(-500, 3000), y=st.integers(-500, 3000))
def test_a_corner_belongs_to_the_tile_east_and_north_of_it(lattice: Lattice, x: int, y: int) -> None:
    minx, miny, _, _ = lattice.bounds(TileIndex(x, y))
    assert lattice.index_of(minx, miny) == TileIndex(x, y)


def test_tiles_share_their_edges_to_the_last_digit() -> None:
    middle = SPLIT.bounds(TileIndex(7, 9))
    assert SPLIT.bounds(TileIndex(8, 9))[0] == middle[2]
    assert SPLIT.bounds(TileIndex(7, 10))[1] == middle[3]
    assert SPLIT.rectangle(TileIndex(6, 8), 3, 3) == (
        *SPLIT.bounds(TileIndex(6, 8))[:2],
        *SPLIT.bounds(TileIndex(8, 10))[2:],
    )


@pytest.mark.parametrize(("radius", "first", "last"), [(0, (7, 9), (7, 9)), (1, (6, 10), (8, 8)), (2, (5, 11), (9, 7))])
def test_a_neighbourhood_is_listed_north_row_first(radius: int, first: tuple[int, int], last: tuple[int, int]) -> None:
    around = TEAM.neighbourhood(TileIndex(7, 1900), radius)
    shift = 1900 - 9
    assert len(around.indices) == around.side**2
    assert around.indices[0] == TileIndex(first[0], first[1] + shift)
    assert around.indices[-1] == TileIndex(last[0], last[1] + shift)
    assert [tile.index for tile in around.tiles] == list(around.indices)
    rows = [index.y for index in around.indices[:: around.side]]
    assert rows == sorted(rows, reverse=True)


def test_the_bounds_of_a_neighbourhood_are_those_of_its_tiles() -> None:
    around = SPLIT.neighbourhood(TileIndex(35, 25), 1)
    boxes = np.array([tile.bounds for tile in around.tiles])
    assert around.bounds == (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))


@given(
    lattice=st.sampled_from([TEAM, SPLIT, FIJI]),
    x=st.integers(60, 240),
    y=st.integers(10, 2700),
    radius=st.sampled_from([0, 1, 2]),
)
def test_bounds_in_degrees_cover_every_point_of_the_edge(lattice: Lattice, x: int, y: int, radius: int) -> None:
    if lattice is SPLIT:
        x, y = x - 60, y % 500
    around = lattice.neighbourhood(TileIndex(x, y), radius)
    minx, miny, maxx, maxy = around.bounds
    steps = np.linspace(0, 1, 97)
    xs = np.concatenate([minx + steps * (maxx - minx)] * 2 + [np.full(97, minx), np.full(97, maxx)])
    ys = np.concatenate([np.full(97, miny), np.full(97, maxy)] + [miny + steps * (maxy - miny)] * 2)
    longitudes, latitudes = Transformer.from_crs(lattice.epsg, 4326, always_xy=True).transform(xs, ys)
    west, south, east, north = around.bounds_wgs84
    assert south <= latitudes.min()
    assert latitudes.max() <= north
    assert south > latitudes.min() - 1e-4
    if west <= east:
        assert west <= longitudes.min()
        assert longitudes.max() <= east
    else:
        assert all(longitude >= west or longitude <= east for longitude in longitudes)


def test_a_neighbourhood_across_the_180th_meridian_is_one_ring_with_bounds_that_wrap() -> None:
    around = FIJI.neighbourhood(FIJI.index_of(820_300.0, 8_137_000.0), 2)
    west, _, east, _ = around.bounds_wgs84
    assert 179 < west < 180
    assert -180 < east < -179
    longitudes = np.array(around.polygon_wgs84)[:, 0]
    assert np.abs(np.diff(longitudes)).max() < 0.1
    assert longitudes.max() > 180
    assert around.polygon_wgs84[0] == around.polygon_wgs84[-1]


def test_the_size_in_pixels_is_sentinelhubs() -> None:
    for resolution in (10, 20, 60):
        tile = SPLIT.tile(TileIndex(35, 25))
        assert tile.size_px(resolution) == bbox_to_dimensions(tile.bbox, resolution) == SPLIT.size_px(resolution)
    assert (tile.bbox.crs, tuple(tile.bbox)) == (CRS("32635"), tile.bounds)
    assert tile.name == "x35_y25"


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((4326, 0.0, 0.0, 1.0, 1.0), "EPSG:4326"),
        ((32661, 0.0, 0.0, 1.0, 1.0), "EPSG:32661"),
        ((32635, 0.0, 0.0, 0.0, 1.0), r"0\.0 × 1\.0"),
        ((32635, 0.0, 0.0, 1.0, -3.0), r"-3\.0"),
        ((32635, math.nan, 0.0, 1.0, 1.0), "nan"),
        ((32635, 0.0, math.inf, 1.0, 1.0), "inf"),
    ],
)
def test_numbers_that_make_no_lattice_are_refused(numbers: tuple[int, float, float, float, float], words: str) -> None:
    with pytest.raises(GridError, match=words):
        Lattice(*numbers)


@pytest.mark.parametrize("radius", [-1, 3, 100])
def test_a_radius_that_is_not_offered_is_refused(radius: int) -> None:
    with pytest.raises(GridError, match=f"got {radius}"):
        TEAM.neighbourhood(TileIndex(1, 1), radius)


@pytest.mark.parametrize("x", [10**6, -(10**9), 10**400])
def test_a_tile_that_is_not_on_earth_is_refused(x: int) -> None:
    with pytest.raises(GridError, match="not on Earth"):
        TEAM.neighbourhood(TileIndex(x, 2000), 1)


def test_a_point_without_a_place_and_a_pixel_under_a_metre_are_refused() -> None:
    with pytest.raises(GridError, match="no place"):
        TEAM.index_of(math.inf, 0.0)
    with pytest.raises(GridError, match="got 0"):
        TEAM.size_px(0)

"""Tiles and their names, against published ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.demo.orbits.mgrs import TILE, Tile, degrees_of, exists, tile_named, tiles_over
from services.demo.world import transformer

PUBLISHED = {
    "35VLG": (32635, 300000, 6700020),
    "32UPU": (32632, 600000, 5400000),
    "33UUP": (32633, 300000, 5400000),
    "29TNE": (32629, 499980, 4500000),
    "36KWA": (32736, 499980, 7600020),
    "32TPT": (32632, 600000, 5300040),
    "48RWR": (32648, 499980, 3100020),
    "23KQQ": (32723, 699960, 7500000),
    "53SLU": (32653, 300000, 3900000),
}
"""EPSG code and upper left corner of tiles, from the metadata of products."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_tile_is_where_its_metadata_says(name: str) -> None:
    tile = tile_named(name)
    assert tile is not None
    left, _, _, top = tile.bounds
    epsg, ulx, uly = PUBLISHED[name]
    assert (tile.epsg, left) == (epsg, ulx)
    assert abs(top - uly) <= 20  # corners are on multiples of 60 m; the table is rounded
    assert top % 60 == 0
    assert left % 60 == 0


@pytest.mark.parametrize("name", ["35VLI", "35VOG", "61VLG", "00VLG", "35ALG", "35YLG", "VLG", "", "32XLR", "3५VLG"])
def test_a_name_that_no_square_has_is_none(name: str) -> None:
    assert tile_named(name) is None


@given(st.floats(-180, 179.999), st.floats(-79.9, 83.9))
def test_every_place_lies_on_a_tile_with_a_name_of_its_own(longitude: float, latitude: float) -> None:
    containing = []
    for tile in tiles_over(longitude, latitude, longitude, latitude):
        x, y = transformer(4326, tile.epsg).transform(longitude, latitude)
        west, south, east, north = tile.bounds
        if west <= x <= east and south <= y <= north:
            containing.append(tile)
    assert containing
    assert all(tile_named(tile.name) == tile for tile in containing)
    assert len({tile.name for tile in containing}) == len(containing)


def test_bergen_is_in_the_widened_zone_of_norway() -> None:
    names = {tile.name[:3] for tile in tiles_over(5.3, 60.3, 5.4, 60.4)}
    assert "32V" in names
    assert not {"31V"} & {tile.name[:3] for tile in tiles_over(5.3, 60.3, 5.4, 60.4) if tile.column > 5}


def test_svalbard_has_no_tiles_of_the_zones_that_are_left_out() -> None:
    zones = {tile.zone for tile in tiles_over(5, 78, 40, 79)}
    assert {31, 33, 35, 37} <= zones
    assert not zones & {32, 34, 36}


def test_tiles_across_the_180th_meridian_come_from_both_zones() -> None:
    assert {tile.zone for tile in tiles_over(179.5, -17, 180.5, -16.5)} == {1, 60}


def test_longitudes_of_a_zone_go_on_beyond_180() -> None:
    longitudes, _ = degrees_of(32660, [833_000, 900_000], [1_000_000, 1_000_000])
    assert 180 < longitudes[0] < longitudes[1] < 182


def test_neighbouring_tiles_overlap_by_almost_ten_kilometres() -> None:
    left, right = Tile(35, False, 3, 66), Tile(35, False, 4, 66)
    assert exists(left)
    assert exists(right)
    assert left.bounds[2] - right.bounds[0] == pytest.approx(TILE - 99_960)

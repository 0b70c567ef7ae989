"""Grids by zone: each place of an area is in the grid of the zone that sentinelhub says it is in."""

from random import Random

import pytest
from sentinelhub.constants import CRS

from services.area import parse_aoi
from services.errors import AreaError
from services.grid import Grid, largest_zone, linked, part_in, zone_grids, zones_of
from services.settings import Settings

ROOMY = Settings.model_construct(max_area_km2=1e8)
NARROW = Settings.model_construct(max_reach_km=200.0)
WIDE = "23, 60, 31.5, 60.02"
"""Zones 34 to 36; more than 200 km to the east of the middle of zone 35."""
PLACES = {
    "a meridian": "23.98, 60.0, 24.02, 60.02",
    "west Norway": "2.9, 63.9, 6.1, 64.1",
    "Svalbard": "20.9, 71.95, 21.1, 72.05",
    "the equator": "-0.03, -0.03, 0.03, 0.03",
    "the 180th meridian": "179.98, 10, -179.98, 10.02",
}


@pytest.mark.parametrize("bounds", PLACES.values(), ids=PLACES)
def test_every_place_is_in_a_tile_of_its_own_zone(bounds: str) -> None:
    aoi = parse_aoi(bounds, limits=ROOMY)
    grids = {grid.lattice.epsg: grid for grid in zone_grids(aoi, 3300, ROOMY)}
    west, south, east, north = aoi.bounds
    chance, seen = Random(1), set()
    for _ in range(300):
        longitude = chance.uniform(west, east + 360 if west > east else east)
        longitude -= 360 if longitude > 180 else 0
        latitude = chance.uniform(south, north)
        zone = int(CRS.get_utm_from_wgs84(longitude, latitude).value)
        assert grids[zone].number(grids[zone].tile_at(longitude, latitude)) is not None, (longitude, latitude)
        seen.add(zone)
    assert seen == set(grids) == set(zones_of(aoi)), "and there is no zone without a place"


def test_an_area_that_ends_at_a_meridian_is_in_one_zone() -> None:
    assert zones_of(parse_aoi("24.0, 60.0, 24.1, 60.1")) == (32635,)
    assert zones_of(parse_aoi("23.9, 60.0, 24.0, 60.1")) == (32634,)


def test_a_part_has_only_the_tiles_near_it() -> None:
    aoi = parse_aoi("23.5, 60.0, 24.5, 60.1", limits=ROOMY)
    for grid in zone_grids(aoi, 3300, ROOMY):
        west, _, east, _ = part_in(aoi, grid.lattice.epsg).bounds
        assert (west, east) == ((23.5, 24.0) if grid.lattice.epsg == 32634 else (24.0, 24.5))
        assert grid.aoi is aoi and len(grid) < len(Grid.team(aoi, 3300, ROOMY, grid.lattice.epsg))


@pytest.mark.parametrize("bounds", ["23.5, 60.0, 24.6, 60.1", WIDE], ids=["two zones", "too wide for one"])
def test_the_grid_of_each_zone_is_found_again_by_its_name_and_link(bounds: str) -> None:
    """The zone of the middle has all of an area in it, unless that is too wide."""
    aoi = parse_aoi(bounds)
    for grid in zone_grids(aoi, 3300, NARROW):
        again = Grid.from_spec(aoi, linked(aoi, grid.link), NARROW)
        middle = grid.lattice.epsg == aoi.epsg and bounds != WIDE
        assert again == (Grid.team(aoi, 3300, NARROW) if middle else grid), grid.spec
    assert largest_zone(aoi) == max(zone_grids(aoi, 3300, NARROW), key=len).lattice.epsg


def test_an_area_too_wide_for_one_zone_is_refused_for_one_grid_alone() -> None:
    aoi = parse_aoi(WIDE, limits=NARROW)
    for cut in ("3300", "10x2", "10x2z35"):
        with pytest.raises(AreaError, match=r"2\d\d km from the middle of UTM zone 35, where at most 200 km") as raised:
            Grid.from_spec(aoi, cut, NARROW)
        assert "a grid for each UTM zone" in raised.value.remedy and "max_reach_km" in raised.value.remedy
    assert [grid.lattice.epsg for grid in zone_grids(aoi, 3300, NARROW)] == [32634, 32635, 32636]


@pytest.mark.parametrize(
    "text",
    [
        "-50, 0, 50, 0.01",
        "-89, 0, 89.9, 0.001",
        "0, 60, 179.9, 60.0001",
        "MULTIPOLYGON (((24 60, 25 60, 25 61, 24 60)), ((-120 30, -119 30, -119 31, -120 30)))",
    ],
)
def test_however_wide_it_is_no_grid_of_one_zone_is_made(text: str) -> None:
    aoi = parse_aoi(text)
    with pytest.raises(AreaError, match="too wide for one grid"):
        Grid.team(aoi, 3300)
    assert any("a grid in each" in note for note in aoi.notes)
    assert {grid.lattice.epsg for grid in zone_grids(aoi, 25_200)} == set(zones_of(aoi))

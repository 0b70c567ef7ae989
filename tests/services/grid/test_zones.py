"""Grids by zone: each place of an area is in the grid of the zone that sentinelhub says it is in."""

from random import Random

import pytest
from sentinelhub.constants import CRS

from services.area import parse_aoi
from services.grid import zone_grids, zones_of
from services.settings import Settings

ROOMY = Settings.model_construct(max_area_km2=1e8)
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
        west, _, east, _ = grid.aoi.bounds
        assert (west, east) == ((23.5, 24.0) if grid.lattice.epsg == 32634 else (24.0, 24.5))

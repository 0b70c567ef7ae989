"""From what was found to an area, against outlines and distances that are known."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import Point as Spot

from services.area import AOI
from services.errors import AreaError
from services.grid import Grid
from services.places import Point, area_around, area_of_words, area_under, brought, suggest
from services.settings import Settings

LIMITS = Settings.model_construct()


def area(text: str) -> AOI:
    return area_of_words(text, LIMITS)


@given(st.floats(-79, 83), st.floats(-179.99, 179.99), st.sampled_from([600, 3300, 9960]))
@settings(max_examples=60, deadline=None)
def test_a_point_becomes_the_centre_tile_of_the_team_grid(latitude: float, longitude: float, size: int) -> None:
    aoi = area_around(Point(longitude, latitude, "Read so."), LIMITS, tile_size=size)
    grid = Grid.team(aoi, size)
    middle = grid.middle()
    assert len(grid) == 1 and middle == grid.tile_at(longitude, latitude)
    edges = grid.tile(middle).bounds
    assert all(edge % size == 0 for edge in edges), "the tile that everybody has"
    assert 0 < aoi.area_km2 < 1.01 * size**2 / 1e6


def test_its_area_is_the_whole_tile() -> None:
    for latitude, longitude in ((52.37, 4.89), (-33.9, 18.4), (78.2, 15.6), (0.001, 9.5)):
        aoi = area_around(Point(longitude, latitude, ""), LIMITS)
        assert aoi.area_km2 == pytest.approx(3.3**2, rel=0.01)


@given(st.integers(-30, 29), st.floats(-70, 83), st.sampled_from([-1e-4, 0, 1e-4, 0.01]))
@settings(max_examples=40, deadline=None)
def test_that_holds_at_the_edges_of_zones_too(zone: int, latitude: float, beside: float) -> None:
    longitude = max(-180.0, 6 * zone + beside)
    grid = Grid.team(area_around(Point(longitude, latitude, ""), LIMITS), 3300)
    assert len(grid) == 1 and grid.middle() == grid.tile_at(longitude, latitude)


@pytest.mark.parametrize(
    ("text", "square_kilometres"), [("Lake Balaton", 592), ("Lake Geneva", 580), ("Vänern", 5650), ("Uusimaa", 9568)]
)
def test_waters_and_regions_are_as_large_as_they_are_said_to_be(text: str, square_kilometres: float) -> None:
    assert area(text).area_km2 == pytest.approx(square_kilometres, rel=0.12)


@pytest.mark.parametrize(
    ("text", "side", "notes"),
    [
        ("Helsinki", 20, "Helsinki, Uusimaa, Finland is a city; its area is a box of 20 × 20 km around its middle."),
        ("Wageningen", 5, "is a city"),
        ("Kemijoki", 20, "is a river; its area is a box of 20 × 20 km around the middle of its course."),
    ],
)
def test_a_city_and_a_river_are_a_box_around_them(text: str, side: float, notes: str) -> None:
    aoi = area(text)
    west, south, east, north = aoi.bounds
    _, _, height = Geod(ellps="WGS84").inv(west, south, west, north)
    _, _, width = Geod(ellps="WGS84").inv(west, (south + north) / 2, east, (south + north) / 2)
    assert (width / 1000, height / 1000) == pytest.approx((side, side), rel=0.01)
    assert notes in aoi.notes[0]
    found = suggest(text).places[0]
    assert aoi.geometry.centroid.distance(Spot(found.longitude, found.latitude)) < 1e-6


def test_a_lake_says_that_it_is_one_and_where() -> None:
    aoi = area("lake saimaa")
    assert aoi.name == "Lake Saimaa, Finland" and aoi.notes[0] == "Lake Saimaa, Finland is a lake."
    assert aoi.geometry.contains(Spot(28.30, 61.20)) and not aoi.geometry.contains(Spot(28.19, 61.06))


def test_of_several_of_one_name_the_important_one_is_taken_and_the_others_are_named() -> None:
    aoi = area("Paris")
    assert aoi.name.startswith("Paris") and "France" in aoi.name
    assert any("Texas" in note and "have that name too" in note for note in aoi.notes)
    assert "Texas" in area("Paris, Texas").name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("helsnki", "is called 'helsnki'. Helsinki — City, Uusimaa, Finland"),
        ("northe", "Names that begin so are of"),
        ("qqqqxz", "No city, lake, river, park, region or country is called 'qqqqxz'. Write"),
        ("", "is called ''"),
        ("85, 3", "The point is at 85° N, 3° E; Sentinel-2's tiles end at 84° N and 80° S"),
        ("Russia", "Russia measures 16,9"),
    ],
)
def test_what_is_no_area_says_why_and_what_is_like_it(text: str, words: str) -> None:
    with pytest.raises(AreaError) as raised:
        area(text)
    assert words in str(raised.value) and raised.value.remedy


def test_a_pick_by_number_is_that_place_and_a_wrong_number_is_refused() -> None:
    found = suggest("Helsinki").places[0]
    assert area_under(found.number, LIMITS).name == found.title
    for number in (-3, 10**9):
        with pytest.raises(AreaError, match="There is no place number"):
            area_under(number, LIMITS)


def test_two_corners_with_commas_stay_the_box_that_they_were() -> None:
    assert brought("24,60 25,61", LIMITS) is None, "west, south, east, north"
    point = brought("52,37 4,89", LIMITS)
    assert point is not None and any("decimal commas" in note for note in point.notes)
    assert brought("24.5, 60.3, 25.5, 60.9", LIMITS) is None and brought("Helsinki", LIMITS) is None


def test_a_place_across_the_180th_meridian_is_in_one_piece() -> None:
    aoi = area_around(Point(179.9999, 0.5, ""), LIMITS)
    assert 1 < aoi.area_km2 < 11 and math.isfinite(aoi.bounds[0])

"""National parks: their rows against the outlines of countries and another list, and how a search finds them."""

import csv
from collections import Counter
from pathlib import Path

import pyogrio.raw
import pytest
import shapely
from pyproj import Geod

from services.area import all_places, folded, gazetteer
from services.places import Found, area_of_words, suggest
from services.settings import Settings

FILE = Path(__file__).resolve().parents[3] / "tools" / "parks.csv"
ROWS = list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()))
AWAY = 60_000
"""Metres from a country's coast or border within which a park's point may lie."""
AT_SEA = {"Dry Tortugas National Park": 80_000, "Similan Islands National Park": 80_000}
"""As much, of islands that the outlines of countries do not have."""
APART = 75_000
"""Metres between two points for one park; the largest are 200 km wide."""
EARTH = Geod(ellps="WGS84")
UNESCO = {
    "Kahuzi-Biéga National Park": (-2.5, 28.75), "Salonga National Park": (-2, 21),
    "Kakadu National Park": (-12.83, 132.83), "Purnululu National Park": (-17.5, 128.5),
    "Uluṟu-Kata Tjuṯa National Park": (-25.33, 131), "Noel Kempff Mercado National Park": (-14.27, -60.87),
    "Serra da Capivara National Park": (-8.42, -42.33), "Pirin National Park": (41.74, 23.43),
    "Gros Morne National Park": (49.61, -57.53), "Wood Buffalo National Park": (59.36, -112.29),
    "Los Katíos National Park": (7.67, -77), "Plitvice Lakes National Park": (44.88, 15.61),
    "Morne Trois Pitons National Park": (15.27, -61.28), "Sangay National Park": (-1.83, -78.33),
    "Simien Mountains National Park": (13.18, 38.07), "Hortobágy National Park": (47.59, 21.16),
    "Vatnajökull National Park": (64.58, -16.88), "Kaziranga National Park": (26.67, 93.42),
    "Khangchendzonga National Park": (27.76, 88.38), "Keoladeo National Park": (27.16, 77.51),
    "Komodo National Park": (-8.54, 119.49), "Lorentz National Park": (-4.75, 137.83),
    "Ujung Kulon National Park": (-6.75, 105.33), "Mount Kenya National Park": (-0.16, 37.32),
    "Lake Malawi National Park": (-14.03, 34.88), "Gunung Mulu National Park": (4.13, 114.92),
    "Banc d'Arguin National Park": (20.23, -16.11), "Tongariro National Park": (-39.29, 175.56),
    "Chitwan National Park": (27.5, 84.33), "Sagarmatha National Park": (27.97, 86.91),
    "Darién National Park": (7.74, -77.55), "Huascarán National Park": (-9.33, -77.4),
    "Manu National Park": (-12.25, -71.75), "Niokolo-Koba National Park": (13.07, -12.72),
    "Doñana National Park": (36.95, -6.36), "Teide National Park": (28.27, -16.64),
    "Garajonay National Park": (28.13, -17.24), "Kilimanjaro National Park": (-3.07, 37.37),
    "Bwindi Impenetrable National Park": (-1.08, 29.66), "Yellowstone National Park": (44.46, -110.83),
    "Grand Canyon National Park": (36.10, -112.09), "Yosemite National Park": (37.75, -119.60),
    "Everglades National Park": (25.55, -81.0), "Olympic National Park": (47.75, -123.45),
    "Canaima National Park": (5.33, -61.5), "Phong Nha–Ke Bang National Park": (17.54, 106.15),
}  # fmt: skip
"""Latitude and longitude in UNESCO's World Heritage List."""


def first(text: str) -> Found:
    return suggest(text).places[0]


def test_rows_are_whole_and_each_park_has_one() -> None:
    assert len(ROWS) > 1400
    for row in ROWS:
        assert row["id"].startswith(("Q", "whc-", "gd-")) and row["name"] == row["name"].strip() != ""
        assert abs(float(row["latitude"])) <= 84 and abs(float(row["longitude"])) <= 180
    for what in (Counter(row["id"] for row in ROWS), Counter((folded(row["name"]), row["country"]) for row in ROWS)):
        assert {key for key, count in what.items() if count > 1} == set()


def test_each_lies_in_its_country_or_close_to_its_coast() -> None:
    _, _, stored, _ = pyogrio.raw.read(gazetteer._file(), columns=[])
    places = {code: place.row for place in all_places() if not place.country for code in place.codes}
    far = {}
    for code in {row["country"] for row in ROWS}:
        outline = shapely.from_wkb(stored[places[code]])
        shapely.prepare(outline)
        for row in (row for row in ROWS if row["country"] == code):
            point = shapely.Point(float(row["longitude"]), float(row["latitude"]))
            if not outline.contains(point):
                near = shapely.shortest_line(point, outline).coords
                away = EARTH.inv(*near[0], *near[1])[2]
                if away > AT_SEA.get(row["name"], AWAY):
                    far[row["name"]] = round(away / 1000)
    assert far == {}


def test_they_lie_where_another_list_has_them() -> None:
    rows = {row["name"]: row for row in ROWS if row["id"].startswith("Q")}
    far = {
        name: round(away / 1000)
        for name, (latitude, longitude) in UNESCO.items()
        if (away := EARTH.inv(longitude, latitude, float(rows[name]["longitude"]), float(rows[name]["latitude"]))[2])
        > APART
    }
    assert far == {}


@pytest.mark.parametrize(
    ("text", "name", "where"),
    [
        ("Serengeti", "Serengeti National Park", "Tanzania"),
        ("yellowstone national park", "Yellowstone National Park", "United States"),
        ("Nuuksio", "Nuuksio National Park", "Finland"),
        ("Plitvice", "Plitvice Lakes National Park", "Croatia"),
        ("Kruger National Park", "Kruger National Park", "South Africa"),
        ("kruger park", "Kruger National Park", "South Africa"),
        ("banff np", "Banff National Park", "Canada"),
        ("galapagos national park", "Galápagos National Park", "Ecuador"),
        ("Thingvellir", "Thingvellir National Park", "Iceland"),
        ("Þingvellir", "Thingvellir National Park", "Iceland"),
        ("sumava", "Šumava National Park", "Czech"),
        ("vatnajokull", "Vatnajökull National Park", "Iceland"),
        ("Snowdonia", "Eryri National Park", "United Kingdom"),
        ("nairobi, park", "Nairobi National Park", "Kenya"),
        ("glacier national park, canada", "Glacier National Park", "Canada"),
        ("Wadi Rum", "Wadi Rum Protected Area", "Jordan"),
    ],
)
def test_a_park_is_found_by_its_name_with_or_without_what_it_is(text: str, name: str, where: str) -> None:
    found = suggest(text)
    assert not found.like
    assert (found.places[0].kind, found.places[0].name) == ("Park", name) and where in found.places[0].where


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Serengetti", "Serengeti National Park"), ("yelowstone", "Yellowstone National Park"),
        ("Nuksio", "Nuuksio National Park"), ("Krueger National Park", "Kruger National Park"),
        ("Josemite", "Yosemite National Park"),
    ],
)  # fmt: skip
def test_a_misspelled_park_is_suggested(text: str, name: str) -> None:
    found = suggest(text)
    assert found.like and name in [one.name for one in found.places[:3]]


@pytest.mark.parametrize("city", ["Nairobi", "Arusha", "Faro", "Sochi", "Tbilisi", "Jasper", "Prince Albert"])
def test_a_city_comes_before_the_park_that_is_named_after_it(city: str) -> None:
    kinds = [one.kind for one in suggest(city, 40).places[: suggest(city, 40).whole]]
    assert kinds[0] != "Park" and "Park" in kinds


def test_no_park_comes_before_another_place_of_its_name() -> None:
    for row in ROWS[::3]:
        for name in {row["name"], row["name"].partition(" National Park")[0]}:
            found = suggest(name, 40)
            kinds = [one.kind == "Park" for one in found.places[: found.whole]]
            assert kinds == sorted(kinds), name


def test_its_area_is_a_box_around_its_point() -> None:
    aoi = area_of_words("Serengeti", Settings.model_construct())
    assert aoi.name == "Serengeti National Park, Tanzania" and aoi.area_km2 == pytest.approx(400, rel=0.02)
    assert aoi.notes[0].startswith(
        "Serengeti National Park, Tanzania is a park; its area is a box of 20 × 20 km around"
    )
    found = first("Serengeti")
    assert aoi.geometry.centroid.distance(shapely.Point(found.longitude, found.latitude)) < 1e-6

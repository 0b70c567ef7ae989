"""Countries and regions by name, against Natural Earth's own countries at another scale."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from shapely.geometry import MultiPolygon, Polygon

from services.area import AOI, all_places, area_of_place, gazetteer
from services.area.gazetteer import FOLDER, Place, folded, outline_of_place
from services.errors import AreaError
from services.settings import Settings
from tests.services.places_by_name import place_called

LIMITS = Settings.model_construct()
WIDE = Settings.model_construct(max_area_km2=1e9, max_reach_km=30_000)
ATLAS = Path(__file__).parents[3] / "pages/assets/vendor/world-atlas-2.0.2/countries-50m.json"


def area(name: str, limits: Settings = LIMITS) -> AOI:
    return area_of_place(place_called(name), limits)


def polygons(place: Place) -> list[Polygon]:
    return [Polygon(rings[0], rings[1:]) for rings in outline_of_place(place).polygons]


@lru_cache
def atlas() -> dict[str, Any]:
    """Natural Earth's countries at 1:50 million by name, from the map's TopoJSON."""
    topology = json.loads(ATLAS.read_text())
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(arc, axis=0) * scale + shift for arc in topology["arcs"]]

    def ring(numbers: list[int]) -> Any:
        lines = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
        positions = np.concatenate([line[:-1] for line in lines] + [lines[0][:1]])
        return np.column_stack([np.unwrap(positions[:, 0], period=360), positions[:, 1]])

    found = {}
    for country in topology["objects"]["countries"]["geometries"]:
        parts = [country["arcs"]] if country["type"] == "Polygon" else country["arcs"]
        found[country["properties"]["name"]] = shapely.make_valid(
            MultiPolygon([Polygon(ring(part[0]), [ring(hole) for hole in part[1:]]) for part in parts])
        )
    return found


@pytest.mark.parametrize(
    "name", ["Finland", "Germany", "Uruguay", "Kenya", "Sri Lanka", "Paraguay", "Iceland", "New Zealand", "Lesotho"]
)
def test_a_country_lies_where_another_scale_of_the_data_has_it(name: str) -> None:
    ours, theirs = area(name, WIDE).geometry, atlas()[name]
    assert ours.intersection(theirs).area / ours.union(theirs).area > 0.95


def test_fiji_lies_there_too_on_both_sides_of_the_180th_meridian() -> None:
    aoi = area("Fiji")
    ours, theirs = (
        shapely.transform(one, lambda xy: xy % [360, 180] - [0, 180]) for one in (aoi.geometry, atlas()["Fiji"])
    )
    assert ours.intersection(theirs).area / ours.union(theirs).area > 0.85  # islands at 1:50 million
    assert aoi.crosses_antimeridian and aoi.bounds[0] > 174 and aoi.bounds[2] < -178


def test_russia_and_its_last_region_go_on_beyond_180_degrees() -> None:
    for name in ("Russia", "Chukotka Autonomous Okrug"):
        aoi = area(name, WIDE)
        assert aoi.crosses_antimeridian and aoi.bounds[2] == pytest.approx(-169, abs=0.2), name
    mainland = max(polygons(place_called("Russia")), key=lambda polygon: polygon.area)
    assert mainland.bounds[2] > 180, "in one piece, not cut"


def test_every_outline_is_valid_closed_and_on_earth() -> None:
    _, _, stored, _ = pyogrio.raw.read(gazetteer._file(), columns=[])  # all at once: each by itself takes minutes
    shapes = shapely.from_wkb(stored)
    for place in all_places():
        shape = shapes[place.row]
        assert shape.is_valid and all(part.area > 0 for part in shape.geoms), place.label
        rings = [ring for part in shape.geoms for ring in (part.exterior, *part.interiors)]
        assert rings and all(ring.is_closed and len(ring.coords) >= 4 for ring in rings), place.label
        west, south, east, north = shape.bounds
        assert -180 <= west < east < 191 and -60 < south < north < 84, place.label
    for place in all_places()[::200]:
        assert MultiPolygon(polygons(place)).equals(shapes[place.row]), place.label


@pytest.mark.parametrize("country", ["Finland", "Germany", "Japan", "Kenya", "Belgium", "Switzerland"])
def test_regions_meet_without_overlaps_and_make_the_country(country: str) -> None:
    states = [p for p in all_places() if p.country == country and any("-" in code for code in p.codes)]
    shapes = [MultiPolygon(polygons(state)) for state in states]
    whole = MultiPolygon(polygons(place_called(country)))
    union = shapely.union_all(shapes)
    assert union.symmetric_difference(whole).area < 1e-3 * whole.area
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "square_kilometres"),
    [("Uusimaa", 9_568), ("Bavaria", 70_550), ("California", 423_970), ("Tuscany", 22_985), ("Scotland", 77_910)],
)
def test_regions_are_as_large_as_their_governments_say(name: str, square_kilometres: float) -> None:
    assert area(name).area_km2 == pytest.approx(square_kilometres, rel=0.07)


def test_every_label_is_one_place() -> None:
    labels = [place.label for place in all_places()]
    assert len(labels) == len(set(labels)) > 4_900
    assert labels == sorted(labels, key=lambda label: (folded(label), label))


def test_a_country_that_is_too_large_says_so_by_name_and_points_to_its_regions() -> None:
    with pytest.raises(AreaError) as raised:
        area("Russia")
    assert str(raised.value).startswith("Russia measures 16,9")
    assert "at most 500,000 km² are accepted. Give a smaller area" in str(raised.value)
    assert raised.value.remedy.endswith("Its regions are in the list too.")
    with pytest.raises(AreaError, match=r"^Alaska measures 1,\d{3},\d{3} km²") as raised:
        area("Alaska")
    assert "regions" not in raised.value.remedy


def test_a_place_is_an_area_under_its_name_and_country_with_the_usual_notes() -> None:
    aoi = area("Uusimaa")
    assert aoi.name == "Uusimaa, Finland" and area("Finland").name == "Finland"
    norway = "Norway without Svalbard and Bouvet Island"
    assert place_called(norway).title == norway
    assert any("UTM zones 34 to 35" in note for note in aoi.notes)
    assert area("Uusimaa, Finland").digest == aoi.digest


def test_the_files_are_those_of_the_manifest() -> None:
    manifest = json.loads((FOLDER / "MANIFEST.json").read_text())
    assert "public domain" in manifest["licence"] and manifest["data"].endswith("1:10 million, version 5")
    assert {path.name for path in FOLDER.iterdir() if path.suffix in {".xz", ".json"}} == {
        *manifest["files"],
        "MANIFEST.json",
    }
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest, name

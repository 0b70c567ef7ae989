"""Places by their names: what is suggested, in which order, and what the files are."""

import hashlib
import json

import pytest

from services.area import all_places, folded
from services.places import Found, entry, suggest
from services.places.index import FOLDER


def names(text: str, most: int = 8) -> list[str]:
    return [f"{one.kind}: {one.name}" for one in suggest(text, most).places]


def first(text: str) -> Found:
    return suggest(text).places[0]


@pytest.mark.parametrize(
    ("text", "kind", "name", "where"),
    [
        ("Helsinki", "City", "Helsinki", "Finland"),
        ("HELSINGFORS", "City", "Helsinki", "Finland"),
        ("Ελσίνκι", "City", "Helsinki", "Finland"),
        ("東京", "City", "Tokyo", "Japan"),
        ("munchen", "City", "Munich", "Germany"),
        ("sao paulo", "City", "São Paulo", "Brazil"),
        ("Wageningen", "City", "Wageningen", "Netherlands"),
        ("springfield, illinois", "City", "Springfield", "Illinois"),
        ("paris, tex", "City", "Paris", "Texas"),
        ("berlin, region", "Region", "Berlin", "Germany"),
        ("Lake Saimaa", "Lake", "Lake Saimaa", "Finland"),
        ("saimaa", "Lake", "Lake Saimaa", "Finland"),
        ("saimaa lake", "Lake", "Lake Saimaa", "Finland"),
        ("Genfersee", "Lake", "Lake Geneva", "Switzerland"),
        ("Léman", "Lake", "Lake Geneva", "Switzerland"),
        ("danube", "River", "Danube", "Serbia"),
        ("river thames", "River", "Thames", "United Kingdom"),
        ("Kemijoki", "River", "Kemijoki", "Finland"),
        ("uusimaa", "Region", "Uusimaa", "Finland"),
        ("FI-18", "Region", "Uusimaa", "Finland"),
        ("finl", "Country", "Finland", ""),
        ("S", "Country", "Saudi Arabia", ""),
    ],
)
def test_a_place_comes_first_by_any_of_its_names(text: str, kind: str, name: str, where: str) -> None:
    found = first(text)
    assert (found.kind, found.name) == (kind, name) and where in found.where
    assert not suggest(text).like


@pytest.mark.parametrize(
    ("text", "name"),
    [("helsnki", "Helsinki"), ("wagenigen", "Wageningen"), ("amsterdm", "Amsterdam"), ("lake saiima", "Lake Saimaa")],
)
def test_a_misspelled_name_suggests_the_one_that_is_meant(text: str, name: str) -> None:
    found = suggest(text)
    assert found.like and found.places[0].name == name and found.whole == 0


def test_names_that_begin_so_go_by_importance_and_own_names_before_others() -> None:
    shown = suggest("ber").places
    assert "Berlin" in [one.name for one in shown[:3]]
    assert "City: Helsinki" in names("hel", 4) and names("hel").index("City: Helsinki") < 3
    assert "City: Paris" in names("par", 5)
    assert suggest("berlin").whole >= 2, "the city and the region are called just so"


@pytest.mark.parametrize("text", ["", "   ", ",", "!!", "qqqqxz", "x" * 100_000, "0"])
def test_nothing_is_found_of_nothing(text: str) -> None:
    assert not [one for one in suggest(text).places if folded(one.name).startswith("xxx")]
    assert suggest(text).whole == 0


@pytest.mark.parametrize(
    ("text", "latitude", "longitude"),
    [
        ("Amsterdam", 52.37, 4.90), ("Nairobi", -1.29, 36.82), ("Ushuaia", -54.8, -68.3), ("Suva", -18.14, 178.44),
        ("Lake Balaton", 46.8, 17.7), ("Lake Chad", 13.0, 14.4),
    ],
)  # fmt: skip
def test_places_lie_where_atlases_have_them(text: str, latitude: float, longitude: float) -> None:
    found = first(text)
    assert (found.latitude, found.longitude) == pytest.approx((latitude, longitude), abs=0.5)


def test_every_country_and_region_is_found_by_its_own_name() -> None:
    for place in all_places()[::25]:
        most = 40  # several bear some names
        rows = {(one.kind in {"Country", "Region"}, one.row) for one in suggest(place.names[0], most).places}
        assert (True, place.row) in rows, place.label


def test_a_number_is_the_place_and_no_other_is_taken() -> None:
    found = first("Helsinki")
    assert entry(found.number) == found
    assert found.label == "Helsinki — City, Uusimaa, Finland" and found.title == "Helsinki, Uusimaa, Finland"
    for number in (-1, 10**9):
        with pytest.raises(IndexError):
            entry(number)


def test_the_files_are_those_of_the_manifest_with_whose_they_are() -> None:
    manifest = json.loads((FOLDER / "MANIFEST.json").read_text())
    assert {path.name for path in FOLDER.iterdir()} == {*manifest["files"], "MANIFEST.json"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest, name
    assert all(len(one["sha256"]) == 64 and one["licence"] for one in manifest["from"])
    licences = " ".join(one["licence"] for one in manifest["from"])
    assert "public domain" in licences and "CC BY 4.0" in licences
    assert sum((FOLDER / name).stat().st_size for name in manifest["files"]) < 3_000_000

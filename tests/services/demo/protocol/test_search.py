"""Searches, as the service reads and answers them."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.demo.orbits import Granule, granules_over
from services.demo.protocol import search
from services.demo.protocol.payload import ApiError
from services.demo.protocol.search import interval, read_search
from services.demo.protocol.stac_items import DEFAULT_FIELDS, select_fields

ROOT = "http://127.0.0.1/api/v1/catalog/1.0.0"
BODY: dict[str, Any] = {
    "collections": ["sentinel-2-l2a"],
    "datetime": "2017-06-01T00:00:00Z/2017-06-30T23:59:59Z",
    "bbox": [25.6, 60.95, 25.7, 61.0],
    "limit": 100,
}


def answer(**changes: Any) -> dict[str, Any]:
    body = {key: value for key, value in (BODY | changes).items() if value is not None}
    return read_search(body).answer(ROOT)


def test_an_item_has_the_fields_of_a_real_one() -> None:
    item = answer(limit=1)["features"][0]
    assert set(item) == {
        *("stac_version", "stac_extensions", "id", "type", "geometry", "bbox", "properties", "assets", "collection"),
        "links",
    }
    properties = item["properties"]
    assert properties["datetime"].endswith("Z")
    assert len(properties["datetime"]) == 20
    assert properties["platform"] in {"sentinel-2a", "sentinel-2b"}
    assert (properties["instruments"], properties["constellation"], properties["gsd"]) == (["msi"], "sentinel-2", 10)
    assert 0 <= properties["eo:cloud_cover"] <= 100
    assert properties["proj:epsg"] == 32635
    assert item["geometry"]["type"] == "MultiPolygon"
    assert item["geometry"]["crs"]["properties"]["name"] == "urn:ogc:def:crs:OGC::CRS84"
    assert item["collection"] == "sentinel-2-l2a"
    assert item["id"].split("_")[1] == "MSIL2A"
    assert item["assets"]["data"]["type"] == "inode/directory"


def test_an_item_says_that_it_is_simulated() -> None:
    item = answer(limit=1)["features"][0]
    assert "Simulated data" in item["properties"]["title"]
    assert "Simulated data" in item["assets"]["data"]["title"]


def test_all_pages_of_a_question_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []

    def counted(*question: Any) -> Iterator[Granule]:
        looked.append(question)
        return granules_over(*question)

    monkeypatch.setattr(search, "granules_over", counted)
    place = [25.61, 60.951, 25.7, 61.0]
    pages = [answer(bbox=place, limit=4, next=first)["features"] for first in (0, 4, 8)]
    assert len(looked) == 1 and [len(page) for page in pages[:2]] == [4, 4]
    assert len({item["id"] for page in pages for item in page}) == sum(map(len, pages))
    answer(bbox=place, datetime="2017-06-01T00:00:00Z/2017-06-29T23:59:59Z")
    assert len(looked) == 2, "other days are another question"


def test_the_newest_come_first_and_pages_follow_one_another() -> None:
    whole = answer()
    times = [item["properties"]["datetime"] for item in whole["features"]]
    assert times == sorted(times, reverse=True)
    assert whole["context"] == {"limit": 100, "returned": len(times)}
    first = answer(limit=4)
    assert first["context"] == {"limit": 4, "returned": 4, "next": 4}
    second = answer(limit=4, next=4)
    assert [*first["features"], *second["features"]] == whole["features"][:8]
    last = answer(limit=4, next=len(times) - 2)
    assert last["context"] == {"limit": 4, "returned": 2}


def test_the_limit_is_10_where_none_is_given_and_clamped_to_100() -> None:
    assert answer(limit=None)["context"]["limit"] == 10
    assert answer(limit=5000)["context"]["limit"] == 100


def test_a_filter_keeps_what_its_items_say() -> None:
    covers = sorted(item["properties"]["eo:cloud_cover"] for item in answer()["features"])
    middle = covers[len(covers) // 2]
    kept = answer(filter=f"eo:cloud_cover <= {middle}", **{"filter-lang": "cql2-text"})["features"]
    assert [one for one in covers if one <= middle] == sorted(one["properties"]["eo:cloud_cover"] for one in kept)


def test_distinct_dates_are_strings() -> None:
    days = answer(distinct="date")["features"]
    assert days == sorted({item["properties"]["datetime"][:10] for item in answer()["features"]}, reverse=True)


def test_ids_and_a_place_are_both_obeyed() -> None:
    first = answer(limit=1)["features"][0]["id"]
    assert [one["id"] for one in answer(ids=[first, "nothing"], bbox=None, datetime=None)["features"]] == [first]
    assert answer(ids=[first], bbox=[0, 0, 1, 1])["features"] == []


def test_a_polygon_finds_what_its_box_finds() -> None:
    west, south, east, north = BODY["bbox"]
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    assert answer(intersects={"type": "Polygon", "coordinates": [ring]}, bbox=None)["features"] == answer()["features"]


def test_a_box_across_the_180th_meridian_finds_both_sides() -> None:
    tiles = {item["id"].split("_T")[1][:2] for item in answer(bbox=[179.5, -17, -179.5, -16.5])["features"]}
    assert tiles == {"60", "01"}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"include": ["properties.datetime"], "exclude": []}, {"properties"}),
        ({}, {"id", "type", "geometry", "bbox", "links", "assets", "properties"}),
        ({"exclude": ["assets", "links"]}, {"id", "type", "geometry", "bbox", "properties"}),
        (
            {"include": ["stac_version"]},
            {"id", "type", "geometry", "bbox", "links", "assets", "properties", "stac_version"},
        ),
        ({"include": ["id", "properties"], "exclude": ["properties.gsd"]}, {"id", "properties"}),
    ],
)
def test_fields_are_included_and_excluded_as_documented(fields: dict[str, Any], wanted: set[str]) -> None:
    item = answer(limit=1, fields=fields)["features"][0]
    assert set(item) == wanted
    if fields.get("include") == ["properties.datetime"]:
        assert set(item["properties"]) == {"datetime"}
    assert "gsd" not in item["properties"]


def test_a_name_before_another_holds_all_of_it() -> None:
    whole = {"a": {"b": 1, "c": {"d": 2}}, "e": 3}
    assert select_fields(whole, ["a.c"], []) == {"a": {"c": {"d": 2}}}
    assert select_fields(whole, ["a", "e"], ["a.b"]) == {"a": {"c": {"d": 2}}, "e": 3}
    assert whole["a"] == {"b": 1, "c": {"d": 2}}
    assert "properties.datetime" in DEFAULT_FIELDS


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"collections": None}, "one collection"),
        ({"collections": "sentinel-2-l2a"}, "array"),
        ({"collections": ["sentinel-2-l2a", "sentinel-2-l1c"]}, "one collection"),
        ({"collections": ["landsat-ot-l1"]}, "not found"),
        ({"datetime": None}, "`datetime` is required"),
        ({"datetime": "2017-06-01/2017-06-30"}, "RFC 3339"),
        ({"datetime": "2017-06-30T00:00:00Z/2017-06-01T00:00:00Z"}, "begins after it ends"),
        ({"bbox": None}, "required"),
        ({"bbox": [25, 60, 26]}, "4 numbers"),
        ({"bbox": [25, 61, 26, 60]}, "degrees"),
        ({"bbox": [25, 60, 26, 91]}, "degrees"),
        ({"intersects": {"type": "Polygon", "coordinates": []}}, "Only one of"),
        ({"bbox": None, "intersects": {"type": "Point", "coordinates": [25, 60]}}, "Polygon"),
        ({"limit": 0}, "1 or more"),
        ({"limit": "10"}, "whole number"),
        ({"next": -1}, "0 or more"),
        ({"distinct": "platform"}, "one of"),
        ({"filter": "platform = 'sentinel-2a'"}, "not supported"),
        ({"filter-lang": "ecql"}, "one of"),
        ({"fields": {"include": "id"}}, "array"),
        ({"query": {"eo:cloud_cover": {"lt": 10}}}, "`query` was removed"),
    ],
)
def test_a_malformed_search_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ApiError, match=message):
        answer(**changes)


def test_intervals_may_be_open_or_an_instant() -> None:
    assert interval("../2017-06-30T00:00:00Z")[0].year == 2015
    assert interval("2017-06-30T00:00:00Z/..")[1].year == 9000
    begin, end = interval("2017-06-30T00:00:00Z")
    assert begin == end

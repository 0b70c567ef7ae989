"""A catalogue of open data over HTTP: pages by any of the usual links, damage, and what is kept of the answer."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.errors import BadResponse, Cancelled, ProviderUnreachable, RequestRefused, ServiceFailed
from services.grid import TileIndex
from services.providers import cached_search, remember_gone, search_notes
from services.providers.stac import EARTH_SEARCH, Client, OpenCatalogue, items_of
from services.providers.stac.catalog import search_bodies
from services.recipe import Interval
from services.settings import load_settings
from tests.http.farend import Action, cut, hang, reply, reset
from tests.services.providers.stac_items import PLACE, day
from tests.stac_archive import Open, StacArchive

JUNE = Interval(date(2023, 6, 1), date(2023, 7, 1))
BOUNDS = PLACE.bounds_wgs84


@pytest.fixture
def source(stac: StacArchive, tmp_path: Path) -> OpenCatalogue:
    """The one of the archive."""
    profile = replace(EARTH_SEARCH, name="here", title="Archive", base_url=stac.url, hosts=("127.0.0.1",))
    return OpenCatalogue(profile, load_settings(home=tmp_path, tries=3, deadline_seconds=20))


@pytest.mark.parametrize("paging", ["whole", "merge", "GET"])
def test_all_pages_are_followed_whatever_the_link_is_like(opening: Open, stac: StacArchive, paging: str) -> None:
    stac.paging, stac.page = paging, 3
    stac.items = [day(number) for number in range(1, 11)]
    found = items_of(opening(), BOUNDS, JUNE)
    assert [item["id"] for item in found] == [item["id"] for item in stac.items]
    first, *others = stac.of("/search")
    assert len(others) == 3
    assert first.json["limit"] == 100
    if paging != "GET":
        assert all({**one.json, "token": None} == {**first.json, "token": None} for one in others)


def test_a_body_without_the_question_is_taken_as_a_part_of_it(opening: Open, stac: StacArchive) -> None:
    link = {"rel": "next", "method": "POST", "href": f"{stac.url}/search", "body": {"token": "next:b"}}
    stac.searches += [reply(200, {"features": [day(1)], "links": [link]}), reply(200, {"features": [day(2)]})]
    assert len(items_of(opening(), BOUNDS, JUNE)) == 2
    first, second = stac.of("/search")
    assert second.json == {**first.json, "token": "next:b"}


def test_the_question_is_small_and_names_the_fields(opening: Open, stac: StacArchive) -> None:
    items_of(opening(), BOUNDS, JUNE)
    (asked,) = stac.of("/search")
    assert asked.json["collections"] == ["sentinel-2-c1-l2a"]
    assert asked.json["datetime"] == "2023-05-31T23:58:00Z/2023-07-01T00:02:00Z"
    assert asked.json["bbox"] == list(BOUNDS)
    included = asked.json["fields"]["include"]
    assert {"id", "geometry", "properties.s2:product_uri", "assets.red", "assets.scl"} <= set(included)
    assert "properties.ninepatch:simulated" in included, "or a simulated world would count as the real one"
    assert "assets.visual" not in included
    assert "filter" not in asked.json


def test_an_item_on_two_pages_counts_once(opening: Open, stac: StacArchive) -> None:
    link = {"rel": "next", "method": "GET", "href": f"{stac.url}/search?token=next:1"}
    stac.searches.append(reply(200, {"features": [day(1), day(2)], "links": [link]}))
    stac.items = [day(1), day(2), day(3)]
    assert len(items_of(opening(), BOUNDS, JUNE)) == 3


def test_an_empty_page_is_the_last(opening: Open, stac: StacArchive) -> None:
    link = {"rel": "next", "method": "GET", "href": f"{stac.url}/search?token=next:0"}
    stac.searches.append(reply(200, {"features": [], "links": [link]}))
    assert items_of(opening(), BOUNDS, JUNE) == []
    assert len(stac.seen) == 1


@pytest.mark.parametrize(
    "link",
    [
        {"href": "https://elsewhere.example.org/search?token=2"},
        {"href": "//elsewhere.example.org/search?token=2", "method": "GET"},
        {"href": "http://127.0.0.1:9/search", "method": "POST", "body": {"token": "2"}},
        {"href": "file:///etc/passwd"},
        {"href": "http://[/search"},
        {"href": 7, "method": "PUT", "body": [1]},
        {"href": "/search?token=2", "method": "DELETE"},
    ],
)
def test_a_link_to_another_host_is_not_followed(opening: Open, stac: StacArchive, link: dict[str, Any]) -> None:
    stac.searches.append(reply(200, {"features": [day(1)], "links": [{"rel": "next", **link}]}))
    with pytest.raises(
        BadResponse, match=r"^The next page of Archive is said to be at .*; only 127\.0\.0\.1:\d+ is asked"
    ):
        items_of(opening(), BOUNDS, JUNE)
    assert len(stac.seen) == 1


def test_a_link_that_is_relative_or_unencrypted_leads_to_the_same_host(opening: Open, stac: StacArchive) -> None:
    stac.items = [day(1), day(2)]
    stac.searches.append(reply(200, {"features": [day(1)], "links": [{"rel": "next", "href": "/search?token=next:1"}]}))
    assert len(items_of(opening(), BOUNDS, JUNE)) == 2


def test_pages_that_go_round_are_a_bad_response(opening: Open, stac: StacArchive) -> None:
    for token in ("a", "b", "a"):
        link = {"rel": "next", "href": f"{stac.url}/search?token={token}"}
        stac.searches.append(reply(200, {"features": [day(1)], "links": [link]}))
    with pytest.raises(BadResponse, match=r"^The answer of Archive leads back to a page of its own"):
        items_of(opening(), BOUNDS, JUNE)
    assert len(stac.seen) == 3


def test_an_answer_without_measure_is_not_kept_in_memory(
    opening: Open, stac: StacArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.providers.stac.catalog.MOST_BYTES", 10**5)
    for number in range(1, 9):
        link = {"rel": "next", "method": "GET", "href": f"{stac.url}/search?token={number}"}
        page = {"features": [day(number) | {"more": "x" * 30_000}], "links": [link]}
        stac.searches.append(reply(200, page))
    with pytest.raises(BadResponse, match=r"^The answer of Archive takes more than 0 MB"):
        items_of(opening(), BOUNDS, JUNE)
    assert len(stac.seen) < 5


def test_pages_without_an_end_are_a_bad_response(
    opening: Open, stac: StacArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.providers.stac.catalog.MAX_PAGES", 5)
    for number in range(9):
        link = {"rel": "next", "href": f"{stac.url}/search?token={number}"}
        stac.searches.append(reply(200, {"features": [day(1)], "links": [link]}))
    with pytest.raises(BadResponse, match=r"^The answer of Archive has more than 5 pages"):
        items_of(opening(), BOUNDS, JUNE)
    assert len(stac.seen) == 5


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, b"<html>maintenance</html>", Content_Type="text/html"),
        reply(200, b"null"),
        reply(200, {"features": None}),
        reply(200, {"features": [1]}),
        reply(200, {"features": [{}]}),
        reply(200, {"features": [], "links": {"next": 1}}),
        reply(403, {"message": "Forbidden"}),
        reply(502, {"message": "Internal server error"}),
        reply(503, b"<html>"),
        cut(b'{"features": []}' * 100),
        reset,
    ],
)
def test_what_may_pass_is_asked_again(opening: Open, stac: StacArchive, answer: Action) -> None:
    stac.items = [day(1)]
    stac.searches += [answer, answer]
    assert len(items_of(opening(), BOUNDS, JUNE)) == 1
    stac.searches += [answer] * 3
    with pytest.raises((BadResponse, ServiceFailed), match=r"it was tried 3 times\."):
        items_of(opening(), BOUNDS, JUNE)


def test_a_catalogue_that_is_busy_says_for_how_many_seconds(opening: Open, stac: StacArchive) -> None:
    stac.searches.append(reply(429, {"message": "Too Many Requests"}, Retry_After="1"))
    items_of(opening(tries=1), BOUNDS, JUNE)
    first, second = stac.of("/search")
    assert 0.99 <= second.at - first.at < 60, "seconds, and no thousandths of them"


def test_a_question_that_is_refused_is_told_in_the_catalogues_words(opening: Open, stac: StacArchive) -> None:
    stac.searches.append(reply(400, {"code": "BadRequest", "description": "no such collection"}))
    with pytest.raises(RequestRefused, match="refused the request: no such collection"):
        items_of(opening(), BOUNDS, JUNE)
    stac.searches.append(reply(302, b"", Location="https://login.example.org"))
    with pytest.raises(ProviderUnreachable, match="a way to another address"):
        items_of(opening(tries=1), BOUNDS, JUNE)


def test_a_catalogue_that_hangs_ends_with_the_deadline(opening: Open, stac: StacArchive) -> None:
    stac.searches.append(hang)
    with pytest.raises(ServiceFailed, match="took too long to answer"):
        items_of(opening(deadline_seconds=0.3), BOUNDS, JUNE)


def test_a_question_that_is_stopped_ends(opening: Open, stac: StacArchive) -> None:
    stac.items, stac.page = [day(number) for number in range(1, 9)], 1
    with pytest.raises(Cancelled):
        items_of(opening(), BOUNDS, JUNE, lambda: len(stac.seen) >= 2)
    assert len(stac.seen) == 2


def test_across_the_180th_meridian_two_questions_are_asked() -> None:
    west, east = search_bodies(EARTH_SEARCH, (179.5, -17.0, -179.5, -16.0), JUNE)
    assert (west["bbox"], east["bbox"]) == ([179.5, -17.0, 180.0, -16.0], [-180.0, -17.0, -179.5, -16.0])
    assert len(list(search_bodies(EARTH_SEARCH, (-181.0, -91.0, -179.5, 0.0), JUNE))) == 1


def test_a_search_becomes_acquisitions_with_files_and_is_kept(stac: StacArchive, source: OpenCatalogue) -> None:
    stac.items, stac.page = [day(17), day(7), day(27)], 2
    found = source.search(PLACE, JUNE)
    assert [one.key for one in found] == [f"S2A_R079_202306{number:02}T095031" for number in (7, 17, 27)]
    assert {file.offset for file in found[0].granules[0].files} == {0, -1000}
    assert all(one.version(PLACE.tiles[0]) for one in found)
    asked = len(stac.seen)
    assert cached_search(source.profile, source.settings, PLACE, JUNE) == found
    assert search_notes(source.profile, source.settings, PLACE, JUNE) == ()
    assert len(stac.seen) == asked


def test_what_contradicts_itself_is_left_out_and_named(stac: StacArchive, source: OpenCatalogue) -> None:
    stac.items = [day(7), day(17, offset=0.0)]
    elsewhere = day(27)
    elsewhere["assets"]["red"]["href"] = "https://elsewhere.example.org/B04.tif"
    stac.items.append(elsewhere)
    assert [one.date for one in source.search(PLACE, JUNE)] == ["2023-06-07"]
    notes = search_notes(source.profile, source.settings, PLACE, JUNE)
    assert len(notes) == 2
    assert "declares an offset of 0 DN, and its processing baseline 05.09 needs -1000. It is left out." in notes[0]
    assert "https://elsewhere.example.org/B04.tif, where none of its files may lie. It is left out." in notes[1]


def test_a_date_that_is_gone_says_so_for_a_day(stac: StacArchive, source: OpenCatalogue) -> None:
    stac.items = [day(7), day(17)]
    first, second = source.search(PLACE, JUNE)
    profile, settings = source.profile, source.settings
    remember_gone(profile, settings, second, "The file B04.tif is not there.")
    known = cached_search(profile, settings, PLACE, JUNE)
    assert known == (first, replace(second, gone="The file B04.tif is not there.")) == source.search(PLACE, JUNE)
    (note,) = search_notes(profile, settings, PLACE, JUNE)
    assert note == "2023-06-17 is excluded. The file B04.tif is not there."
    beside = PLACE.lattice.neighbourhood(TileIndex(-3, 0), 0)
    assert [one.gone for one in source.search(beside, JUNE)] == ["", "The file B04.tif is not there."]
    stac.items[1]["properties"]["s2:product_uri"] = "S2A_MSIL2A_20230617T095031_N0510_R079_T35VLG_20240101T000000.SAFE"
    assert [one.gone for one in source.search(PLACE, JUNE)] == ["", ""], "it was processed again"


def test_another_client_of_the_same_home_has_the_same_pace(stac: StacArchive, source: OpenCatalogue) -> None:
    other = Client(replace(source.profile, name="alias"), source.settings)
    source.rate_limiter.hold(5)
    assert other.waiting == "Archive asks to wait: about 5 s"

"""The catalogue over HTTP: pages, midnight, damage, and the demo archive beside sentinelhub's own client."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sentinelhub.api.catalog import SentinelHubCatalog
from sentinelhub.constants import CRS
from sentinelhub.geometry import BBox

from services.errors import BadResponse, Cancelled, CredentialsRefused
from services.geo import to_utm
from services.grid import Lattice, TileIndex
from services.providers import cached_search, search_notes
from services.providers.sentinelhub import Account, Catalogue, account_of
from services.recipe import Interval
from services.settings import Settings, load_settings
from tests.http.farend import FarEnd, cut, reply
from tests.services.deployments import deployment
from tests.services.granule_items import item

PLACE = Lattice(32635, 390_000.0, 6_738_000.0, 3300.0, 3300.0).neighbourhood(TileIndex(1, 1), 1)
WEST, SOUTH, EAST, NORTH = PLACE.bounds
WHOLE = (WEST - 9e3, SOUTH - 9e3, EAST + 9e3, NORTH + 9e3)
JUNE = Interval(date(2017, 6, 1), date(2017, 7, 1))
Open = Callable[..., Account]


def page(*items: dict[str, Any], following: Any = None) -> dict[str, Any]:
    """One page of the catalogue."""
    context = {"limit": 100, "returned": len(items)} | ({} if following is None else {"next": following})
    return {"type": "FeatureCollection", "features": list(items), "links": [], "context": context}


def day(number: int, **changes: Any) -> dict[str, Any]:
    """A granule over all of the place, days after the first."""
    return item(WHOLE, seconds=86_400 * number, datatake=f"201706{7 + number:02}T095031", **changes)


@pytest.fixture
def catalogue(opened: Open, configured: Callable[..., Settings]) -> Catalogue:
    """The one of the far end."""
    return Catalogue(opened(), configured())


def test_all_pages_are_followed_in_one_question(end: FarEnd, catalogue: Catalogue) -> None:
    end.api += [
        reply(200, page(day(5), day(4), following=2)),
        reply(200, page(day(3), day(2), following=4)),
        reply(200, page(day(1))),
    ]
    found = catalogue.search(PLACE, JUNE)
    assert [one.date for one in found] == [f"2017-06-{7 + number:02}" for number in (1, 2, 3, 4, 5)]
    assert [seen.json.get("next") for seen in end.asked] == [None, 2, 4]
    assert {seen.path for seen in end.asked} == {"/api/v1/catalog/1.0.0/search"}
    assert all("filter" not in seen.json and "fields" not in seen.json for seen in end.asked)


def test_an_item_that_moves_to_the_next_page_counts_once(end: FarEnd, catalogue: Catalogue) -> None:
    end.api += [reply(200, page(day(3), day(2), following=2)), reply(200, page(day(2), day(1)))]
    found = catalogue.search(PLACE, JUNE)
    assert [len(one.granules) for one in found] == [1, 1, 1]


def test_the_end_of_the_interval_is_not_part_of_it(end: FarEnd, catalogue: Catalogue) -> None:
    items = []
    for name, time in {
        "35VLA": "2017-05-31T23:59:59.9Z",
        "35VLB": "2017-06-01T00:00:00Z",
        "35VLC": "2017-06-30T23:59:59.999Z",
        "35VLD": "2017-07-01T00:00:00Z",
        "35VLE": "2017-07-01T00:00:00.000Z",
    }.items():
        # different orbits, so that they are not one pass
        items.append(item(WHOLE, tile=name, orbit=ord(name[-1]), datatake=time[:10].replace("-", "") + "T000000"))
        items[-1]["properties"]["datetime"] = time
    end.api.append(reply(200, page(*items)))
    assert [one.orbit for one in catalogue.search(PLACE, JUNE)] == [ord("B"), ord("C")]


def test_a_pass_over_midnight_is_whole_and_of_the_day_on_which_it_begins(end: FarEnd, catalogue: Catalogue) -> None:
    halves = [item((WEST - 9e3, SOUTH, WEST + 5e3, NORTH), tile="35VLA"), item(WHOLE, tile="35VLB")]
    for half, time in zip(halves, ("2017-06-30T23:59:50Z", "2017-07-01T00:00:05Z"), strict=True):
        half["properties"]["datetime"] = time
    end.api += [reply(200, page(*halves))] * 2
    (found,) = catalogue.search(PLACE, JUNE)
    assert (found.date, len(found.granules)) == ("2017-06-30", 2)
    assert catalogue.search(PLACE, Interval(date(2017, 7, 1), date(2017, 8, 1))) == ()


def test_an_answer_is_known_afterwards_and_nobody_is_asked(
    end: FarEnd, catalogue: Catalogue, configured: Callable[..., Settings]
) -> None:
    settings = configured()
    provider = deployment(settings)
    assert cached_search(provider, settings, PLACE, JUNE) is None
    end.api.append(reply(200, page(day(1), day(2))))
    found = catalogue.search(PLACE, JUNE)
    asked = len(end.seen)
    assert cached_search(provider, settings, PLACE, JUNE) == found
    assert len(end.seen) == asked


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, b"<html>maintenance</html>", Content_Type="text/html"),
        reply(200, b""),
        reply(200, b"null"),
        reply(200, {"features": None}),
        reply(200, {"features": [1]}),
        reply(200, {"features": [{}]}),
        reply(200, {"features": [], "context": []}),
        cut(b'{"features": []}' * 100),
    ],
)
def test_an_answer_that_is_no_page_is_asked_for_again(end: FarEnd, catalogue: Catalogue, answer: Any) -> None:
    end.api += [answer, reply(200, page(day(1)))]
    assert len(catalogue.search(PLACE, JUNE)) == 1


@pytest.mark.parametrize("following", [0, -1, 1.5, "1", True])
def test_pages_that_do_not_go_on_are_a_bad_response(end: FarEnd, catalogue: Catalogue, following: Any) -> None:
    end.api.append(reply(200, page(day(1), following=following)))
    with pytest.raises(BadResponse, match="next page"):
        catalogue.search(PLACE, JUNE)


def test_pages_that_go_round_are_a_bad_response(end: FarEnd, catalogue: Catalogue) -> None:
    end.api += [reply(200, page(day(1), following=100))] * 3
    with pytest.raises(BadResponse, match="next page"):
        catalogue.search(PLACE, JUNE)


def test_pages_without_an_end_are_a_bad_response(
    end: FarEnd, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.providers.sentinelhub.catalog.MAX_PAGES", 3)
    end.api += [reply(200, page(day(1), following=100 * number)) for number in range(1, 9)]
    with pytest.raises(BadResponse, match="more than 3 pages"):
        catalogue.search(PLACE, JUNE)


def test_nothing_of_a_bad_answer_is_kept(
    end: FarEnd, catalogue: Catalogue, configured: Callable[..., Settings]
) -> None:
    spoilt = day(2)
    spoilt["geometry"] = None
    end.api += [reply(200, page(spoilt))] * 3
    with pytest.raises(BadResponse, match="not a granule"):
        catalogue.search(PLACE, JUNE)
    settings = configured()
    assert cached_search(deployment(settings), settings, PLACE, JUNE) is None


ODD: dict[str, Callable[[dict[str, Any]], Any]] = {
    "eo:cloud_cover -1": lambda plain: plain["properties"].update({"eo:cloud_cover": -1}),
    "eo:cloud_cover 100.0": lambda plain: plain["properties"].update({"eo:cloud_cover": "100.0"}),
    "a part of it is missing": lambda plain: plain.update(geometry=None),
    "geometry 'GeometryCollection'": lambda plain: plain.update(
        geometry={"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [24, 60]}]}
    ),
}
"""What is said of an item, and what is wrong with it."""


@pytest.mark.parametrize("why", ODD)
def test_one_odd_item_is_left_out_and_named_and_the_others_are_used(
    end: FarEnd, catalogue: Catalogue, configured: Callable[..., Settings], why: str
) -> None:
    odd = day(2)
    ODD[why](odd)
    end.api += [reply(200, page(day(1), odd, day(3)))]
    found = catalogue.search(PLACE, JUNE)
    assert [one.date for one in found] == ["2017-06-08", "2017-06-10"]
    settings = configured()
    (note,) = search_notes(deployment(settings), settings, PLACE, JUNE)
    assert odd["id"] in note and why in note and "left out" in note
    assert cached_search(deployment(settings), settings, PLACE, JUNE) == found


@pytest.mark.parametrize(("stated", "counts"), [(100.00000001, 100.0), (-1e-9, 0.0), (100, 100.0)])
def test_a_cloud_cover_a_hair_beyond_its_range_is_its_end(
    end: FarEnd, catalogue: Catalogue, stated: float, counts: float
) -> None:
    end.api += [reply(200, page(day(1, clouds=stated)))]
    assert [one.cloud_cover for one in catalogue.search(PLACE, JUNE)] == [counts]


def test_of_a_collection_the_polygons_count(end: FarEnd, catalogue: Catalogue) -> None:
    parts = day(1)
    parts["geometry"] = {
        "type": "GeometryCollection",
        "geometries": [{"type": "LineString", "coordinates": [[24, 60], [25, 61]]}, parts["geometry"]],
    }
    end.api += [reply(200, page(parts))]
    assert [one.coverage for one in catalogue.search(PLACE, JUNE)] == [1.0]


def test_of_many_odd_items_some_are_named_and_all_counted(
    end: FarEnd, catalogue: Catalogue, configured: Callable[..., Settings]
) -> None:
    end.api += [reply(200, page(day(1), *(day(2 + n, clouds=-1) for n in range(9))))]
    catalogue.search(PLACE, JUNE)
    settings = configured()
    notes = search_notes(deployment(settings), settings, PLACE, JUNE)
    assert len(notes) == 6 and notes[-1].startswith("4 more items")


def test_a_stopped_search_ends_between_pages(end: FarEnd, catalogue: Catalogue) -> None:
    end.api += [reply(200, page(day(number), following=number)) for number in range(1, 9)]
    with pytest.raises(Cancelled):
        catalogue.search(PLACE, JUNE, cancelled=lambda: len(end.asked) >= 2)
    assert len(end.asked) == 2


def archive_settings(home: Path, archive: str) -> Settings:
    return load_settings(home=home, provider="demo", demo_url=archive)


def test_the_demo_archive_has_what_sentinelhubs_own_client_finds(archive: str, tmp_path: Path) -> None:
    settings = archive_settings(tmp_path, archive)
    account = account_of(deployment(settings), settings)
    week = Interval(date(2017, 6, 5), date(2017, 6, 12))
    found = Catalogue(account, settings).search(PLACE, week)
    theirs = list(
        SentinelHubCatalog(config=account.config).search(
            account.provider.data_collection,
            bbox=BBox(PLACE.bounds_wgs84, CRS.WGS84),
            time=("2017-06-05", "2017-06-11"),
        )
    )
    assert found
    ours = {granule.id: granule.cloud_cover for one in found for granule in one.granules}
    assert ours.items() <= {one["id"]: one["properties"]["eo:cloud_cover"] for one in theirs}.items()
    assert {one.date for one in found} == {one["properties"]["datetime"][:10] for one in theirs}
    assert all(0 < one.coverage <= 1 and 0 <= one.cloud_cover <= 100 and one.orbit for one in found)
    account.close()


def test_the_demo_archive_answers_across_the_180th_meridian(archive: str, tmp_path: Path) -> None:
    settings = archive_settings(tmp_path, archive)
    account = account_of(deployment(settings), settings)
    x, y = to_utm(32701, 180.0, -17.0)
    place = Lattice(32701, float(x) - 1650, float(y), 3300.0, 3300.0).neighbourhood(TileIndex(0, 0), 1)
    assert place.bounds_wgs84[0] > place.bounds_wgs84[2]
    found = Catalogue(account, settings).search(place, Interval(date(2018, 1, 1), date(2018, 1, 16)))
    assert 2 <= len(found) <= 6
    assert any(one.coverage > 0.99 for one in found)
    account.close()


def test_a_wrong_secret_is_refused_by_the_demo_archive(archive: str, tmp_path: Path) -> None:
    settings = load_settings(
        home=tmp_path,
        provider="private",
        base_url=archive,
        token_url=archive + "/auth/realms/main/protocol/openid-connect/token",
        client_id="demo",
        client_secret="not-it",
    )
    account = Account(deployment(settings), settings)
    with pytest.raises(CredentialsRefused, match="Invalid client"):
        Catalogue(account, settings).search(PLACE, JUNE)
    account.close()

"""What the cloud limit keeps, what is asked, and what is kept of the answer."""

import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue import Acquisition, acquisitions_to_json, choose, join, kept, kept_or_raise
from services.errors import EmptyIntervalError, NoDataError, NothingUnderLimitError
from services.grid import Lattice, TileIndex
from services.providers import cached_search
from services.providers.kept_answers import _key, _seconds_kept, _store
from services.providers.sentinelhub.catalog import search_payload
from services.recipe import Interval, Recipe, Veto
from services.settings import load_settings
from tests.services.deployments import deployment
from tests.services.granule_items import EPSG, START, item

LATTICE = Lattice(EPSG, 390_000.0, 6_738_000.0, 3300.0, 3300.0)
PLACE = LATTICE.neighbourhood(TileIndex(1, 1), 1)
RECIPE = Recipe(LATTICE, TileIndex(1, 1), Interval.of_year(2017), maxcc=10)
WEST, SOUTH, EAST, NORTH = PLACE.bounds
(ONE,) = join([item((WEST - 9e3, SOUTH - 9e3, EAST + 9e3, NORTH + 9e3))], PLACE)


def cloudy(*clouds: float) -> tuple[Acquisition, ...]:
    """Acquisitions with these cloud covers."""
    return tuple(replace(ONE, cloud_cover=cover) for cover in clouds)


@given(st.lists(st.floats(0, 100)), st.integers(0, 100))
def test_what_is_at_or_under_the_limit_is_kept_as_numbers(clouds: list[float], limit: int) -> None:
    choices = choose(cloudy(*clouds), RECIPE.with_(maxcc=limit))
    assert [choice.acquisition.cloud_cover for choice in choices] == clouds
    assert [choice.kept for choice in choices] == [cover <= limit for cover in clouds]
    for choice in choices:
        assert bool(choice.reason) is not choice.kept
        if not choice.kept:
            assert float(choice.reason.split()[0]) > limit


@pytest.mark.parametrize("limit", [28, 29, 56, 57, 58, 100, 0])
def test_a_whole_percent_keeps_itself(limit: int) -> None:
    assert choose(cloudy(float(limit)), RECIPE.with_(maxcc=limit))[0].kept


@pytest.mark.parametrize(
    ("cover", "reason"),
    [(12.3, "12.3 % > 10 %"), (14.0, "14 % > 10 %"), (10.04, "10.04 % > 10 %"), (99.96, "100 % > 10 %")],
)
def test_the_reason_is_as_short_as_is_true(cover: float, reason: str) -> None:
    assert choose(cloudy(cover), RECIPE)[0].reason == reason


def test_nothing_under_the_limit_says_how_many_and_how_clear() -> None:
    with pytest.raises(NothingUnderLimitError) as caught:
        kept_or_raise(cloudy(*[20.0] * 70, 14.0), RECIPE)
    assert caught.value.cause == "0 of 71 dates ≤ 10 %; the clearest has 14 %."
    assert "14 %" in caught.value.remedy
    assert len(kept_or_raise(cloudy(*[20.0] * 70, 14.0), RECIPE.with_(maxcc=14))) == 1


def test_the_remedy_is_a_limit_that_keeps_something() -> None:
    with pytest.raises(NothingUnderLimitError) as caught:
        kept_or_raise(cloudy(13.2), RECIPE)
    assert (
        str(caught.value)
        == "0 of 1 date ≤ 10 %; the clearest has 13.2 %. Raise the max. cloud cover to 14 %, or choose other days."
    )


def series(*clouds: float) -> tuple[Acquisition, ...]:
    """Acquisitions five days apart, each with a key of its own; the newest first."""
    items = [
        item(
            (WEST - 9e3, SOUTH - 9e3, EAST + 9e3, NORTH + 9e3),
            clouds=cover,
            seconds=5 * 86400 * number,
            datatake=f"{START + timedelta(days=5 * number):%Y%m%dT%H%M%S}",
        )
        for number, cover in enumerate(clouds)
    ]
    return join(items, PLACE)[::-1]


def test_a_vetoed_date_is_not_kept_whatever_its_clouds_and_says_why() -> None:
    found = series(3.0, 50.0, 5.0)
    vetoes = [Veto(found[0].key, "haze"), Veto(found[1].key, "snow")]
    recipe = RECIPE.with_(vetoes=vetoes)
    chosen = choose(found, recipe)
    assert [(choice.kept, choice.vetoed, choice.reason) for choice in chosen] == [
        (False, True, "excluded: haze"),
        (False, True, "excluded: snow"),
        (True, False, ""),
    ]
    assert kept(found, recipe) == kept_or_raise(found, recipe) == (found[2],)
    assert kept(found, recipe.with_(maxcc=100)) == (found[2],)


def test_what_is_kept_is_in_the_order_of_time() -> None:
    found = series(3.0, 50.0, 5.0)
    assert kept(found, RECIPE) == (found[2], found[0])
    assert kept(found, RECIPE.with_(maxcc=0)) == () == kept((), RECIPE)


def test_where_the_vetoes_leave_nothing_the_sentence_says_so() -> None:
    found = series(3.0, 50.2, 5.0)
    low = [Veto(found[0].key, "haze"), Veto(found[2].key, "haze")]
    with pytest.raises(NothingUnderLimitError) as caught:
        kept_or_raise(found, RECIPE.with_(vetoes=low))
    assert caught.value.cause == (
        "0 of 3 dates ≤ 10 % and not excluded, as 2 of them are; the clearest other has 50.2 %."
    )
    assert "51 %" in caught.value.remedy
    everything = [Veto(one.key, "haze") for one in found]
    with pytest.raises(NothingUnderLimitError, match=r"3 of 3 dates are excluded by hand\. Use a date again"):
        kept_or_raise(found, RECIPE.with_(vetoes=everything))


def test_an_empty_interval_names_it() -> None:
    with pytest.raises(EmptyIntervalError, match="no acquisition of this place in 2017") as caught:
        kept_or_raise((), RECIPE)
    assert "longer interval" in caught.value.remedy
    with pytest.raises(NoDataError, match="days that have been"):
        kept_or_raise((), RECIPE.with_(interval=Interval.of_year(2999)))


def test_the_question_has_no_limit_and_reaches_over_both_ends() -> None:
    settings = load_settings(provider="demo")
    payload = search_payload(deployment(settings), PLACE.bounds_wgs84, Interval(date(2017, 5, 1), date(2017, 6, 1)))
    assert payload == {
        "collections": ["sentinel-2-l2a"],
        "datetime": "2017-04-30T23:58:00Z/2017-06-01T00:02:00Z",
        "bbox": list(PLACE.bounds_wgs84),
        "limit": 100,
    }


def test_two_rectangles_are_asked_for_across_the_180th_meridian() -> None:
    bounds = (179.9, -17.1, -179.8, -16.9)
    payload = search_payload(deployment(load_settings(provider="demo")), bounds, Interval.of_year(2018))
    assert "bbox" not in payload
    polygons = payload["intersects"]["coordinates"]
    assert payload["intersects"]["type"] == "MultiPolygon"
    corners = [{tuple(corner) for corner in polygon[0]} for polygon in polygons]
    assert corners[0] == {(179.9, -17.1), (180.0, -17.1), (180.0, -16.9), (179.9, -16.9)}
    assert corners[1] == {(-180.0, -17.1), (-179.8, -17.1), (-179.8, -16.9), (-180.0, -16.9)}
    assert all(polygon[0][0] == polygon[0][-1] for polygon in polygons)


def stored(home: Path, found: Sequence[Acquisition], **changes: object) -> None:
    """As a search leaves it."""
    settings = load_settings(home=home, **changes)
    key = _key(deployment(settings), PLACE, RECIPE.interval)
    _store(settings.home).put(key, zlib.compress(acquisitions_to_json(found)), expire=100)


def test_a_kept_answer_is_known_without_an_account_or_an_archive(tmp_path: Path) -> None:
    stored(tmp_path, (ONE,), provider="demo", demo_url="http://127.0.0.1:1")
    settings = load_settings(home=tmp_path, provider="demo", demo_url="")
    provider = deployment(settings)
    assert cached_search(provider, settings, PLACE, RECIPE.interval) == (ONE,)
    assert cached_search(provider, settings, PLACE, Interval.of_year(2018)) is None
    assert cached_search(provider, settings, LATTICE.neighbourhood(TileIndex(2, 1), 1), RECIPE.interval) is None


def test_an_empty_answer_is_an_answer(tmp_path: Path) -> None:
    stored(tmp_path, (), provider="demo")
    settings = load_settings(home=tmp_path, provider="demo")
    assert cached_search(deployment(settings), settings, PLACE, RECIPE.interval) == ()


@pytest.mark.parametrize(
    "data", [b"", b"junk", zlib.compress(b"junk"), zlib.compress(b'[{"time": 1}]'), zlib.compress(b"1")]
)
def test_an_answer_that_cannot_be_read_is_none(tmp_path: Path, data: bytes) -> None:
    settings = load_settings(home=tmp_path, provider="demo")
    provider = deployment(settings)
    _store(settings.home).put(_key(provider, PLACE, RECIPE.interval), data)
    assert cached_search(provider, settings, PLACE, RECIPE.interval) is None


def test_a_past_year_is_kept_longer_than_the_current_one() -> None:
    settings = load_settings(catalogue_hours=6, catalogue_hours_past=720)
    assert _seconds_kept(Interval.of_year(2017), settings) == 720 * 3600
    assert _seconds_kept(Interval.of_year(datetime.now(UTC).year), settings) == 6 * 3600
    assert _seconds_kept(Interval.of_year(2017), load_settings(catalogue_hours_past=0)) == 60


def test_another_deployment_of_the_same_name_has_answers_of_its_own(tmp_path: Path) -> None:
    private = {"provider": "private", "token_url": "https://login.example.org/token"}
    stored(tmp_path, (ONE,), base_url="https://a.example.org", **private)
    settings = load_settings(home=tmp_path, base_url="https://b.example.org", **private)
    assert cached_search(deployment(settings), settings, PLACE, RECIPE.interval) is None

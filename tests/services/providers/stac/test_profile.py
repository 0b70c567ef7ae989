"""Which catalogues there are, what settings change of them, and what they lack."""

from datetime import date
from typing import Any

import pytest

from services.errors import SettingsError
from services.providers import all_providers
from services.providers.stac import OpenData
from services.recipe import Interval
from services.settings import load_settings


def described(**given: Any) -> OpenData:
    """The provider that a settings file describes so."""
    (found,) = [one for one in all_providers(load_settings(providers=[given])) if one.name == given["name"]]
    assert isinstance(found, OpenData)
    return found


def test_open_data_needs_no_description() -> None:
    found = {one.name: one for one in all_providers(load_settings())}
    assert list(found) == ["demo", "sentinel-hub", "copernicus", "earth-search", "planetary-computer"]
    earth, planetary = found["earth-search"], found["planetary-computer"]
    assert (earth.collection, planetary.collection) == ("sentinel-2-c1-l2a", "sentinel-2-l2a")
    assert not earth.simulated
    assert earth.attribution([2018, 2017, 2018]) == "Contains modified Copernicus Sentinel data [2017, 2018]"
    assert earth.words.units == ""


def test_a_simulated_one_says_so_and_is_no_open_data() -> None:
    one = described(name="world", kind="stac", profile="earth-search", simulated=True)
    assert (one.simulated, one.open_data) == (True, False)
    assert one.attribution([2024]).startswith("Simulated data") and "Copernicus" not in one.attribution([2024])
    assert one.about.startswith("Simulated")


def test_a_catalogue_of_ones_own_needs_address_collection_and_assets() -> None:
    one = described(
        name="ours",
        kind="stac",
        base_url="https://stac.example.org/api/",
        collection="s2",
        assets={"B04": "red", "SCL": "classes"},
    )
    assert (one.base_url, one.hosts, one.title) == ("https://stac.example.org/api", ("stac.example.org",), "ours")
    assert dict(one.assets) == {"B04": "red", "SCL": "classes"}
    assert one.may_read("https://stac.example.org/B04.tif")
    assert not one.may_read("https://example.org/B04.tif")


def test_a_catalogue_may_be_like_a_known_one() -> None:
    one = described(
        name="mirror", kind="stac", profile="earth-search", base_url="https://m.example.org", hosts=["A.org"]
    )
    assert (one.collection, one.declares_offset, one.hosts) == ("sentinel-2-c1-l2a", True, ("a.org",))
    assert dict(one.assets)["B8A"] == "nir08"
    assert described(name="beta", kind="stac", profile="earth-search-v2").base_url.endswith("/v2")


def test_what_a_catalogue_lacks_is_not_said_of_another_one_like_it() -> None:
    lacks = described(name="earth-search", requests_per_minute=60).gaps(Interval.of_year(2017))
    assert lacks == "Earth Search has next to nothing of 2015 to 2017."
    for name, simulated in (("earth-search", True), ("mirror", False)):
        like = {"kind": "stac", "profile": "earth-search", "base_url": "https://m.example.org", "simulated": simulated}
        assert described(name=name, **like).gaps(Interval.of_year(2017)) == ""


def test_a_known_one_may_be_changed() -> None:
    one = described(name="earth-search", requests_per_minute=60)
    assert (one.requests_per_minute, one.collection) == (60, "sentinel-2-c1-l2a")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"profile": "google"},
            "said to be like 'google'; known are earth-search, earth-search-v2, planetary-computer",
        ),
        ({"base_url": "https://a.org"}, "lacks B04"),
        ({"base_url": "https://a.org", "assets": {"B04": "red"}}, "lacks SCL"),
        ({"base_url": "https://a.org", "assets": {"B04": "r", "SCL": "s", "B10": "c"}}, "names B10"),
        ({"base_url": "http://a.org", "assets": {"B04": "red", "SCL": "s"}}, "must begin with https://"),
        ({"profile": "earth-search", "sign_url": "http://a.org"}, "sign_url of the provider ours must begin"),
        ({"assets": {"B04": "red", "SCL": "s"}}, "base_url of the provider ours is not usable"),
    ],
)
def test_a_description_that_cannot_be_used_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        described(name="ours", kind="stac", **given)


def test_files_on_this_machine_are_read_where_their_host_is_listed() -> None:
    facts = {"kind": "stac", "profile": "earth-search", "base_url": "http://127.0.0.1:8000"}
    assert described(name="here", hosts=["127.0.0.1"], **facts).may_read("http://127.0.0.1:9000/B04.tif")
    assert not described(name="there", **facts).may_read("http://127.0.0.1:9000/B04.tif")


@pytest.mark.parametrize(
    ("first", "last", "sentences"),
    [("2016-05-01", "2017-02-01", 1), ("2018-01-01", "2021-12-31", 0), ("2022-07-01", "2022-07-03", 1)],
)
def test_years_with_holes_are_told(first: str, last: str, sentences: int) -> None:
    found = {one.name: one for one in all_providers(load_settings())}
    days = Interval(date.fromisoformat(first), date.fromisoformat(last))
    earth, planetary = found["earth-search"], found["planetary-computer"]
    assert isinstance(earth, OpenData)
    assert isinstance(planetary, OpenData)
    assert earth.gaps(days).count("Earth Search has") == sentences
    assert planetary.gaps(days) == ""

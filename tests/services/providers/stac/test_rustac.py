"""Against a real STAC server, which pages in its own way; and beside pystac-client, which people use."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.providers import search_notes
from services.providers.stac import EARTH_SEARCH, OpenCatalogue, items_of
from services.recipe import Interval
from services.settings import load_settings
from tests.services.providers.stac_items import PLACE, day
from tests.stac_archive.rustac import rustac_server

YEAR = Interval(date(2023, 1, 1), date(2024, 1, 1))
COUNT = 250
"""Items, which are three pages."""


def numbered(number: int) -> dict[str, Any]:
    """One of June for each minute: more than a page has."""
    item = day(1 + number % 30)
    item["id"] += f"_{number}"
    item["properties"]["datetime"] = f"2023-06-{1 + number % 30:02}T{9 + number // 30:02}:53:40Z"
    west, south, east, north = 23.0, 60.0, 26.0, 62.0
    return item | {"bbox": [west, south, east, north], "links": [], "collection": EARTH_SEARCH.collection}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that has them."""
    items = [numbered(number) for number in range(COUNT)]
    with rustac_server(items, tmp_path_factory.mktemp("rustac")) as address:
        yield address


@pytest.fixture
def source(url: str, tmp_path: Path) -> OpenCatalogue:
    """Ours for it."""
    profile = replace(EARTH_SEARCH, name="rustac", base_url=url, hosts=("127.0.0.1",))
    return OpenCatalogue(profile, load_settings(home=tmp_path, tries=2))


def test_all_pages_of_the_server_are_read_once(source: OpenCatalogue) -> None:
    found = items_of(source, PLACE.bounds_wgs84, YEAR)
    assert len(found) == COUNT
    assert {item["id"] for item in found} == {numbered(number)["id"] for number in range(COUNT)}


def test_its_items_become_acquisitions_with_files(source: OpenCatalogue) -> None:
    found = source.search(PLACE, YEAR)
    assert [one.date for one in found] == [f"2023-06-{number:02}" for number in range(1, 31)]
    assert all(len(one.granules[0].files) == 13 for one in found)
    assert search_notes(source.profile, source.settings, PLACE, YEAR) == ()


def test_pystac_client_finds_the_same_items(source: OpenCatalogue, url: str) -> None:
    client = pytest.importorskip("pystac_client", reason="pystac-client is not installed").Client.open(url)
    asked = client.search(
        collections=[EARTH_SEARCH.collection],
        bbox=list(PLACE.bounds_wgs84),
        datetime="2023-01-01T00:00:00Z/2024-01-01T00:00:00Z",
        limit=100,
    )
    theirs = {item["id"]: item for item in asked.items_as_dicts()}
    ours = {item["id"]: item for item in items_of(source, PLACE.bounds_wgs84, YEAR)}
    assert theirs.keys() == ours.keys()
    for name, item in ours.items():
        assert item["geometry"] == theirs[name]["geometry"]
        assert item["properties"] == theirs[name]["properties"]
        assert {key: one["href"] for key, one in item["assets"].items()} == {
            key: one["href"] for key, one in theirs[name]["assets"].items()
        }

"""A catalogue as the real ones are run, with a year of the demo archive's items: the product, and pystac-client."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pystac_client
import pytest
from shapely import box

from services.catalogue import Acquisition
from services.demo.orbits import granules_over
from services.demo.publish.items import ASSETS, asset, collection, folder_of, item
from services.grid import Lattice, TileIndex
from services.ninepatch import Ninepatch
from services.providers.stac import EARTH_SEARCH, Client, OpenCatalogue, Profile, items_of, products
from services.recipe import Interval, Recipe
from services.settings import load_settings
from tests.pgstac import Absent, pgstac

LATTICE = Lattice(32635, 371_400.0, 6_679_200.0, 3300.0, 3300.0)
"""In 35VLG and in 34VFM."""
PLACE = LATTICE.neighbourhood(TileIndex(0, 0), 1)
YEAR = Interval(date(2022, 11, 1), date(2023, 11, 1))
SINCE = YEAR.start_time - timedelta(days=60)
FILES = "http://127.0.0.1:9/files"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Items of all granules over a larger place and time, whose files nobody reads."""
    folder = tmp_path_factory.mktemp("items")
    area, begin, end = box(*PLACE.bounds_wgs84).buffer(0.1), SINCE, YEAR.end_time
    items = []
    for granule in granules_over(area, begin, end):
        files = {name: asset(granule, name, b"", f"{FILES}/{folder_of(granule)}/{ASSETS[name]}.tif") for name in ASSETS}
        items.append(item(granule, files, FILES))
    (folder / "items.ndjson").write_text("".join(f"{json.dumps(one)}\n" for one in items))
    (folder / "collection.json").write_text(json.dumps(collection(area, begin, end, FILES)))
    return folder


@pytest.fixture(scope="module")
def catalogue(published: Path) -> Iterator[Profile]:
    """Earth Search's collection, on this machine."""
    try:
        with pgstac(published) as url:
            yield replace(
                EARTH_SEARCH, name="here", title="Archive", base_url=url, hosts=("127.0.0.1",), simulated=True
            )
    except Absent as absent:
        pytest.skip(str(absent))


@pytest.fixture
def client(catalogue: Profile, tmp_path: Path) -> Iterator[Client]:
    made = Client(catalogue, load_settings(home=tmp_path))
    yield made
    made.close()


def test_pystac_client_agrees_item_for_item(client: Client, catalogue: Profile) -> None:
    ours = {one["id"]: one for one in items_of(client, PLACE.bounds_wgs84, YEAR)}
    search = pystac_client.Client.open(catalogue.base_url).search(
        collections=[catalogue.collection], bbox=PLACE.bounds_wgs84, datetime=(YEAR.start_time, YEAR.end_time), limit=40
    )
    theirs = {one["id"]: one for one in search.items_as_dicts()}
    assert len(ours) > 200, "pages of 100"
    assert ours.keys() == theirs.keys()
    for name, one in ours.items():
        other = theirs[name]
        assert one["geometry"] == other["geometry"]
        assert set(one["assets"]) == set(ASSETS)
        assert all(one["assets"][key].items() <= other["assets"][key].items() for key in ASSETS)
        assert one["properties"].items() <= other["properties"].items()


def test_nothing_is_lost_on_the_way_into_the_catalogue(client: Client, published: Path) -> None:
    listed = [json.loads(line) for line in (published / "items.ndjson").read_text().splitlines()]
    known = {one["id"]: one for one in listed}
    found = items_of(client, PLACE.bounds_wgs84, YEAR)
    for one in found:
        assert one["assets"] == known[one["id"]]["assets"]
        assert one["geometry"] == known[one["id"]]["geometry"]
    usable, notes = products(found, client.profile)
    assert (len(usable), notes) == (len(found), ())


def test_overpasses_have_the_keys_that_sentinel_hub_s_protocol_gives(
    archive: str, catalogue: Profile, tmp_path: Path
) -> None:
    summer = Interval(date(2023, 6, 1), date(2023, 8, 1))
    source = OpenCatalogue(catalogue, load_settings(home=tmp_path / "open"))
    protocol = Ninepatch(load_settings(home=tmp_path / "demo", provider="demo", demo_url=archive))
    theirs = protocol.search(Recipe(LATTICE, TileIndex(0, 0), summer, area="Two zones"))
    ours = source.search(PLACE, summer)
    assert list(map(facts, ours)) == list(map(facts, theirs)) != []


def facts(acquisition: Acquisition) -> tuple[object, ...]:
    """What the pages say of one."""
    clouds, coverage = round(acquisition.cloud_cover, 6), round(acquisition.coverage, 9)
    return acquisition.key, acquisition.time, acquisition.satellite, acquisition.orbit, clouds, coverage

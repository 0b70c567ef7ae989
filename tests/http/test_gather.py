"""Plans carried out against the demo archive: what is paid for is kept, and never paid for twice."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from services.cache import FrameKey, FrameStore, MissingFrame, frame_key
from services.catalogue import Acquisition
from services.errors import Cancelled, QuotaSpent
from services.fetch import DownloadStats, gather
from services.grid import Lattice, TileIndex
from services.plan import Plan, plan
from services.providers.sentinelhub import TERMS, Account, Catalogue
from services.recipe import Interval, Recipe
from services.settings import Settings, load_settings
from tests.services.deployments import deployment

LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 300.0)
RECIPE = Recipe(LATTICE, TileIndex(1, 1), Interval(date(2018, 6, 1), date(2018, 6, 17)))
CONNECTIONS = 4


class Place:
    """A neighbourhood with its acquisitions, an empty cache, and the archive's log."""

    def __init__(self, archive: str, settings: Settings) -> None:
        self.archive, self.settings = archive, settings
        self.frames = FrameStore(settings.home / "frames", 10**9)
        self.acquisitions = Catalogue(self.account(), settings).search(RECIPE.neighbourhood, RECIPE.interval)
        assert len(self.acquisitions) > 2 * CONNECTIONS
        self.asked()

    def account(self) -> Account:
        """A new one, as a new process has."""
        return Account(deployment(self.settings), self.settings)

    def keys(self, recipe: Recipe) -> list[FrameKey]:
        return [frame_key(recipe, index, one) for one in self.acquisitions for index in recipe.neighbourhood.indices]

    def plan(self, recipe: Recipe = RECIPE, acquisitions: Sequence[Acquisition] | None = None) -> Plan:
        present = self.frames.present(self.keys(recipe), recipe.planes)
        return plan(recipe, acquisitions or self.acquisitions, present, TERMS)

    def gather(self, recipe: Recipe = RECIPE, **options: Any) -> DownloadStats:
        return gather(self.plan(recipe), self.account(), self.frames, CONNECTIONS, **options)

    def asked(self) -> list[dict[str, Any]]:
        """The Process requests since the last look."""
        log = requests.get(f"{self.archive}/_test/log", timeout=30).json()["requests"]
        requests.post(f"{self.archive}/_test/reset", timeout=30)
        return [entry for entry in log if entry["endpoint"] == "process"]

    def inject(self, **fault: Any) -> None:
        """What goes wrong with the next Process requests."""
        told = [{"endpoint": "process"} | fault]
        requests.post(f"{self.archive}/_test/faults", json=told, timeout=30).raise_for_status()


@pytest.fixture
def place(archive: str, tmp_path: Path) -> Place:
    requests.post(f"{archive}/_test/reset", timeout=30)
    return Place(archive, load_settings(home=tmp_path, provider="demo", demo_url=archive))


def test_a_plan_is_paid_for_once_as_it_was_priced(place: Place) -> None:
    planned = place.plan()
    assert planned.requests == len(place.acquisitions), "one request an acquisition"
    heard: list[DownloadStats] = []
    found = place.gather(report=heard.append)
    log = place.asked()
    assert len(log) == found.requests == found.done == planned.requests
    assert found.units == pytest.approx(sum(entry["units"] for entry in log))
    assert found.units == pytest.approx(planned.units, rel=1e-6)
    assert found.bytes == sum(entry["bytes"] for entry in log)
    assert found.planes == planned.wanted - planned.cached
    assert heard[-1] == found
    assert place.plan().blocks == ()
    assert place.plan().cached == planned.wanted
    assert place.gather() == DownloadStats()
    assert place.asked() == []


def test_connections_are_kept_alive(place: Place) -> None:
    place.gather()
    assert len({entry["connection"] for entry in place.asked()}) <= CONNECTIONS


def test_a_band_more_costs_that_band_alone(place: Place) -> None:
    place.gather(RECIPE.with_(bands=("B04", "B03", "B02")))
    place.asked()
    more = RECIPE.with_(bands=("B04", "B03", "B02", "B08"))
    found = place.gather(more)
    assert {block.planes for block in plan(more, place.acquisitions, {}, TERMS).blocks} != {("B08",)}
    pixels = sum(block.pixels for block in plan(more, place.acquisitions, {}, TERMS).blocks)
    assert found.units == pytest.approx(pixels / 512**2 / 3, rel=1e-6)


def test_a_neighbourhood_next_to_it_costs_what_is_new(place: Place) -> None:
    place.gather()
    place.asked()
    planned = place.plan(RECIPE.with_(centre=TileIndex(2, 1)))
    assert {(block.columns, block.rows) for block in planned.blocks} == {(1, 3)}
    place.gather(RECIPE.with_(centre=TileIndex(2, 1)))
    assert len(place.asked()) == len(place.acquisitions)
    assert place.plan(RECIPE.with_(centre=TileIndex(2, 1))).blocks == ()


def test_a_spent_quota_stops_at_once_and_the_next_run_goes_on(place: Place) -> None:
    message = {"error": {"status": 403, "message": "Insufficient processing units.", "code": "ACCESS_INSUFFICIENT"}}
    place.inject(status=403, body=message, times=100)
    with pytest.raises(QuotaSpent):
        place.gather()
    assert 1 <= len(place.asked()) <= CONNECTIONS
    total = place.plan().requests
    account = place.account()
    heard: list[DownloadStats] = []

    def report(found: DownloadStats) -> None:
        heard.append(found)
        if found.done == 1:
            place.inject(status=403, body=message, times=100)

    with pytest.raises(QuotaSpent):
        gather(place.plan(), account, place.frames, CONNECTIONS, report=report)
    answered = [entry for entry in place.asked() if entry["status"] == 200]
    assert len(answered) == heard[-1].done, "what was paid for is stored"
    assert place.plan().requests == total - len(answered) > 0
    place.gather()
    assert len(place.asked()) == total - len(answered)
    assert place.plan().blocks == ()


def test_a_stop_keeps_what_is_paid_for(place: Place) -> None:
    heard: list[DownloadStats] = []
    with pytest.raises(Cancelled):
        place.gather(report=heard.append, cancelled=lambda: len(heard) >= 2)
    sent = len(place.asked())
    assert heard[-1].done == sent < len(place.acquisitions)
    assert place.plan().requests == len(place.acquisitions) - sent


def test_a_damaged_entry_is_fetched_again_alone(place: Place) -> None:
    place.gather()
    place.asked()
    key = place.keys(RECIPE)[4]
    before = place.frames.read(key, RECIPE.planes)["B04"]
    tables = place.settings.home / "frames"
    place.frames._bytes.put(key.plane_key("B04"), b"damaged")
    assert place.plan().blocks == ()
    with pytest.raises(MissingFrame):
        place.frames.read(key, RECIPE.planes)
    (block,) = place.plan().blocks
    assert (block.planes, block.tiles) == (("B04",), (RECIPE.neighbourhood.indices[4],))
    place.gather()
    assert len(place.asked()) == 1
    assert (FrameStore(tables, 10**9).read(key, RECIPE.planes)["B04"] == before).all()

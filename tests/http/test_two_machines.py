"""Two homes, one PostgreSQL, one bucket: what one machine paid for the other reads, and does not pay again."""

import threading
from datetime import date
from pathlib import Path

import pytest
import rasterio

from services.grid import Lattice, TileIndex
from services.ninepatch import Ninepatch
from services.recipe import Interval, Recipe
from tests.services.buckets import endpoint, with_bucket
from tests.services.databases import postgres, schema

__all__ = ["endpoint", "postgres", "schema"]
SPAN = Interval(date(2018, 6, 1), date(2018, 6, 12))
RECIPE = Recipe(Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0), TileIndex(1, 1), SPAN, maxcc=100, provider="demo")


def machine(home: Path, archive: str, endpoint: str, schema: str) -> Ninepatch:
    """One with a home of its own."""
    changes = {"provider": "demo", "demo_url": archive, "database_url": schema}
    return Ninepatch(with_bucket(endpoint, schema[-12:], home=home, **changes))


@pytest.mark.usefixtures("home")
def test_what_one_machine_paid_for_the_other_reads(archive: str, endpoint: str, schema: str, tmp_path: Path) -> None:
    one, two = (machine(tmp_path / name, archive, endpoint, schema) for name in ("one", "two"))
    first, spent = one.fetch(RECIPE, member="anna")
    assert spent.planes_fetched > 0
    second, again = two.fetch(RECIPE, member="bert")
    assert (again.planes_fetched, again.requests, again.units) == (0, 0, 0.0)
    assert again.planes_cached == spent.planes_fetched
    assert first.observations == second.observations
    tiles = [sorted(product.results.folder(RECIPE.digest).rglob("*.tif")) for product in (one, two)]
    assert len(tiles[0]) > 9
    for ours, theirs in zip(*tiles, strict=True):
        with rasterio.open(ours) as left, rasterio.open(theirs) as right:
            assert (ours.name, left.read().tobytes()) == (theirs.name, right.read().tobytes())


@pytest.mark.usefixtures("home")
def test_what_both_ask_for_at_once_is_paid_for_once(archive: str, endpoint: str, schema: str, tmp_path: Path) -> None:
    machines = [machine(tmp_path / name, archive, endpoint, schema) for name in ("one", "two")]
    spent = []
    threads = [threading.Thread(target=lambda one=one: spent.append(one.fill(RECIPE))) for one in machines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted = {one.planes_fetched + one.planes_cached for one in spent}
    assert len(spent) == 2 and {sum(one.planes_fetched for one in spent)} == wanted

"""Orders of whole areas over the demo archive: every tile as its own picture, paid once, through months and deaths."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import requests
from numpy.typing import NDArray

from services.accounting import Ledger
from services.area import parse_aoi
from services.geo import transformer
from services.grid import Lattice, TileIndex, zone_grids
from services.orders import Order, OrderRow, OrderRun, OrderStore, Sheet, Workshop
from services.recipe import Interval, Recipe
from services.sentinel2 import NO_DATA
from services.storage import WorkerLock
from tests.actors import a_member
from tests.http.archive_log import asked
from tests.http.killing import CONNECTIONS, worker
from tests.http.test_kill import until
from tests.http.test_spending import injected, product

LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0)
SUMMER = Interval(date(2018, 6, 1), date(2018, 7, 1))
RECIPE = Recipe(
    LATTICE, TileIndex(0, 0), SUMMER, maxcc=40, area="Meadow", bands=("B02", "B03", "B04"), least_coverage=1
)
TILES = [TileIndex(x, y) for x in range(5, 9) for y in range(3)] + [TileIndex(9, 1)]
ORDER = Order.of(RECIPE, [Sheet.of(LATTICE, TILES)], outputs=("mosaic", "tiles"))
"""Thirteen tiles in two parts."""


def carried_out(shop: Workshop) -> OrderRow:
    """The order that waits, under a worker of this process, up to its end or its pause."""
    store, lock = OrderStore(shop.database, shop.clock), WorkerLock(shop.settings.home)
    row = store.claim(lock.name)
    assert row is not None
    OrderRun(shop, row, lambda: False).run()()
    lock.close()
    return store.found(row.id)


def pixels(home: Path, order: Order, index: TileIndex) -> NDArray[Any]:
    """Of a tile of the order."""
    with rasterio.open(home / "orders" / order.digest / f"tiles/32635/x{index.x}_y{index.y}.tif") as opened:
        found: NDArray[Any] = opened.read()
    return found


def test_an_order_equals_small_pictures_and_they_ask_nothing(archive: str, home: Path) -> None:
    """Composed by processes; those of the other tests are by threads."""
    ours = product(archive, home, engine="processes")
    bill = ours.orders.estimate(ORDER, "anna")
    assert (bill.tiles, bill.parts, bill.cached, bill.refusal, bill.months) == (13, 2, 0, None, 1)
    assert ours.orders.bill(ORDER, "anna", 60.0).pixels == bill.pixels, "the same beside who asks"
    asked(archive)
    ours.orders.start(ORDER, a_member("anna"), cap=0)
    row = carried_out(ours.workshop)
    assert (row.state, row.cause) == ("done", "")
    log = asked(archive)
    assert len(log) == bill.pixels.requests == row.requests
    assert row.units == pytest.approx(bill.pixels.units, rel=0.02)
    assert ours.orders.estimate(ORDER, "anna").pixels.requests == 0
    report = ours.orders.report(row.id)
    assert (report.counts["done"], report.tiles["done"], report.failures) == (2, 13, ())
    assert (home / "orders" / ORDER.digest / "mosaic_32635.tif").exists()
    inside = RECIPE.with_(centre=TileIndex(6, 1), radius=1, date_rule="tile")
    assert ours.known(inside) is not None
    _, spent = ours.fetch(inside, member="bert")
    assert (spent.requests, asked(archive)) == (0, [])
    for tile in inside.neighbourhood.tiles:
        with rasterio.open(ours.results.folder(inside.digest) / f"tiles/{tile.name}.tif") as opened:
            assert np.array_equal(opened.read(), pixels(home, ORDER, tile.index)), tile.name


def test_an_area_of_two_zones_has_a_mosaic_in_each_and_one_over_both(archive: str, home: Path) -> None:
    ours = product(archive, home)
    aoi = parse_aoi("23.98, 60.0, 24.02, 60.008")
    order = Order.of_grid(RECIPE, *zone_grids(aoi, 600), outputs=("mosaic",), crs=3067)
    ours.orders.start(order, a_member("anna"), cap=0)
    assert carried_out(ours.workshop).state == "done"
    places = [(23.9905 + 0.001 * x, 60.0005 + 0.001 * y) for x in range(20) for y in range(7)]
    for name, epsg, mine in (
        ("mosaic_32634", 32634, [place for place in places if place[0] < 24]),
        ("mosaic_32635", 32635, [place for place in places if place[0] > 24]),
        ("mosaic_all_3067", 3067, places),
    ):
        with rasterio.open(home / "orders" / order.digest / f"{name}.tif") as opened:
            assert opened.crs.to_epsg() == epsg
            eastings, northings = transformer(4326, epsg).transform(*np.array(mine).T)
            seen = list(opened.sample(zip(eastings, northings, strict=True)))
        assert all(pixel[0] != NO_DATA for pixel in seen), f"{name} has no gap at the meridian"


def limited(archive: str, **limits: float) -> None:
    """The account has so much from now on, and nothing of it is spent."""
    requests.post(f"{archive}/_test/limits", json=limits, timeout=30).raise_for_status()


def all_asked(archive: str) -> list[dict[str, Any]]:
    """All requests since the last look, but for tokens."""
    log = requests.get(f"{archive}/_test/log", timeout=30).json()["requests"]
    requests.post(f"{archive}/_test/reset", timeout=30)
    return [entry for entry in log if entry["endpoint"] in ("process", "search", "catalog")]


def test_a_small_month_is_never_passed_and_the_next_one_goes_on(archive: str, home: Path) -> None:
    now = [datetime(2026, 11, 29, 12, tzinfo=UTC).timestamp()]
    limits = {"requests_per_minute": 300, "units_per_minute": 300, "units_per_month": 100, "requests_per_month": 9}
    ours = product(archive, home)
    small = replace(ours.provider(RECIPE), **limits)  # type: ignore[type-var]
    shop = replace(
        ours.workshop,
        ledger=Ledger(ours.database, lambda: now[0]),
        clock=lambda: now[0],
        provider=lambda recipe: small,
    )
    store = OrderStore(shop.database, shop.clock)
    store.submit(ORDER, a_member("anna"), cap=0, share=0.5)
    months: list[tuple[str, int]] = []
    firsts = [datetime(2026, 12, 1, tzinfo=UTC), *(datetime(2027, month, 1, tzinfo=UTC) for month in range(1, 13))]
    while not months or months[-1][0] == "paused":
        limited(archive, **limits)
        row = carried_out(shop)
        log = all_asked(archive)
        months.append((row.state, len(log)))
        assert {entry["status"] for entry in log} == {200}, "no request is refused"
        assert len(log) <= 0.5 * limits["requests_per_month"]
        if row.state == "paused":
            assert datetime.fromtimestamp(row.until, UTC) == firsts[len(months) - 1]
            assert "month" in row.waiting and "requests_per_month" in row.remedy
            now[0] = row.until - 1
            assert store.claim("too early") is None
            now[0] = row.until
    assert months[-1][0] == "done" and len(months) > 2


def test_a_cap_is_never_passed_and_a_larger_one_goes_on(archive: str, home: Path) -> None:
    ours = product(archive, home)
    bill = ours.orders.estimate(ORDER, "anna")
    ours.orders.start(ORDER, a_member("anna"), cap=bill.pixels.units / 2)
    row = carried_out(ours.workshop)
    assert (row.state, row.waiting, row.until) == ("paused", "a larger cap", 0.0)
    assert "go on with a larger cap" in row.remedy
    assert 0 < row.units <= row.cap
    ours.orders.resume(row.id, a_member("anna"), cap=2 * bill.pixels.units)
    assert carried_out(ours.workshop).state == "done"
    assert len(asked(archive)) <= bill.pixels.requests + 2


def test_a_part_that_the_service_refuses_is_listed_and_the_rest_goes_on(archive: str, home: Path) -> None:
    ours = product(archive, home, connections=1)
    ours.orders.estimate(ORDER, "anna")
    injected(archive, {"status": 400, "times": 5})  # three of one part, two of the other
    ours.orders.start(ORDER, a_member("anna"), cap=0)
    row = carried_out(ours.workshop)
    report = ours.orders.report(row.id)
    assert (row.state, report.counts["failed"], report.counts["done"]) == ("gaps", 1, 1)
    assert report.failures[0].cause
    ours.orders.retry(row.id, a_member("anna"))
    assert carried_out(ours.workshop).state == "done"


def test_what_does_not_fit_is_refused_with_numbers_before_it_is_paid_for(archive: str, home: Path) -> None:
    ours = product(archive, home, cache_gb=0.0001)
    refusal = ours.orders.estimate(ORDER, "anna").refusal
    assert refusal is not None and "cache_gb" in refusal.remedy
    asked(archive)
    ours.orders.start(ORDER, a_member("anna"), cap=0)
    row = carried_out(ours.workshop)
    assert (row.state, row.cause, asked(archive)) == ("failed", refusal.cause, [])


def part_states(store: OrderStore) -> set[str]:
    return {part.state for part in store.parts(ORDER.digest)}


def test_whoever_dies_at_whatever_state_the_next_one_goes_on_and_pays_nothing_twice(archive: str, home: Path) -> None:
    calm, ours = product(archive, home / "calm"), product(archive, home / "killed", connections=CONNECTIONS)
    for one in (calm, ours):
        one.orders.start(ORDER, a_member("anna"), cap=0)
    assert carried_out(calm.workshop).state == "done"
    whole, store = len(asked(archive)), OrderStore(ours.database)
    injected(archive, {}, {"hold": True, "times": CONNECTIONS})
    moments: list[Callable[[], bool]] = [
        lambda: "fetching" in part_states(store) and bool(store.found(ORDER.digest).beat),
        lambda: bool(part_states(store) & {"composing", "done"}),
        lambda: "%" in store.found(ORDER.digest).waiting,
    ]
    for moment in moments:
        with worker(ours.settings, home / "worker.err"):
            assert until(moment, 60)
        requests.post(f"{archive}/_test/release", timeout=30)
    with worker(ours.settings, home / "worker.err"):
        assert until(lambda: not store.found(ORDER.digest).unfinished, 60), store.found(ORDER.digest)
    assert store.found(ORDER.digest).state == "done", store.found(ORDER.digest)
    assert len(asked(archive)) <= whole + 2 * CONNECTIONS, "what was in flight at two deaths"
    for index in TILES:
        assert np.array_equal(pixels(home / "calm", ORDER, index), pixels(home / "killed", ORDER, index)), index

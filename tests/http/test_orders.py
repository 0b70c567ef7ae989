"""Orders of whole areas over the demo archive: every tile as its own picture, paid once, through months and deaths."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio

from services.accounting import Ledger
from services.grid import Lattice, TileIndex
from services.ninepatch import Ninepatch
from services.orders import Order, OrderRow, OrderRun, OrderStore, Sheet, Workshop
from services.recipe import Interval, Recipe
from services.storage import WorkerLock
from tests.actors import a_member
from tests.http.test_spending import asked, product

LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0)
SUMMER = Interval(date(2018, 6, 1), date(2018, 7, 1))
RECIPE = Recipe(
    LATTICE, TileIndex(0, 0), SUMMER, maxcc=40, area="Meadow", bands=("B02", "B03", "B04"), least_coverage=1
)
TILES = [TileIndex(x, y) for x in range(5, 9) for y in range(3)] + [TileIndex(9, 1)]
ORDER = Order.of(RECIPE, [Sheet.of(LATTICE, TILES)], outputs=("mosaic", "tiles"))
"""Thirteen tiles in two parts."""


def shop_of(ours: Ninepatch, clock: Callable[[], float]) -> Workshop:
    """Of a product whose months begin by that clock."""
    return replace(ours.workshop, ledger=Ledger(ours.database, clock), clock=clock)


def carried_out(shop: Workshop) -> OrderRow:
    """The order that waits, under a worker of this process, up to its end or its pause."""
    store, lock = OrderStore(shop.database, shop.clock), WorkerLock(shop.settings.home)
    row = store.claim(lock.name)
    assert row is not None
    OrderRun(shop, row, lambda: False).run()()
    lock.close()
    return store.found(row.id)


def pixels(home: Path, order: Order, index: TileIndex) -> np.ndarray:
    """Of a tile of the order."""
    with rasterio.open(home / "orders" / order.digest / f"tiles/32635/x{index.x}_y{index.y}.tif") as opened:
        return opened.read()


def test_an_order_equals_small_pictures_and_they_ask_nothing(archive: str, home: Path) -> None:
    ours = product(archive, home)
    bill = ours.orders.estimate(ORDER, "anna")
    assert (bill.tiles, bill.parts, bill.cached, bill.refusal, bill.months) == (13, 2, 0, None, 1)
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
    result, spent = ours.fetch(inside, member="bert")
    assert (spent.requests, asked(archive)) == (0, [])
    for tile in inside.neighbourhood.tiles:
        with rasterio.open(ours.results.folder(inside.digest) / f"tiles/{tile.name}.tif") as opened:
            assert np.array_equal(opened.read(), pixels(home, ORDER, tile.index)), tile.name


def test_a_small_month_is_never_passed_and_the_next_one_goes_on(archive: str, home: Path) -> None:
    """With five requests a month, and units for about as many."""
    now = [datetime(2026, 11, 29, 12, tzinfo=UTC).timestamp()]
    ours = product(archive, home, **{"provider": "small"})

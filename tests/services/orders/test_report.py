"""How far an order is: its pace of the last half hour, what is left by it, and what failed."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from services.accounting.entry import Entry
from services.engines import PartReceipt, TileReceipt
from services.ninepatch import Ninepatch
from services.orders import Failure, OrderStore
from services.orders.service import OrderService
from services.settings import load_settings
from tests.actors import a_member
from tests.services.databases import Place
from tests.services.orders.test_store import ORDER


def begun(
    place: Place, *, parts: int, tiles: int, cap: float = 0.0, clock: Callable[[], float] = time.time
) -> tuple[Ninepatch, OrderStore, str]:
    """An order of anna's that the worker "w" has, with so many parts of so many tiles each; its number."""
    product = Ninepatch(load_settings(home=place.home, database_url=place.url))
    store = OrderStore(product.database, clock)
    key = store.submit(ORDER, a_member("anna"), cap=cap, share=1.0).id
    assert store.claim("w") is not None
    part = {"epsg": 32634, "x": 0, "y": 0, "columns": 7, "rows": 7, "tiles": tiles, "state": "waiting"}
    store.put_parts(key, [{**part, "number": number} for number in range(parts)], by="w")
    return product, store, key


def test_a_report_counts_the_pace_of_lately_and_names_tiles_that_failed(place: Place) -> None:
    now = [1000.0]
    product, store, key = begun(place, parts=5, tiles=10, clock=lambda: now[0])
    orders = OrderService(replace(product.workshop, clock=lambda: now[0]))
    receipt = PartReceipt(key, 3, (TileReceipt(32634, 2, 1, cause="It broke.", remedy="Mend it."),))
    for number, ended, state in ((0, 1060.0, "done"), (1, 4000.0, "done"), (2, 4500.0, "done"), (3, 4600.0, "failed")):
        told = receipt.to_json() if state == "failed" else ""
        store.part(key, number, "w", state=state, finished=ended, units=6.0, receipt=told)
    now[0] = 4600.0
    found = orders.report(key)
    assert (found.counts["done"], found.tiles["done"], found.tiles["waiting"]) == (3, 30, 10)
    assert found.tiles_a_minute == pytest.approx(20 / 30), "of the two that ended within the half hour"
    assert found.units_a_minute == pytest.approx(18 / 30)
    assert found.seconds_left == pytest.approx(10 / (20 / 30) * 60)
    assert found.failures == (Failure(3, 32634, "2,1", "It broke.", "Mend it."),)


def test_what_is_spent_is_what_the_ledger_and_so_the_cap_count(place: Place) -> None:
    product, store, key = begun(place, parts=1, tiles=1, cap=40)
    orders, ledger = product.orders, product.ledger
    store.part(key, 0, "w", state="done", units=6.0, requests=2)
    asked = Entry("demo", "one", 100, 1, ("B04",), 5.0, run=store.found(key).run)
    for units in (4.0, 2.0):
        ledger.settle(ledger.reserve(asked), replace(asked, units=units, status=200, tries=1))
    ledger.reserve(asked)  # nobody knows what became of it: it counts at its estimate
    found = orders.report(key)
    assert (found.row.units, found.spent_share) == (11.0, 11 / 40)


def test_the_first_small_parts_say_nothing_of_the_time_that_is_left(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.orders.service.STEADY_SHARE", 100.0)  # of an order of few tiles, as of a large one
    product, store, key = begun(place, parts=7, tiles=1)
    orders = product.orders
    told = []
    for number in range(6):
        store.part(key, number, "w", state="done", finished=product.workshop.clock())
        told.append(orders.report(key).seconds_left)
    assert told[:4] == [None] * 4 and all(one is not None and one > 0 for one in told[4:])


def test_clear_observations_are_those_of_the_middle_tile(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    product, store, key = begun(place, parts=4, tiles=2)
    orders = product.orders
    for number, (state, medians) in enumerate([("done", (3.0, 0.0)), ("done", (12.0, 5.5)), ("failed", (90.0, 91.0))]):
        receipt = PartReceipt(key, number, tuple(TileReceipt(32634, n, 0, median=one) for n, one in enumerate(medians)))
        store.part(key, number, "w", state=state, receipt=receipt.to_json())
    store.part(key, 3, "w", state="done", receipt="of another version")
    store.finish(key, "gaps", by="w")
    assert orders.clear_observations(store.found(key)) == np.median([3.0, 12.0, 5.5])
    monkeypatch.setattr("services.orders.service.MOST_READ", 0)
    assert orders.clear_observations(store.found(key)) is None

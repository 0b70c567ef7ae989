"""Orders of the same tiles beside each other: which of them a table of years and limits has, on both engines."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.errors import OrderError
from services.grid import TileIndex
from services.orders import Order, OrderRow, OrderStore, SameArea, Sheet
from services.orders.order import question_of
from services.recipe import Interval, Variant, Veto
from tests.actors import a_member
from tests.services.databases import Place
from tests.services.orders.test_order import LATTICE, OTHER, RECIPE

SHEETS = (Sheet.of(OTHER, [TileIndex(0, 0)]), Sheet.of(LATTICE, [TileIndex(0, 0), TileIndex(1, 0)]))
YEAR = Interval.of_year
VETO = Veto("S2A_R079_20170607T095031", "haze")


def order(sheets: Sequence[Sheet] = SHEETS, *, outputs: Sequence[str] = ("mosaic",), **choices: Any) -> Order:
    """Of 2017, at most 10 % clouds, unless told."""
    return Order.of(RECIPE.with_(**choices), sheets, outputs=outputs)


@pytest.fixture
def store(place: Place) -> OrderStore:
    clock = iter(range(1_000_000))
    return OrderStore(place.open(), lambda: float(next(clock)))


def found(store: OrderStore, one: Order, *, state: str = "") -> OrderRow:
    """It is ordered, and has ended so."""
    row = store.submit(one, a_member("anna"), cap=0, share=1)
    if state:
        store.claim("w")
        store.finish(row.id, state, by="w")
    return store.found(row.id)


def beside(store: OrderStore, row: OrderRow) -> SameArea:
    """As the service tells it."""
    return SameArea.of(row, store.of_area(row.name, row.tiles, 100))


def test_orders_that_differ_in_year_and_limit_alone_are_the_cells(store: OrderStore) -> None:
    first = found(store, order())
    later, looser = found(store, order(interval=YEAR(2019))), found(store, order(maxcc=40))
    masked = found(store, order(interval=YEAR(2019), mask="strict", method="medoid"))
    cells = {Variant(2017, 10): first, Variant(2017, 40): looser, Variant(2019, 10): later}
    seen = beside(store, first)
    assert (seen.cells, seen.rows) == (cells, (first, looser, later, masked))
    assert [(one.row, one.fields) for one in seen.otherwise] == [(masked, ("mask", "method"))]
    assert beside(store, later).cells == cells, "whichever of them is looked at"


def test_other_tiles_other_names_and_other_sizes_are_no_orders_of_the_area(store: OrderStore) -> None:
    row = found(store, order())
    moved = [SHEETS[0], Sheet.of(LATTICE, [TileIndex(0, 0), TileIndex(0, 1)])]
    for other in (order(moved), order(SHEETS[1:]), order(area="Elsewhere", maxcc=20)):
        found(store, other)
    assert beside(store, row).rows == (row,)


def test_of_orders_with_one_question_the_one_looked_at_is_the_cell_and_else_one_with_a_picture(
    store: OrderStore,
) -> None:
    ended = found(store, order(maxcc=20), state="done")
    same = found(store, order(maxcc=20, outputs=("mosaic", "tiles")))
    row = found(store, order())
    seen = beside(store, row)
    assert seen.cells[Variant(2017, 20)] == ended
    assert [(one.row, one.fields) for one in seen.otherwise] == [(same, ())]
    assert beside(store, same).cells[Variant(2017, 20)] == same


def test_a_veto_of_a_date_is_no_difference_to_a_year_without_it(store: OrderStore) -> None:
    vetoed, plain = found(store, order(vetoes=[VETO])), found(store, order())
    later = found(store, order(interval=YEAR(2018)))
    assert beside(store, vetoed).cells == {Variant(2017, 10): vetoed, Variant(2018, 10): later}
    assert [(one.row, one.fields) for one in beside(store, vetoed).otherwise] == [(plain, ("vetoes",))]
    assert beside(store, later).cells == {Variant(2017, 10): plain, Variant(2018, 10): later}


def test_other_days_of_the_year_are_another_interval(store: OrderStore) -> None:
    row = found(store, order())
    june = found(store, order(interval=Interval(date(2018, 6, 1), date(2018, 7, 1))))
    assert [(one.row, one.fields) for one in beside(store, row).otherwise] == [(june, ("interval",))]


def test_what_another_version_wrote_is_passed_over_and_is_no_start(store: OrderStore) -> None:
    row, other = found(store, order()), found(store, order(maxcc=20))
    strange = replace(other, spec=other.spec.replace('"version":1', '"version":9', 1))
    assert SameArea.of(row, (row, strange)).rows == (row,)
    with pytest.raises(OrderError, match="version 9"):
        SameArea.of(strange, (row,))


def test_the_question_of_an_order_is_read_without_its_tiles() -> None:
    one = order(maxcc=20)
    recipe, sheets = question_of(one.to_json())
    assert recipe == one.recipe and sheets == [sheet.to_dict() for sheet in one.sheets]


def test_the_newest_of_an_area_are_found_by_an_index(store: OrderStore, place: Place) -> None:
    rows = [found(store, order(maxcc=limit)) for limit in (10, 20, 30)]
    assert store.of_area(rows[0].name, rows[0].tiles, 2) == (rows[2], rows[1])
    store.claim("w")
    store.finish(rows[0].id, "done", by="w")
    store.remove(rows[0].id, a_member("anna"))
    assert store.of_area(rows[0].name, rows[0].tiles, 9) == (rows[2], rows[1])
    if not place.url:
        query = "SELECT id FROM orders WHERE name = 'a' AND tiles = 3 ORDER BY created DESC"
        (plan,) = place.rows(f"EXPLAIN QUERY PLAN {query}")
        assert "ix_orders_area" in str(plan[-1])

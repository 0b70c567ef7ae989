"""Orders as rows: who may do what to them, who has them, and what is written down of it."""

from pathlib import Path

import pytest

from services.access import AuditLog
from services.errors import NotAllowed, OrderError, StorageError
from services.grid import Lattice, TileIndex
from services.orders import Order, OrderRow, OrderStore, Sheet
from services.storage import Database, WorkerLock
from tests.actors import a_member, administrator, viewer
from tests.services.orders.test_order import RECIPE

ORDER = Order.of(RECIPE, [Sheet.of(Lattice(32634, 0.0, 0.0, 3300.0, 3300.0), [TileIndex(0, 0)])])


@pytest.fixture
def store(tmp_path: Path) -> OrderStore:
    return OrderStore(Database(tmp_path))


@pytest.fixture
def row(store: OrderStore) -> OrderRow:
    return store.submit(ORDER, a_member("anna"), cap=10, share=0.5)


def test_the_same_order_is_one_row_and_viewers_order_nothing(store: OrderStore, row: OrderRow) -> None:
    assert store.submit(ORDER, a_member("bert"), cap=99, share=1) == row
    assert (row.id, row.order, row.member, row.state, row.cap) == (ORDER.digest, ORDER, "anna", "queued", 10)
    with pytest.raises(NotAllowed):
        store.submit(ORDER, viewer(), cap=0, share=1)
    with pytest.raises(OrderError):
        store.found("0" * 16)


def test_others_orders_are_an_administrators_and_that_is_recorded(store: OrderStore, row: OrderRow) -> None:
    for act in (store.pause, store.resume, store.cancel):
        with pytest.raises(NotAllowed):
            act(row.id, a_member("bert"))
    assert store.pause(row.id, a_member("anna")).state == "paused"
    assert store.resume(row.id, administrator("root"), cap=20).cap == 20
    assert store.cancel(row.id, administrator("root")).state == "cancelled"
    told = [(one.action, one.subject) for one in AuditLog(Database(store._database.home)).recent(administrator())]
    assert told == [("order resumed", row.id)], "it was the administrator's own by then"


def test_an_order_of_a_dead_worker_is_taken_over_and_in_the_end_given_up(store: OrderStore, row: OrderRow) -> None:
    home = store._database.home
    for _ in range(6):
        lock = WorkerLock(home)
        claimed = store.claim(lock.name)
        assert claimed is not None and store.claim("another") is None
        lock.close()
    assert store.claim("another") is None
    assert store.found(row.id).state == "failed" and "6 times" in store.found(row.id).cause


def test_who_has_lost_an_order_writes_nothing(store: OrderStore, row: OrderRow, tmp_path: Path) -> None:
    lock = WorkerLock(tmp_path)
    assert store.claim(lock.name) is not None
    part = {"number": 0, "epsg": 32634, "x": 0, "y": 0, "columns": 7, "rows": 7, "tiles": 1, "state": "waiting"}
    store.put_parts(row.id, [part], by="stranger")
    assert store.parts(row.id) == () and store.report(row.id, "stranger", units=5.0) is None
    store.put_parts(row.id, [part], by=lock.name)
    store.part(row.id, 0, "stranger", state="done")
    assert [one.state for one in store.parts(row.id)] == ["waiting"]
    store.finish(row.id, "gaps", StorageError("It broke.", "Mend it."), by=lock.name)
    again = store.resume(row.id, a_member("anna"))
    assert (again.state, again.cause, again.attempts) == ("queued", "", 0)
    lock.close()

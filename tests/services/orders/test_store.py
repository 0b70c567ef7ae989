"""Orders as rows: who may do what to them, who has them, and what is written down of it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.access import AuditLog
from services.errors import NotAllowed, OrderError, StorageError
from services.grid import Lattice, TileIndex
from services.orders import Order, OrderRow, OrderStore, Sheet
from services.storage import Database, WorkerLife
from tests.actors import a_member, administrator, viewer
from tests.services.databases import Place
from tests.services.orders.test_order import RECIPE

ORDER = Order.of(RECIPE, [Sheet.of(Lattice(32634, 0.0, 0.0, 3300.0, 3300.0), [TileIndex(0, 0)])])


@pytest.fixture
def database(place: Place) -> Database:
    return place.open()


@pytest.fixture
def store(database: Database) -> OrderStore:
    return OrderStore(database)


@pytest.fixture
def worker(database: Database) -> Iterator[WorkerLife]:
    with closing(database.locks.worker()) as life:
        yield life


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


def test_others_orders_are_an_administrators_and_that_is_recorded(
    store: OrderStore, row: OrderRow, database: Database
) -> None:
    for act in (store.pause, store.resume, store.cancel):
        with pytest.raises(NotAllowed):
            act(row.id, a_member("bert"))
    assert store.pause(row.id, a_member("anna")).state == "paused"
    assert store.resume(row.id, administrator("root"), cap=20).cap == 20
    assert store.cancel(row.id, administrator("root")).state == "cancelled"
    with pytest.raises(NotAllowed):
        store.remove(row.id, a_member("bert"))
    told = [(one.action, one.subject) for one in AuditLog(database).recent(administrator())]
    assert told == [("order resumed", row.id)], "it was the administrator's own by then"


def test_an_order_of_a_dead_worker_is_taken_over_and_in_the_end_given_up(
    store: OrderStore, row: OrderRow, database: Database
) -> None:
    for _ in range(6):
        with closing(database.locks.worker()) as life:
            claimed = store.claim(life.name)
            assert claimed is not None and store.claim("another") is None
    assert store.claim("another") is None
    assert store.found(row.id).state == "failed" and "6 times" in store.found(row.id).cause


def test_who_has_lost_an_order_writes_nothing(store: OrderStore, row: OrderRow, worker: WorkerLife) -> None:
    assert store.claim(worker.name) is not None
    part = {"number": 0, "epsg": 32634, "x": 0, "y": 0, "columns": 7, "rows": 7, "tiles": 1, "state": "waiting"}
    store.put_parts(row.id, [part], by="stranger")
    assert store.parts(row.id) == () and store.report(row.id, "stranger", units=5.0) is None
    store.put_parts(row.id, [part], by=worker.name)
    store.part(row.id, 0, "stranger", state="done")
    assert [one.state for one in store.parts(row.id)] == ["waiting"]
    store.finish(row.id, "gaps", StorageError("It broke.", "Mend it."), by=worker.name)
    again = store.resume(row.id, a_member("anna"))
    assert (again.state, again.cause, again.attempts) == ("queued", "", 0)


def test_an_order_that_waits_goes_on_when_its_time_has_come(database: Database, row: OrderRow) -> None:
    now = [row.created + 1.0]
    store = OrderStore(database, lambda: now[0])
    assert store.claim("w") is not None
    store.wait(row.id, "a new month", now[0] + 60.0, StorageError("It is spent.", "Wait."), by="w")
    assert (store.found(row.id).state, store.found(row.id).cause) == ("paused", "It is spent.")
    now[0] += 59.0
    assert store.claim("w") is None
    now[0] += 1.0
    again = store.claim("w")
    assert again is not None and (again.id, again.state, again.waiting, again.until) == (row.id, "running", "", 0.0)


def test_parts_are_counted_by_their_states_with_their_tiles(store: OrderStore, row: OrderRow) -> None:
    assert store.claim("w") is not None
    place = {"epsg": 32634, "x": 0, "y": 0, "columns": 7, "rows": 7}
    states = ("waiting", "done", "done", "failed")
    store.put_parts(
        row.id, ({**place, "number": n, "tiles": n + 1, "state": state} for n, state in enumerate(states)), by="w"
    )
    counts = {state: found for state, found in store.counts(row.id).items() if found != (0, 0)}
    assert counts == {"waiting": (1, 1), "done": (2, 5), "failed": (1, 4)}
    assert store.found(row.id).parts == 4 and [one.number for one in store.parts(row.id, ("done",))] == [1, 2]


def test_two_who_claim_at_once_do_not_wait_for_each_other(schema: str, tmp_path: Path) -> None:
    """Another worker is in the middle of a claim, and somebody in the middle of a large write."""
    database = Database(tmp_path, schema)
    store, other = OrderStore(database), Order.of(RECIPE.with_(maxcc=3), ORDER.sheets)
    first, second = (store.submit(one, a_member("anna"), cap=0, share=1) for one in (ORDER, other))
    with closing(database.locks.worker()) as life, database.transaction(write=True, alone=False) as taking:
        taking.exec_driver_sql(f"UPDATE orders SET state = 'running', worker = 'other' WHERE id = '{first.id}'")
        with database.transaction(write=True):
            claimed = [store.claim(life.name), store.claim(life.name)]
    assert [row and row.id for row in claimed] == [second.id, None]


def test_a_removed_order_is_nobody_s_and_stays_marked_until_the_store_has_nothing_of_it(
    store: OrderStore, row: OrderRow, database: Database
) -> None:
    assert store.claim("w") is not None and store.report(row.id, "w", handed_on=5) is not None
    assert store.report(row.id, "w", handed_on=2) is not None and store.stored() == 7
    with pytest.raises(OrderError, match="not ended"):
        store.remove(row.id, a_member("anna"))
    store.finish(row.id, "done", by="w")
    store.remove(row.id, administrator("root"))
    assert (store.get(row.id), store.list(), store.removed(), store.stored()) == (None, (), {row.id: True}, 7)
    with pytest.raises(OrderError, match="being removed"):
        store.submit(ORDER, a_member("anna"), cap=0, share=1)
    store.is_gone(row.id)
    assert (store.removed(), store.stored()) == ({row.id: False}, 0)
    again = store.submit(ORDER, a_member("bert"), cap=0, share=1)
    assert (again.state, again.member, store.removed()) == ("queued", "bert", {}) and again.run != row.run
    told = AuditLog(database).recent(administrator())
    assert [(one.action, one.detail) for one in told] == [("order removed", "It was anna's.")]

"""An order that is removed goes from all machines and from the store that they share, whatever is away meanwhile."""

from pathlib import Path

import pytest

from services.engines import shelf
from services.errors import OrderError, StoreUnreachable
from services.ninepatch import Ninepatch
from services.orders import Order, OrderStore
from services.orders.transfer import LIST
from services.runtime import Worker
from services.settings import load_settings
from services.storage import FolderObjects, ObjectStore, object_store
from services.storage.objects import s3
from tests.actors import a_member
from tests.ports import free_port
from tests.services.buckets import endpoint, with_bucket
from tests.services.orders.test_store import ORDER

__all__ = ["endpoint"]
ANNA = a_member("anna")


def made(product: Ninepatch) -> Path:
    """The folder of the order, with something in it."""
    folder = product.settings.home / "orders" / ORDER.digest
    (folder / "tiles").mkdir(parents=True)
    (folder / "tiles" / "x.tif").touch()
    return folder


def test_it_goes_here_at_once_and_elsewhere_when_the_worker_comes_round(
    endpoint: str, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "_RETRIED", 0)
    settings = with_bucket(endpoint, tmp_path.name, home=tmp_path / "one", database_url=schema)
    one, two = Ninepatch(settings), Ninepatch(settings.model_copy(update={"home": tmp_path / "two"}))
    gone = {"store_endpoint": f"http://127.0.0.1:{free_port()}"}
    cut_off = Ninepatch(settings.model_copy(update=gone))
    folders, store = [made(one), made(two)], object_store(settings)
    assert store is not None
    for name in (f"orders/{ORDER.digest}/{LIST}", f"orders/{ORDER.digest}/tiles/x.tif", "frames/x"):
        store.put(name, b"1")
    one.orders.start(ORDER, ANNA, cap=0)
    one.orders.cancel(ORDER.digest, ANNA)
    with pytest.raises(StoreUnreachable):
        cut_off.orders.remove(ORDER.digest, ANNA)
    assert one.orders.list() == () and all(folder.exists() for folder in folders)
    with pytest.raises(OrderError, match="being removed"):
        two.orders.start(ORDER, ANNA, cap=0)
    worker = Worker(two.settings)
    worker._tend()
    worker.close()
    assert [folder.exists() for folder in folders] == [True, False]
    assert [*store.names("orders/"), *store.names("frames/")] == ["frames/x"]
    assert OrderStore(one.database).removed() == {ORDER.digest: False}
    one.orders.tidy()
    assert not folders[0].exists()
    assert two.orders.start(ORDER, ANNA, cap=0).state == "queued" and OrderStore(one.database).removed() == {}


@pytest.fixture(params=["folder", "s3"])
def shared(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Ninepatch, ObjectStore]:
    """A product, and what all of its machines share: a bucket, or a folder in its place."""
    if request.param == "s3":
        settings = with_bucket(request.getfixturevalue("endpoint"), tmp_path.name, home=tmp_path / "home")
        found: ObjectStore | None = object_store(settings)
    else:
        settings = load_settings(home=tmp_path / "home")
        found = FolderObjects(tmp_path / "objects")
        monkeypatch.setattr(shelf, "object_store", lambda settings: found)
    assert found is not None
    return Ninepatch(settings), found


def test_what_a_machine_stores_after_the_removal_goes_too_and_nothing_of_other_orders(
    shared: tuple[Ninepatch, ObjectStore], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, store = shared
    monkeypatch.setattr(shelf, "_STEP", 2)
    other = Order.of(ORDER.recipe.with_(maxcc=33), ORDER.sheets)
    for order in (ORDER, other):
        ours.orders.start(order, ANNA, cap=0)
        ours.orders.cancel(order.digest, ANNA)
        store.put(f"orders/{order.digest}/tiles/x.tif", b"1")
    ours.orders.remove(ORDER.digest, ANNA)
    others = [f"frames/{ORDER.digest}/x", f"orders/{'0' * 16}/tiles/x.tif", f"orders/{other.digest}/tiles/x.tif"]
    for name in others[:2]:
        store.put(name, b"1")
    late = [f"orders/{ORDER.digest}/tiles/{number}.tif" for number in range(5)]
    for name in late:
        store.put(name, b"1")
    with caplog.at_level("INFO", logger="services.orders"):
        ours.orders.sweep()
    assert sorted([*store.names("frames/"), *store.names("orders/")]) == others
    assert f"order {ORDER.digest} is removed, with 5 files in the store" in caplog.text
    assert OrderStore(ours.database).removed() == {ORDER.digest: False}
    assert ours.orders.start(ORDER, ANNA, cap=0).state == "queued", "it may be ordered again"
    store.put(late[0], b"2")
    ours.orders.sweep()
    assert store.get(late[0]) == b"2", "that order is there again"

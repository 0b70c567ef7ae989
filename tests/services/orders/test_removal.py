"""An order that is removed goes from all machines and from the store that they share, whatever is away meanwhile."""

from pathlib import Path

import pytest

from services.errors import OrderError, StoreUnreachable
from services.ninepatch import Ninepatch
from services.orders import OrderStore
from services.orders.transfer import LIST
from services.runtime import Worker
from services.storage import object_store
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

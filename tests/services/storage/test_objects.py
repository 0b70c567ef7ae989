"""Objects are stored once, whole, and read in parts; a store that is gone, or refuses, is said in a sentence."""

from collections.abc import Callable
from pathlib import Path

import boto3  # type: ignore[import-untyped] # it has no types
import pytest

from services.errors import SettingsError, StorageError, StoreUnreachable
from services.storage import FolderObjects, ObjectStore, object_store
from services.storage.objects import s3
from tests.ports import free_port
from tests.services.buckets import endpoint, with_bucket

__all__ = ["endpoint"]


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty one of each kind."""
    if request.param == "folder":
        return FolderObjects(tmp_path / "objects")
    found = object_store(with_bucket(request.getfixturevalue("endpoint"), tmp_path.name))
    assert found is not None
    return found


def test_what_is_put_is_what_is_read(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789" * 1000)
    store.put("a/b", b"")
    store.put("a/c", tmp_path / "file")
    assert (store.get("a/b"), store.get("a/c"), store.get("a/d")) == (b"", b"0123456789" * 1000, None)
    assert store.chunks("a/d") is None and b"".join(store.chunks("a/c") or ()) == b"0123456789" * 1000
    assert store.get_ranges("a/c", [(9998, 2), (3, 4)]) == [b"89", b"3456"]
    assert store.get_ranges("a/d", [(0, 1)]) is None
    store.delete(["a/b", "a/d"])
    assert store.get("a/b") is None


def test_names_are_those_below_a_name(store: ObjectStore) -> None:
    for name in ("a/b", "a/c/d", "ab/c", "e"):
        store.put(name, b"")
    assert (sorted(store.names("a/")), list(store.names("f/"))) == (["a/b", "a/c/d"], [])


def test_folders_are_the_next_parts_of_names(store: ObjectStore) -> None:
    for name in ("a/b", "a/c/d", "a/c/e", "a/f/g/h", "ab/c/d", "e"):
        store.put(name, b"")
    assert (sorted(store.folders("a/")), store.folders("f/")) == (["c", "f"], [])
    store.delete(["a/c/d", "a/c/e"])
    assert store.folders("a/") == ["f"]


def test_the_first_of_two_stays_unless_it_is_to_be_replaced(store: ObjectStore, tmp_path: Path) -> None:
    store.put("a", b"first")
    store.put("a", b"second")
    assert store.get("a") == b"first"
    (tmp_path / "file").write_bytes(b"third" * 10**6 * 2)
    store.put("a", tmp_path / "file", replace=True)
    assert store.get("a") == b"third" * 10**6 * 2
    assert b"".join(pieces := list(store.chunks("a") or ())) == b"third" * 10**6 * 2 and len(pieces) > 1


def test_the_bucket_holds_what_was_stored_under_its_prefix(endpoint: str) -> None:
    store = object_store(with_bucket(endpoint, "some/where"))
    assert store is not None and store.name == "s3://team/some/where"
    store.put("x/y", b"seen by another client")
    keys = {"aws_access_key_id": "tests", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    found = boto3.client("s3", endpoint_url=endpoint, **keys).get_object(Bucket="team", Key="some/where/x/y")
    assert found["Body"].read() == b"seen by another client"


def test_a_store_that_is_gone_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "_RETRIED", 0)
    store = object_store(with_bucket(f"http://127.0.0.1:{free_port()}", "gone"))
    assert store is not None
    acts: tuple[Callable[[], object], ...] = (
        lambda: store.get("a"),
        lambda: store.put("a", b""),
        lambda: store.delete(["a"]),
    )
    for act in acts:
        with pytest.raises(StoreUnreachable, match=r"s3://team/gone does .* the connection failed"):
            act()


def test_a_bucket_that_is_not_there_is_said(endpoint: str) -> None:
    settings = with_bucket(endpoint, "x")
    store = object_store(settings.model_copy(update={"store": "s3://nobodys/x"}))
    assert store is not None
    with pytest.raises(StorageError, match="s3://nobodys/x"):
        store.put("a", b"")


def test_a_name_leads_nowhere_else(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="leads out"):
        FolderObjects(tmp_path / "objects").put("../a", b"")


@pytest.mark.parametrize("address", ["team", "https://team", "s3://", "s3://A_B"])
def test_what_is_no_address_is_refused(endpoint: str, address: str) -> None:
    with pytest.raises(SettingsError, match="no address of a bucket"):
        object_store(with_bucket(endpoint, "x").model_copy(update={"store": address}))


def test_without_the_setting_there_is_none() -> None:
    assert object_store(with_bucket("", "x").model_copy(update={"store": ""})) is None

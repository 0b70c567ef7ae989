"""Bytes on disk under text keys: whole or missing, bounded, and never a pickle."""

import logging
import os
import pickle
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import StorageError
from services.storage import ByteStore
from services.storage.bytes_disk import BytesDisk

ROOT = Path(__file__).resolve().parents[3]
LARGE = bytes(range(256)) * 400
"""100 kB: a file of its own. Less than 32 kB is kept in the table."""


@pytest.fixture
def store(tmp_path: Path) -> ByteStore:
    return ByteStore(tmp_path / "cache", 10**9)


def files(folder: Path) -> list[Path]:
    """The files of values."""
    return sorted(folder.glob("cache/??/*.val"))


def change(folder: Path, statement: str, *values: Any) -> None:
    """Do to the table what somebody else does."""
    with sqlite3.connect(folder / "cache" / "cache.db", isolation_level=None) as table:
        assert table.execute(statement, values).rowcount != 0
    table.close()


@settings(max_examples=30, deadline=None)
@given(entries=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.binary(), max_size=20))
def test_what_is_stored_comes_back_under_its_key(
    tmp_path_factory: pytest.TempPathFactory, entries: dict[str, bytes]
) -> None:
    store = ByteStore(tmp_path_factory.mktemp("any"), 10**9)
    for key, value in entries.items():
        store.put(key, value)
    assert store.get_many([*entries, "something else"]) == entries
    assert store.holds([*entries, "something else"]) == set(entries)
    assert store.sizes([*entries, "something else"]) == {key: len(value) for key, value in entries.items()}


def test_a_value_that_is_stored_again_replaces_the_first_and_its_file(store: ByteStore, tmp_path: Path) -> None:
    store.put("a", LARGE)
    store.put("a", LARGE[::-1])
    assert store.get("a") == LARGE[::-1]
    assert len(files(tmp_path)) == 1
    store.remove("a")
    store.remove("a")
    assert store.get("a") is None
    assert files(tmp_path) == []


def test_thousands_of_keys_are_answered_at_once(store: ByteStore) -> None:
    keys = [f"key {number}" for number in range(1_700)]
    for key in keys[::2]:
        store.put(key, b"x")
    assert store.holds(keys) == set(keys[::2])
    assert store.get_many(keys) == dict.fromkeys(keys[::2], b"x")


def test_a_value_whose_time_is_over_is_not_there(store: ByteStore) -> None:
    store.put("over", b"x", expire=-1)
    store.put("still", b"x", expire=3600)
    assert store.holds(["over", "still"]) == {"still"}
    assert store.get("over") is None


@pytest.mark.parametrize("damage", ["short", "empty", "flipped", "longer", "missing"])
def test_a_damaged_file_is_a_missing_value_and_is_removed(
    store: ByteStore, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    store.put("a", LARGE)
    (file,) = files(tmp_path)
    store.put("b", LARGE)
    content = bytearray(file.read_bytes())
    content[50_000] ^= 8
    done: dict[str, bytes | bytearray] = {
        "short": content[:50_000],
        "empty": b"",
        "flipped": content,
        "longer": file.read_bytes() + b"x",
    }
    file.write_bytes(done.get(damage, b""))
    if damage == "missing":
        file.unlink()
    assert store.get_many(["a", "b"]) == {"b": LARGE}
    assert store.holds(["a", "b"]) == {"b"}
    assert len(files(tmp_path)) == 1
    assert "damaged" in caplog.text
    store.put("a", LARGE)
    assert store.get("a") == LARGE


def test_a_damaged_value_in_the_table_is_missing(store: ByteStore, tmp_path: Path) -> None:
    store.put("a", b"small")
    change(tmp_path, "UPDATE Cache SET value = ?", b"other")
    assert store.get("a") is None
    assert store.holds(["a"]) == set()


def test_a_value_under_the_key_of_another_is_missing(store: ByteStore, tmp_path: Path) -> None:
    store.put("a", b"small")
    change(tmp_path, "UPDATE Cache SET key = 'b'")
    assert store.get("b") is None


class Bomb:
    """Unpickled, it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.folder),)


def test_a_pickle_in_the_table_or_in_a_file_is_never_opened(store: ByteStore, tmp_path: Path) -> None:
    bomb = pickle.dumps(Bomb(tmp_path / "exploded"))
    for key, value in (("a", b"x"), ("b", b"x"), ("c", LARGE)):
        store.put(key, value)
    files(tmp_path)[0].write_bytes(bomb)
    change(tmp_path, "UPDATE Cache SET mode = 4, value = ? WHERE key = 'a'", bomb)
    change(tmp_path, "UPDATE Cache SET mode = 4 WHERE key = 'c'")
    change(tmp_path, "UPDATE Cache SET key = ?, raw = 0 WHERE key = 'b'", bomb)
    assert store.get_many(["a", "b", "c"]) == {}
    assert store.holds(["a", "b", "c"]) == set()
    ByteStore(tmp_path / "cache", 1).put("d", b"x")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "ab/../../secret", "secret.val", ""])
def test_no_name_in_the_table_leads_out_of_the_folder(store: ByteStore, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    store.put("a", LARGE)
    change(tmp_path, "UPDATE Cache SET filename = ?", name)
    assert store.get("a") is None
    store.put("a", LARGE)
    change(tmp_path, "UPDATE Cache SET filename = ?", name)
    store.put("a", LARGE)
    ByteStore(tmp_path / "cache", 1).put("b", b"x")
    assert (tmp_path / "secret").read_bytes() == b"secret"


def test_keys_are_text_and_values_are_bytes(tmp_path: Path) -> None:
    disk = BytesDisk(str(tmp_path), min_file_size=10, pickle_protocol=0)
    for key in (1, b"a", ("a",), None):
        with pytest.raises(TypeError):
            disk.put(key)
    for value in ("text", 1, None, bytearray(b"a"), {"a": 1}):
        with pytest.raises(TypeError):
            disk.store(value, False)
    with pytest.raises(ValueError, match="not text"):
        disk.get(b"pickle", False)


def test_the_limit_holds_and_what_was_not_used_for_longest_goes_first(
    store: ByteStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys = [f"{number:03}" for number in range(200)]
    for key in keys:
        store.put(key, LARGE)
        change(tmp_path, "UPDATE Cache SET access_time = ? WHERE key = ?", int(key), key)
    assert store.get("000") == LARGE, "this use makes it the youngest"
    limit = store.volume() - 2_000_000
    small = ByteStore(tmp_path / "cache", limit)
    with caplog.at_level(logging.INFO):
        small.put("new", LARGE)
    assert small.volume() <= limit
    held = small.holds(keys)
    assert "000" in held
    assert held - {"000"} == set(keys[len(keys) - len(held) + 1 :])
    assert len(files(tmp_path)) == len(held) + 1
    assert "made room" in caplog.text


def test_what_has_expired_goes_before_what_is_used(store: ByteStore, tmp_path: Path) -> None:
    store.put("over", LARGE, expire=-1)
    store.put("used", LARGE)
    ByteStore(tmp_path / "cache", store.volume() - 50_000).put("new", b"x")
    assert len(files(tmp_path)) <= 1


def test_files_that_a_killed_process_left_are_removed_when_room_is_made(store: ByteStore, tmp_path: Path) -> None:
    store.put("a", LARGE)
    (kept,) = files(tmp_path)
    left, fresh = kept.with_name("0" * 30 + ".val"), kept.with_name("1" * 30 + ".val")
    left.write_bytes(b"left")
    os.utime(left, (1_000_000, 1_000_000))
    fresh.write_bytes(b"another process writes this now")
    ByteStore(tmp_path / "cache", 1).put("b", b"x")
    for thread in threading.enumerate():
        if thread.name == "sweep":
            thread.join()
    assert files(tmp_path) == [fresh]


def nearly_full(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    """Make the disk look so."""
    usage = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)


def test_on_a_full_disk_nothing_is_stored_and_a_sentence_says_so(
    store: ByteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("a", LARGE)
    nearly_full(monkeypatch, 1_000_000)
    with pytest.raises(StorageError, match="is full: less than 64 MB are free"):
        store.put("b", LARGE)
    assert store.get("b") is None


def test_a_disk_that_others_fill_takes_room_from_the_cache_and_reading_goes_on(
    store: ByteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in range(100):
        store.put(str(key), LARGE)
        change(tmp_path, "UPDATE Cache SET access_time = ? WHERE key = ?", key, str(key))
    nearly_full(monkeypatch, 63 * 2**20)
    store.put("new", LARGE)
    assert store.get("new") == LARGE
    assert store.get("99") == LARGE
    assert store.get("0") is None


def test_a_file_that_cannot_be_written_whole_leaves_nothing(store: ByteStore, tmp_path: Path) -> None:
    store.put("before", LARGE)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(StorageError, match="cannot be written: File too large"):
            store.put("a", LARGE * 4)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert store.get("a") is None
    assert len(files(tmp_path)) == 1
    store.put("a", LARGE)
    assert store.get_many(["a", "before"]) == {"a": LARGE, "before": LARGE}


def test_a_row_that_cannot_be_written_leaves_no_file(store: ByteStore, tmp_path: Path) -> None:
    refuse = "CREATE TRIGGER refuse BEFORE INSERT ON Cache BEGIN SELECT RAISE(FAIL, 'disk I/O error'); END"
    change(tmp_path, refuse)
    with pytest.raises(StorageError, match="disk I/O error"):
        store.put("a", LARGE)
    assert files(tmp_path) == []
    change(tmp_path, "DROP TRIGGER refuse")
    store.put("a", LARGE)
    assert store.get("a") == LARGE


def test_reading_goes_on_where_nothing_can_be_written(store: ByteStore, tmp_path: Path) -> None:
    store.put("a", LARGE)
    change(tmp_path, "UPDATE Cache SET access_time = 0")
    refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON Cache BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
    change(tmp_path, refuse)
    assert store.get("a") == LARGE
    assert store.holds(["a"]) == {"a"}


def test_a_folder_that_cannot_be_one_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be opened"):
        ByteStore(tmp_path / "file" / "cache", 10**9)


def test_a_damaged_table_is_a_sentence_and_is_not_emptied(store: ByteStore, tmp_path: Path) -> None:
    store.put("a", LARGE)
    store.close()
    table = tmp_path / "cache" / "cache.db"
    for path in table.parent.glob("cache.db-*"):
        path.unlink()
    table.write_bytes(b"no database at all" * 1000)
    with pytest.raises(StorageError, match="not a database"):
        ByteStore(tmp_path / "cache", 10**9)
    assert len(files(tmp_path)) == 1


WRITER = """
import sys
from pathlib import Path
from services.storage import ByteStore
store = ByteStore(Path(sys.argv[1]), 10**9)
for number in range(60):
    store.put(f"shared {number % 10}", bytes([number]) * 100_000)
    store.put(f"{sys.argv[2]} {number}", bytes([number]) * 100_000)
    value = store.get(f"shared {number % 7}")
    assert value is None or (len(value) == 100_000 and len(set(value)) == 1)
"""


def test_processes_and_threads_share_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    names = ["one", "two"]
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(folder), name], cwd=ROOT, stderr=subprocess.PIPE)
        for name in names
    ]
    store = ByteStore(folder, 10**9)
    wrong: list[int] = []

    def use(thread: int) -> None:
        for number in range(40):
            store.put(f"thread {thread} {number}", bytes([number]) * 50_000)
            value = store.get(f"shared {number % 10}")
            if value is not None and (len(value) != 100_000 or len(set(value)) != 1):
                wrong.append(number)

    threads = [threading.Thread(target=use, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    assert wrong == []
    keys = [f"{name} {number}" for name in names for number in range(60)]
    keys += [f"thread {thread} {number}" for thread in range(4) for number in range(40)]
    assert set(store.get_many(keys)) == set(keys)
    assert len(files(tmp_path)) == len(keys) + 10


def test_all_keys_are_told_with_their_bytes_the_first_stored_first(store: ByteStore) -> None:
    assert (list(store.entries()), store.holdings()) == ([], (0, None))
    values = {f"key {number}": bytes(number) for number in (3, 1, 50_000)}
    before = time.time()
    for key, value in values.items():
        store.put(key, value)
    sizes = [len(value) for value in values.values()]
    seal = 12
    assert list(store.entries()) == [(key, size + seal) for key, size in zip(values, sizes, strict=True)]
    count, oldest = store.holdings()
    assert count == 3 and oldest is not None and before - 1 <= oldest <= time.time() + 1


def test_removing_many_says_how_many_there_were_and_leaves_no_file(store: ByteStore, tmp_path: Path) -> None:
    for number in range(200):
        store.put(str(number), LARGE)
    told = dict(store.entries())
    gone = [str(number) for number in range(150)]
    assert store.remove_many([*gone, "never stored"]) == (150, sum(told[key] for key in gone))
    assert store.remove_many(gone) == (0, 0)
    assert {key for key, _ in store.entries()} == {str(number) for number in range(150, 200)}
    assert len(files(tmp_path)) == 50

"""What running jobs count on: seen by every process, left by whoever makes room, and gone with its process."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.errors import CapacityExceeded, StorageError
from services.storage import ByteStore, Reservation, bytes_disk

ROOT = Path(__file__).resolve().parents[3]
LARGE = bytes(range(256)) * 400
"""100 kB: a file of its own."""
LIMIT = 3_000_000
HOLDER = """
import sys, time
from pathlib import Path
from services.storage import ByteStore
store = ByteStore(Path(sys.argv[1]), 10**9)
with store.reserving(sys.argv[2:]) as reserved:
    reserved.claim(5_000_000, 1_000_000, lambda taken: print(taken, flush=True))
    time.sleep(600)
"""


@pytest.fixture
def store(tmp_path: Path) -> ByteStore:
    return ByteStore(tmp_path / "cache", LIMIT)


@contextmanager
def holder(folder: Path, *keys: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process with a reservation."""
    command = [sys.executable, "-c", HOLDER, str(folder), *keys]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "0\n"
            yield process
        finally:
            process.kill()


def put(store: ByteStore, *names: str) -> None:
    for name in names:
        store.put(name, LARGE)


def numbered(name: str, count: int) -> list[str]:
    return [f"{name} {number}" for number in range(count)]


def test_what_a_job_of_another_process_needs_stays_until_that_process_ends(store: ByteStore, tmp_path: Path) -> None:
    needed = numbered("needed", 10)
    put(store, *needed)
    with holder(tmp_path / "cache", *needed, "needed later") as process:
        assert store.claimed() == 5_000_000
        put(store, *numbered("other", 60), "needed later", *numbered("another", 60))
        assert store.holds(needed) == set(needed), "they are the oldest"
        assert store.holds(["needed later"])
        assert store.volume() <= LIMIT
        process.kill()
        process.wait()
        put(store, *numbered("last", 40))
    assert store.holds([*needed, "needed later"]) == set()
    assert store.claimed() == 0
    assert [path.name for path in (tmp_path / "cache" / "reserved").iterdir()] == ["lock"]


def test_where_jobs_need_all_that_is_there_nothing_more_is_asked_for(store: ByteStore) -> None:
    needed = numbered("needed", 28)
    with store.reserving(needed):
        put(store, *needed)
        with pytest.raises(StorageError, match="running jobs need what is in it, and its limit is 3 MB"):
            store.make_room(300_000)
        with pytest.raises(StorageError, match="running jobs need"):
            put(store, *numbered("other", 9))
        assert store.holds(needed) == set(needed)
    store.make_room(300_000)
    assert len(store.holds(needed)) < 28


def test_a_claim_sees_the_others_and_takes_blocks_of_the_disk(store: ByteStore) -> None:
    seen: list[int] = []
    with store.reserving(["a"]) as first, store.reserving(["b"]) as second:
        first.claim(1000, 2_000_000, seen.append)
        second.claim(70, 500_000, seen.append)
        first.claim(2000, 3_000_000, seen.append)
        assert (seen, store.claimed()) == ([0, 1000, 70], 2070)
        blocks = [os.fstat(one._space.fileno()).st_blocks * 512 for one in (first, second)]
        assert 3_000_000 <= blocks[0] < 3_100_000 and 500_000 <= blocks[1] < 600_000
        first.spend(2_500_000)
        assert os.fstat(first._space.fileno()).st_blocks * 512 < 600_000
        first.release()
        assert os.fstat(first._space.fileno()).st_blocks == 0
    assert store.claimed() == 0


def test_a_claim_that_is_refused_takes_nothing(store: ByteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(taken: int) -> None:
        raise CapacityExceeded("Too much.", "Less.")

    with store.reserving(["a"]) as reserved:
        with pytest.raises(CapacityExceeded):
            reserved.claim(1000, 1000, refuse)
        monkeypatch.setattr(os, "posix_fallocate", full)
        with pytest.raises(StorageError, match="2 MB of the disk cannot be set aside") as raised:
            reserved.claim(1000, 2_000_000, lambda taken: None)
        assert "what has been fetched is kept" in raised.value.remedy
        assert store.claimed() == 0
        assert os.fstat(reserved._space.fileno()).st_size == 0


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_all_answers_under_way_have_space_before_they_are_asked_for(
    store: ByteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.reserving(["a"]) as reserved:
        reserved.claim(0, 1_000_000, lambda taken: None)
        monkeypatch.setattr(os, "posix_fallocate", full)
        with reserved.answer(600_000), reserved.answer(400_000):
            refused(reserved, 1)
        with reserved.answer(1_000_000):
            pass
        reserved.spend(1)
        refused(reserved, 1_000_000)


def refused(reserved: Reservation, size: int) -> None:
    """An answer of that size is not asked for."""
    with pytest.raises(StorageError, match="cannot be set aside"), reserved.answer(size):
        raise AssertionError("it is asked for")


def test_a_disk_that_cannot_set_blocks_aside_counts_them(store: ByteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "posix_fallocate", refuses)
    with store.reserving(["a"]) as reserved:
        reserved.claim(0, 1_000_000, lambda taken: None)
        with reserved.answer(2_000_000):
            store.put_many({"a": LARGE}, reserved=reserved)
    assert store.get("a") == LARGE


@pytest.mark.parametrize("refusals", [1, 2, 3])
def test_a_reserved_value_is_written_again_as_long_as_there_is_something_to_give_back(
    store: ByteStore, monkeypatch: pytest.MonkeyPatch, refusals: int
) -> None:
    write, left = bytes_disk._write_new, [refusals]

    def refuses(path: Path, value: bytes) -> None:
        if left[0]:
            left[0] -= 1
            full()
        write(path, value)

    with store.reserving(["a"]) as reserved:
        reserved.claim(0, 10_000_000, lambda taken: None)
        monkeypatch.setattr(bytes_disk, "_write_new", refuses)
        store.put_many({"a": LARGE}, reserved=reserved)
        assert store.get("a") == LARGE
        left[0] = 9
        with pytest.raises(StorageError, match="No space left"):
            store.put_many({"b": LARGE}, reserved=reserved)
        left[0] = 1
        with pytest.raises(StorageError, match="No space left"):
            store.put("c", LARGE)

"""What a confined process can still do: nothing but read its request and answer."""

import os
import struct
import tempfile
import threading
import time
from pathlib import Path

import pytest

from services.errors import AreaError, StorageError
from services.formats import FileLimits
from services.sandbox import client, outline_from_file
from services.sandbox.client import Ended, run
from tests.services.sandbox.cell import PRISONER, ended, tried


def test_no_file_can_be_read_written_or_listed_and_nobody_be_called() -> None:
    found = tried("read", "own", "write", "list", "listen", "connect")
    assert {found[word] for word in ("read", "own", "write", "list", "listen", "connect")} <= {
        "OSError",
        "PermissionError",
    }
    assert not Path("/tmp/ninepatch-prisoner").exists()


def test_it_knows_nothing_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NINEPATCH_CLIENT_SECRET", "hush")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    assert not {name for name in tried("environment")["environment"] if "NINEPATCH" in name or "PROXY" in name.upper()}


def test_memory_ends() -> None:
    assert tried("memory")["memory"] == "MemoryError"


def test_processor_time_ends() -> None:
    assert ended("spin", seconds=1) == Ended(b"", "time")


def test_time_on_the_clock_ends_even_where_nobody_waits() -> None:
    began = time.monotonic()
    assert ended("sleep", seconds=1) == Ended(b"", "time")  # by its own alarm, three seconds after
    assert ended("sleep", wait=0.5) == Ended(b"", "time")
    assert time.monotonic() - began < 15


def test_an_answer_without_end_is_no_answer() -> None:
    assert ended("flood").why == "killed"


def test_one_that_crashes_takes_nobody_along() -> None:
    assert ended("stack") == Ended(b"", "killed")


def test_nothing_stays_however_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = children()
    for words, options in ((["stack"], {}), (["sleep"], {"wait": 0.5}), (["read"], {})):
        ended(*words, **options)  # type: ignore[arg-type] # they are the test's own
        assert list(tmp_path.iterdir()) == []
    assert children() <= before, "but for those that other tests have started"


def children() -> set[str]:
    """Processes that this one started and that are there still."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    return set(listed.read_text().split()) if listed.exists() else set()


def test_no_more_than_some_run_at_once() -> None:
    began = time.monotonic()
    threads = [threading.Thread(target=ended, args=("sleep",), kwargs={"wait": 1.0}) for _ in range(client.AT_ONCE + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began >= 2.0


def test_a_full_disk_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(StorageError, match="No space left"):
        run(PRISONER, b"", 1, 1)


ONE = b'{"outline": {"polygons": [[1]], "notes": [], "features": 1, "epsg": 4326, "members": []}}\n'
"""The answer with one position, which follows."""


def test_an_answer_whose_numbers_fit_is_an_outline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.sandbox.client.run", lambda *_: Ended(ONE + struct.pack("=2d", 24.5, -0.0)))
    outline = outline_from_file(b"{}", "a.json", FileLimits())
    assert repr(outline.polygons) == "((((24.5, -0.0),),),)"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Ended(b"", "time"), "takes longer than 5 s"),
        (Ended(b'{"fault": "memory"}'), "more than 1,000 MB of memory"),
        (Ended(b"", "killed"), "cannot be read as GeoJSON or WKT"),
        (Ended(b""), "cannot be read"),
        (Ended(b"[" * 100_000), "cannot be read"),
        (Ended(b"[1]"), "cannot be read"),
        (Ended(b"\xff\xfe"), "cannot be read"),
        (Ended(b'{"outline": {}}'), "no outline"),
        (Ended(b'{"outline": {"polygons": [[[[1, 2]]]], "notes": [], "features": 1, "epsg": 4326}}'), "no outline"),
        (Ended(b'{"outline": {"polygons": [[[[1.0, NaN]]]], "notes": [], "features": 1, "epsg": 4326}}'), "no outline"),
        (Ended(b'{"outline": {"polygons": [[[[1.0, 2.0]]]], "notes": [], "features": true, "epsg": 1}}'), "no outline"),
        (Ended(ONE + bytes(15)), "no outline"),
        (Ended(ONE + bytes(17)), "no outline"),
        (Ended(ONE + struct.pack("=2d", 24, float("nan"))), "no outline"),
        (Ended(ONE.replace(b"[[1]]", b"[[]]")), "no outline"),
        (Ended(ONE.replace(b"[[1]]", b"[[2, -1]]") + bytes(16)), "no outline"),
        (Ended(ONE.replace(b'"members": []', b'"members": [["a", 2]]') + bytes(16)), "no outline"),
        (Ended(ONE.replace(b"4326", b"true") + bytes(16)), "no outline"),
        (Ended(b'{"cause": "a\\u202eb\\nc.", "remedy": ""}'), r"^ab c\. *$"),
    ],
)
def test_the_answer_is_believed_in_nothing(answer: Ended, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.sandbox.client.run", lambda *_: answer)
    with pytest.raises(AreaError, match=words):
        outline_from_file(b"{}", "a.json", FileLimits())

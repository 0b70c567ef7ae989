"""Files that are there whole or not at all."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.errors import StorageError
from services.storage import write_beside


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = write_beside(tmp_path / "a.txt", lambda path: path.write_text("old"))

    def breaks(path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="No space left"):
        write_beside(target, breaks)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_an_interrupted_writer_leaves_nothing_behind(tmp_path: Path) -> None:
    def stops(path: Path) -> None:
        path.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_beside(tmp_path / "a.txt", stops)
    assert list(tmp_path.iterdir()) == []


def test_threads_that_write_the_same_file_leave_one_whole_file(tmp_path: Path) -> None:
    texts = [letter * 100_000 for letter in "abcdefgh"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_beside(tmp_path / "a.txt", lambda path: path.write_text(text)), texts * 4))
    assert (tmp_path / "a.txt").read_text() in texts
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"a\.txt cannot be written"):
        write_beside(tmp_path / "file" / "a.txt", lambda path: path.write_text(""))


def test_what_a_killed_writer_left_goes_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    mine, nobody = threading.get_ident(), 1
    gone = (f".{dead.pid}-{mine}-a.txt", f".{os.getpid()}-{nobody}-a.txt")
    stays = (f".{os.getppid()}-{nobody}-a.txt", f".{dead.pid}-{mine}-b.txt", ".a.txt", ".x-y-a.txt")
    for name in (*gone, *stays):
        (tmp_path / name).write_text("half")
    write_beside(tmp_path / "a.txt", lambda path: path.write_text("whole"))
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", *stays}
    assert (tmp_path / "a.txt").read_text() == "whole"

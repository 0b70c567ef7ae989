"""Who lives is told by the kernel, and what the dead leave is swept up."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.errors import StorageError
from services.storage import WorkerLock, worker_lives
from services.storage.file_lock import living

ROOT = Path(__file__).resolve().parents[3]


def test_a_worker_lives_until_it_is_closed(tmp_path: Path) -> None:
    first, second = WorkerLock(tmp_path), WorkerLock(tmp_path)
    assert living(tmp_path) == tuple(sorted((first.name, second.name)))
    first.close()
    assert not worker_lives(tmp_path, first.name)
    assert living(tmp_path) == (second.name,)
    second.close()
    assert living(tmp_path) == ()


def test_a_killed_worker_is_dead_and_its_file_is_removed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from services.storage.file_lock import WorkerLock;"
        "lock = WorkerLock(Path(sys.argv[1])); print(lock.name, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        name = other.stdout.readline().strip()
        assert living(tmp_path) == (name,)
        os.kill(other.pid, signal.SIGKILL)
    assert living(tmp_path) == ()
    assert list((tmp_path / "workers").iterdir()) == []


def test_one_that_is_about_to_live_is_not_swept_up(tmp_path: Path) -> None:
    (tmp_path / "workers").mkdir()
    unborn = tmp_path / "workers" / "1-abc.new"
    unborn.touch()
    assert living(tmp_path) == ()
    assert unborn.exists()


@pytest.mark.parametrize("name", ["", "nobody"])
def test_a_name_that_no_worker_has_is_dead(name: str, tmp_path: Path) -> None:
    WorkerLock(tmp_path).close()
    assert not worker_lives(tmp_path, name)


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "workers").write_text("")
    with pytest.raises(StorageError, match="workers"):
        WorkerLock(tmp_path)

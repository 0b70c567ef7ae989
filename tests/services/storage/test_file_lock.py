"""Single flight: one holder at a time, over threads and processes, however the holder ends."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.errors import Cancelled, StorageError
from services.storage import SingleFlight
from services.storage.file_lock import SLOTS, slot_of

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys
from pathlib import Path
from services.storage import SingleFlight
with SingleFlight(Path(sys.argv[1])).holding(sys.argv[2:]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_process(folder: Path, *names: str) -> Iterator["subprocess.Popen[str]"]:
    """Another program that holds the names until its input ends or it is killed."""
    command = [sys.executable, "-c", HOLDER, str(folder), *names]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def is_free(folder: Path, *names: str) -> bool:
    """Whether nobody holds any of them: a first look that finds one held gives up."""
    try:
        with SingleFlight(folder).holding(names, lambda: True):
            return True
    except Cancelled:
        return False


def test_a_name_is_held_by_one_process_at_a_time(tmp_path: Path) -> None:
    with other_process(tmp_path, "a", "b"):
        assert not is_free(tmp_path, "a")
        assert not is_free(tmp_path, "c", "b")
        assert is_free(tmp_path, "c")


def test_who_waits_takes_over_from_who_is_killed(tmp_path: Path) -> None:
    with other_process(tmp_path, "a") as holder:
        observations = 0

        def kill_after_a_look() -> bool:
            nonlocal observations
            observations += 1
            if observations == 2:
                holder.kill()
            return False

        with SingleFlight(tmp_path).holding(["a"], kill_after_a_look):
            assert observations >= 2
            assert not is_free(tmp_path, "a")
    assert is_free(tmp_path, "a")


def test_threads_of_one_process_exclude_each_other_and_none_waits_for_ever(tmp_path: Path) -> None:
    single_flight, names = SingleFlight(tmp_path), [f"plane {number}" for number in range(6)]
    inside: dict[str, int] = dict.fromkeys(names, 0)
    clashes: list[str] = []

    def hold(number: int) -> None:
        mine = [names[number % 6], names[(number + 1) % 6], names[(number + 3) % 6]]
        with single_flight.holding(mine if number % 2 else reversed(mine)):
            for name in mine:
                inside[name] += 1
            clashes.extend(name for name in mine if inside[name] != 1)
            for name in mine:
                inside[name] -= 1

    threads = [threading.Thread(target=hold, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    assert clashes == []


def test_what_is_held_is_let_go_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), SingleFlight(tmp_path).holding(["a", "b"]):
        raise ZeroDivisionError
    assert is_free(tmp_path, "a", "b")


def test_who_gives_up_waiting_lets_go_of_what_it_has(tmp_path: Path) -> None:
    low, high = sorted(("a", "b"), key=slot_of)
    with other_process(tmp_path, high):
        assert not is_free(tmp_path, low, high)
        assert is_free(tmp_path, low)


def test_names_find_their_files_alike_everywhere_and_the_files_are_bounded() -> None:
    assert [slot_of("a"), slot_of("b"), slot_of("Bodø")] == [3530, 2378, 509]
    assert {0 <= slot_of(str(number)) < SLOTS for number in range(5000)} == {True}


def test_a_folder_that_cannot_be_made_has_its_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"folder of locks .*file"), SingleFlight(tmp_path / "file").holding(["a"]):
        pass

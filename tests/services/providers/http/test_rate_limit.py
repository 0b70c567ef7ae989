"""The allowance that processes share: one at a time, never half-written, and forgotten with the machine's clock."""

import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from services.errors import StorageError
from services.providers.http.allowance import Left, SharedAllowance
from services.providers.http.rate_limit import RateLimiter

ROOT = Path(__file__).resolve().parents[4]
RESERVER = """
import sys
from pathlib import Path
from services.providers.http.rate_limit import RateLimiter
pace = RateLimiter(60, 1e9, shared=Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    print(pace._reserve(1.0)[0], flush=True)
"""


def reserver(path: Path, count: int) -> "subprocess.Popen[str]":
    """Another process that asks so often for its turn, once it is told to."""
    command = [sys.executable, "-c", RESERVER, str(path), str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def tell(process: "subprocess.Popen[str]") -> None:
    """Now."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_what_processes_are_given_together_is_one_accounts_pace(tmp_path: Path) -> None:
    processes = [reserver(tmp_path / "pace", 200) for _ in range(3)]
    for process in processes:
        tell(process)
    given = [[float(line) for line in process.communicate(timeout=60)[0].split()] for process in processes]
    assert [len(moments) for moments in given] == [200, 200, 200]
    together = sorted(moment for moments in given for moment in moments)
    for first, later in zip(together, together[61:], strict=False):
        assert later - first >= 1 - 1e-6, "after a minute's burst, one a second"
    assert together[-1] - together[0] >= 600 - 60 - 1e-6
    for moments in given:
        assert all(earlier <= later for earlier, later in pairwise(moments))


def test_a_process_that_is_killed_leaves_the_others_their_pace(tmp_path: Path) -> None:
    greedy = reserver(tmp_path / "pace", 10**9)
    tell(greedy)
    assert greedy.stdout is not None
    seen = [float(greedy.stdout.readline()) for _ in range(200)]
    greedy.kill()
    greedy.communicate()
    assert RateLimiter(60, 1e9, shared=tmp_path / "pace")._reserve(1.0)[0] >= seen[-1] + 1 - 1e-6


def test_threads_take_turns(tmp_path: Path) -> None:
    allowance = SharedAllowance(tmp_path / "pace")

    def count() -> None:
        for _ in range(200):
            with allowance.turn() as left:
                left.holds += 1

    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with SharedAllowance(tmp_path / "pace").turn() as left:
        assert left.holds == 1200


@pytest.mark.parametrize("damage", [b"", b"9p", b"x" * 48, b"9p-pace1" + b"\xff" * 40, b"9p-pace0" + b"\0" * 40])
def test_a_damaged_file_is_a_full_allowance(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "pace").write_bytes(damage)
    with SharedAllowance(tmp_path / "pace").turn() as left:
        assert left == Left()
        left.holds = 7
    with SharedAllowance(tmp_path / "pace").turn() as left:
        assert left == Left(holds=7)


def test_what_was_left_before_the_machine_started_again_is_forgotten(tmp_path: Path) -> None:
    with SharedAllowance(tmp_path / "pace", lambda: 5000.0).turn() as left:
        left.held_until = 5900.0
    with SharedAllowance(tmp_path / "pace", lambda: 5001.0).turn() as left:
        assert left.held_until == 5900.0
    with SharedAllowance(tmp_path / "pace", lambda: 12.0).turn() as left:
        assert left == Left()


def test_nobody_else_may_read_how_an_account_is_used(tmp_path: Path) -> None:
    SharedAllowance(tmp_path / "pace" / "account")
    assert (tmp_path / "pace" / "account").stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_made_has_its_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="pace cannot be kept"):
        SharedAllowance(tmp_path / "file" / "pace")

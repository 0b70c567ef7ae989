"""Locks of a server hold for all machines that share it, and are free once their process has ended, however."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from services.errors import Cancelled
from services.storage import Database
from tests.services.databases import new_schema

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys, time
from pathlib import Path
from services.storage import Database
locks = Database(Path(sys.argv[1]), sys.argv[2]).locks
worker = locks.worker()
with locks.flights(Path(sys.argv[1])).holding(["a", "b"]):
    print(worker.name, flush=True)
    time.sleep(600)
"""


def database(tmp_path: Path, schema: str, machine: str = "one") -> Database:
    """As another machine opens it: with a home of its own."""
    return Database(tmp_path / machine, schema)


def until(seconds: float, done: object) -> bool:
    """Whether it comes true in that time."""
    deadline = time.monotonic() + seconds
    while not done():  # type: ignore[operator] # a question
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_kill_9_of_a_holder_frees_its_locks(tmp_path: Path, schema: str) -> None:
    locks = database(tmp_path, schema).locks
    words = [sys.executable, "-c", HOLDER, str(tmp_path / "two"), schema]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        name = other.stdout.readline().strip()
        assert locks.living() == (name,) and locks.lives(name)
        with pytest.raises(Cancelled), locks.flights(tmp_path).holding(["b"], lambda: True):
            raise AssertionError("somebody else has it")
        os.kill(other.pid, signal.SIGKILL)
    assert until(5, lambda: not locks.lives(name))
    with locks.flights(tmp_path).holding(["a", "b"]):
        assert locks.living() == ()
    assert database(tmp_path, schema).locks is locks, "a process has one session for them"


def test_threads_of_a_process_exclude_each_other(tmp_path: Path, schema: str) -> None:
    flights, inside, most = database(tmp_path, schema).locks.flights(tmp_path), [0], [0]

    def fly() -> None:
        for _ in range(5):
            with flights.holding(["a", "b", "c"]):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.002)
                inside[0] -= 1

    threads = [threading.Thread(target=fly) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_worker_lives_until_it_is_closed(tmp_path: Path, schema: str) -> None:
    locks = database(tmp_path, schema).locks
    first, second = locks.worker(), locks.worker()
    assert locks.living() == tuple(sorted((first.name, second.name)))
    first.close()
    assert (locks.living(), locks.lives(first.name)) == ((second.name,), False)
    second.close()
    assert locks.living() == ()


def test_a_session_that_was_lost_is_taken_up_again(tmp_path: Path, schema: str) -> None:
    locks = database(tmp_path, schema).locks
    with closing(locks.worker()) as worker:
        number = locks._number("worker", worker.name)  # type: ignore[attr-defined] # of a server
        ended = """SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
            AND (classid::bigint << 32) | objid::bigint = %s"""
        with psycopg.connect(schema.replace("+psycopg", "")) as connection:
            assert connection.execute(ended, (number,)).fetchall() == [(True,)]
        assert until(10, lambda: locks.lives(worker.name))
        locks.keep()  # type: ignore[attr-defined] # of a server
        assert locks.lives(worker.name)


def test_teams_of_one_server_do_not_know_each_other(tmp_path: Path, schema: str, postgres: str) -> None:
    ours, theirs = database(tmp_path, schema).locks, database(tmp_path, new_schema(postgres)).locks
    theirs_too = theirs.flights(tmp_path).holding(["a"], lambda: True)
    with closing(ours.worker()) as worker, ours.flights(tmp_path).holding(["a"]), theirs_too:
        assert theirs.living() == () and not theirs.lives(worker.name)

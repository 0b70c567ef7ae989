"""Locks of a PostgreSQL server's session: advisory ones, which it frees when the session ends, however that happens.

One connection of a process holds them all, beside the pool; threads exclude each other here. Where the server is
started again they are taken again, those that nobody else has taken meanwhile. No pooler that lends sessions for single
transactions may stand between.
"""

import hashlib
import os
import platform
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from services.cancellation import POLL_SECONDS, check_cancelled, never
from services.errors import StorageError
from services.storage.file_lock import slot_of

if TYPE_CHECKING:
    from services.storage.postgres import PostgresServer

KEEP_SECONDS = 2.0
"""How often a worker sees to it that its lock is still held: the server may have been started again."""
_HELD = """SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
    AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
"""The numbers of all advisory locks that somebody has."""


class ServerLocks:
    """Those of this process at one server. Threads share it. Raises StorageError where the server does not answer."""

    def __init__(self, server: "PostgresServer") -> None:
        self._server, self._turn = server, threading.RLock()
        self._sessions: list[tuple[int, sa.Connection]] = []
        """That of the locks with the process that opened it, where there is one; before it those of the processes that
        forked this one, never to be closed here."""
        self._schema, self._ours = "", set[int]()
        weakref.finalize(self, _end, self._sessions)

    def worker(self) -> "ServerWorker":
        """See Locks."""
        return ServerWorker(self)

    def lives(self, name: str) -> bool:
        """See Locks."""
        return self._number("worker", name) in self._held()

    def living(self) -> tuple[str, ...]:
        """See Locks."""
        with self._asked() as connection:
            names = [str(name) for (name,) in connection.exec_driver_sql("SELECT id FROM workers ORDER BY id")]
        held = self._held()
        dead = [name for name in names if self._number("worker", name) not in held]
        for name in dead:
            self.forget(name)
        return tuple(name for name in names if name not in dead)

    def flights(self, _folder: Path) -> "ServerFlights":
        """See Locks."""
        return ServerFlights(self)

    def enter(self, name: str) -> None:
        """Write down that a worker of that name lives; its lock is held first."""
        now = time.time()
        values = {"id": name, "machine": platform.node(), "since": now}
        with self._asked() as connection:
            connection.execute(sa.text("INSERT INTO workers VALUES (:id, :machine, :since)"), values)

    def forget(self, name: str) -> None:
        """That it lived."""
        with self._asked() as connection:
            connection.execute(sa.text("DELETE FROM workers WHERE id = :id"), {"id": name})

    def take(self, kind: str, name: str) -> bool:
        """Hold the lock of that name; False where another thread, process or machine does."""
        with self._turn:
            number = self._number(kind, name)
            if number in self._ours or not self._run("SELECT pg_try_advisory_lock(%s)", number):
                return False
            self._ours.add(number)
            return True

    def give(self, kind: str, name: str) -> None:
        """Let the next one have it; a session that is gone has let it go already."""
        with self._turn, suppress(StorageError):
            number = self._number(kind, name)
            if number in self._ours:
                self._ours.discard(number)
                self._run("SELECT pg_advisory_unlock(%s)", number)

    def keep(self) -> None:
        """See to it that what is held is held still."""
        with self._turn:
            self._run("SELECT %s::bigint", 1)

    def _run(self, statement: str, number: int) -> Any:
        """In the session of the locks; in another one where it was lost."""
        for last in (False, True):
            try:
                return self._opened().exec_driver_sql(statement, (number,)).scalar_one()
            except SQLAlchemyError as error:
                _end(self._sessions)
                if last:
                    raise self._server.unusable(error) from error
        return None

    def _opened(self) -> sa.Connection:
        if not self._sessions or self._sessions[-1][0] != os.getpid():
            if self._sessions:  # forked: the session is the parent's, and so are its locks
                self._ours = set()
            session = self._server.session()
            self._sessions.append((os.getpid(), session))
            again = "SELECT pg_try_advisory_lock(%s)"
            self._ours = {one for one in self._ours if session.exec_driver_sql(again, (one,)).scalar_one()}
        return self._sessions[-1][1]

    def _number(self, kind: str, name: str) -> int:
        """64 bits, as PostgreSQL's, for this schema."""
        if not self._schema:
            with self._asked() as connection:
                self._schema = str(connection.exec_driver_sql("SELECT current_schema()").scalar_one())
        told = f"ninepatch {self._schema} {kind} {name}".encode()
        return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), signed=True)

    def _held(self) -> set[int]:
        with self._asked() as connection:
            return {int(number) for (number,) in connection.exec_driver_sql(_HELD)}

    @contextmanager
    def _asked(self) -> Iterator[sa.Connection]:
        try:
            with self._server.connected() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._server.unusable(error) from error


def _end(sessions: list[tuple[int, sa.Connection]]) -> None:
    """Close the last one, where this process opened it: its locks are free then."""
    if sessions and sessions[-1][0] == os.getpid():
        with suppress(SQLAlchemyError):  # it was lost
            sessions.pop()[1].close()


class ServerWorker:
    """A name and a lock that say that a worker lives, whatever machine it is on."""

    def __init__(self, locks: ServerLocks) -> None:
        self.name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._locks, self._ended = locks, threading.Event()
        locks.take("worker", self.name)
        locks.enter(self.name)
        threading.Thread(target=self._keep, name="life", daemon=True).start()

    def _keep(self) -> None:
        while not self._ended.wait(KEEP_SECONDS):
            with suppress(StorageError):  # whoever writes says so
                self._locks.keep()

    def close(self) -> None:
        """The worker ends; its jobs may be taken over."""
        self._ended.set()
        self._locks.give("worker", self.name)
        with suppress(StorageError):
            self._locks.forget(self.name)


class ServerFlights:
    """Single flight among all machines; see `SingleFlight`."""

    def __init__(self, locks: ServerLocks) -> None:
        self._locks = locks

    @contextmanager
    def holding(self, names: Iterable[str], cancelled: Callable[[], bool] = never) -> Iterator[None]:
        """See SingleFlight."""
        with ExitStack() as held:
            for slot in sorted({slot_of(name) for name in names}):
                while not self._locks.take("flight", f"{slot:03x}"):
                    check_cancelled(cancelled)
                    time.sleep(POLL_SECONDS)
                held.callback(self._locks.give, "flight", f"{slot:03x}")
            yield

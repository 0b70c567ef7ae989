"""What is left of an account's rate limit, kept for one process, for all of a machine, or for all machines."""

import math
import os
import struct
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from services.errors import StorageError
from services.settings import Settings
from services.storage import Database, going_on, lock, table_of, unlock

_LAYOUT = struct.Struct("<8sd3dQ")
"""Mark, time of writing, and the fields of Left."""
_MARK = b"9p-pace1"


@dataclass
class Left:
    """Two buckets that fill up again, told by when they will be full. Times are seconds of the monotonic clock."""

    requests_full: float = 0.0
    units_full: float = 0.0
    held_until: float = 0.0
    """Nobody asks before: the service said so."""
    holds: int = 0
    """How often it has said so; whoever was given a moment before the last time must have another one."""


class Allowance(Protocol):
    """Where these numbers are kept."""

    def turn(self) -> AbstractContextManager[Left]:
        """A context in which one thread of one process alone reads and changes them."""

    def peek(self) -> Left:
        """The numbers as they were a moment ago, for whoever waits; changed by nobody."""


class OwnAllowance:
    """Kept in the memory of one process."""

    def __init__(self) -> None:
        self._left = Left()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[Left]:
        """One thread at a time."""
        with self._lock:
            yield self._left

    def peek(self) -> Left:
        """See Allowance."""
        with self._lock:
            return replace(self._left)


class SharedAllowance:
    """Kept in a small file for all processes of one machine; begun anew where the file is damaged.

    It is written without fsync. Its clock starts with the machine: what is from before a restart is forgotten.
    Raises StorageError where the file cannot be used, here and in `turn`.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.Lock()  # the lock on one opened file does not keep threads apart
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        weakref.finalize(self, os.close, self._file)

    @contextmanager
    def turn(self) -> Iterator[Left]:
        """One thread of one process at a time; what is changed inside is written at the end."""
        with self._lock, self._translated():
            lock(self._file)
            try:
                left = _unpacked(os.pread(self._file, _LAYOUT.size, 0), self._clock())
                before = replace(left)
                yield left
                if left != before:
                    fields = (left.requests_full, left.units_full, left.held_until, left.holds)
                    os.pwrite(self._file, _LAYOUT.pack(_MARK, self._clock(), *fields), 0)
            finally:
                unlock(self._file)

    def peek(self) -> Left:
        """See Allowance."""
        with self.turn() as left:
            return left

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"The account's pace cannot be kept: {error.strerror or error}.",
                "Make space on its disk, or set NINEPATCH_HOME to a local folder that can be written.",
                self._path,
            ) from error


def _unpacked(data: bytes, now: float) -> Left:
    """What was written since the machine started, else a full allowance."""
    if len(data) != _LAYOUT.size:
        return Left()
    mark, written, requests_full, units_full, held_until, holds = _LAYOUT.unpack(data)
    finite = all(map(math.isfinite, (written, requests_full, units_full, held_until)))
    if mark != _MARK or not finite or written > now:
        return Left()
    return Left(requests_full, units_full, held_until, holds)


_pace = table_of("pace", Left, id=str)
PEEK_SECONDS = 0.25
"""So long those who wait believe what was read last: the server is not asked by each of them many times a second."""


class ServerAllowance:
    """Kept in a row of the team's database, on its clock, for all machines. Raises StorageError where it fails."""

    def __init__(self, database: Database, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock, self._ours = database, clock, _pace.c.id == name
        self._lock = threading.Lock()
        self._seen, self._until = Left(), -math.inf
        with database.transaction(write=True) as connection:
            if connection.scalar(sa.select(_pace.c.id).where(self._ours)) is None:
                connection.execute(sa.insert(_pace).values(id=name, **asdict(Left())))

    @contextmanager
    def turn(self) -> Iterator[Left]:
        """Whoever has the lock of the row; what is changed inside is written at the end."""
        with self._lock, self._database.transaction(write=True, alone=False) as connection:
            left, apart = self._read(connection, sa.select(_pace).where(self._ours).with_for_update())
            before = replace(left)
            yield left
            if left != before:
                connection.execute(sa.update(_pace).where(self._ours).values(asdict(_shifted(left, apart))))
            self._see(left)

    @going_on
    def peek(self) -> Left:
        """See Allowance."""
        with self._lock:
            if self._clock() >= self._until:
                with self._database.transaction() as connection:
                    self._see(self._read(connection, sa.select(_pace).where(self._ours))[0])
            return replace(self._seen)

    def _read(self, connection: sa.Connection, query: "sa.Select[Any]") -> tuple[Left, float]:
        """On this process's clock, and by how many seconds the server's is ahead of it."""
        row = connection.execute(query).mappings().one()
        apart = self._database.now(connection) - self._clock()
        return _shifted(Left(**{name: row[name] for name in asdict(Left())}), -apart), apart

    def _see(self, left: Left) -> None:
        self._seen, self._until = replace(left), self._clock() + PEEK_SECONDS


def _shifted(left: Left, seconds: float) -> Left:
    """The same on another clock."""
    moments = {name: getattr(left, name) + seconds for name in ("requests_full", "units_full", "held_until")}
    return replace(left, **moments)


def allowance(settings: Settings, name: str) -> Path | ServerAllowance:
    """Where the pace of an account of that name is kept: on the server that several machines share, else in a file."""
    if settings.database_url.get_secret_value():
        return ServerAllowance(Database.of(settings), name)
    return settings.home / "pace" / name

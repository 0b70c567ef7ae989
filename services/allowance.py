"""What is left of an account's allowance: a few numbers that all threads, or all processes of one machine, share."""

import fcntl
import math
import os
import struct
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from services.errors import StorageError

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
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                left = _unpacked(os.pread(self._file, _LAYOUT.size, 0), self._clock())
                before = replace(left)
                yield left
                if left != before:
                    fields = (left.requests_full, left.units_full, left.held_until, left.holds)
                    os.pwrite(self._file, _LAYOUT.pack(_MARK, self._clock(), *fields), 0)
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"The account's pace cannot be kept in {self._path}: {error.strerror or error}.",
                "Make space on its disk, or set NINEPATCH_HOME to a local folder that can be written.",
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

"""Rate limit: how fast one account may be asked, by a bucket of requests and one of processing units.

What is left of both are a few numbers that all threads, or all processes of one machine, share.
Whoever wants to ask is given the moment at which its turn is, at once and for good: first come, first served, so that
no thread and no process starves, and nobody waits for one that has died.
"""

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

from services.cancellation import POLL_SECONDS, check_cancelled
from services.errors import StorageError
from services.storage import lock, unlock

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


_INSTANT = 1e-6
"""Seconds that nobody waits for: what is left of rounding."""
_MINUTE = 60.0


class RateLimiter:
    """Two buckets that fill by the minute's allowance and hold one minute's at most, as the service's do.

    So a burst after a pause goes at once. `hold` is for a Retry-After: it is waited for once, by all who ask.
    With `shared`, a file, all processes of the machine that name the same one have one pace; else all threads of this
    one. Raises StorageError where the file cannot be used, here and in every method.
    """

    def __init__(
        self,
        requests_per_minute: float,
        units_per_minute: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        *,
        shared: Path | None = None,
    ) -> None:
        self._requests, self._units = requests_per_minute, units_per_minute
        self._clock, self._sleep = clock, sleep
        self._allowance: Allowance = SharedAllowance(shared, clock) if shared else OwnAllowance()

    @property
    def held(self) -> float:
        """Seconds until the service may be asked again, as it said; 0 where it said nothing."""
        with self._allowance.turn() as left:
            return max(0.0, left.held_until - self._clock())

    @property
    def backlog(self) -> float:
        """Seconds until a request more would go, behind all that wait by now; 0 where it would go at once."""
        with self._allowance.turn() as left:
            empty_until = max(left.requests_full, left.units_full) - _MINUTE
            return max(0.0, max(left.held_until, empty_until) - self._clock())

    def hold(self, seconds: float) -> None:
        """The service asks to wait: nobody asks before, and then at the minute's pace, without a burst."""
        with self._allowance.turn() as left:
            left.held_until = max(left.held_until, self._clock() + seconds)
            left.requests_full = left.held_until + _MINUTE * (1 - min(1.0, 1 / self._requests))
            left.units_full = left.held_until + _MINUTE
            left.holds += 1

    def wait(self, units: float, cancelled: Callable[[], bool]) -> float:
        """Wait until a request of `units` may go, and take it from the buckets; seconds of that under a hold.

        A request that costs more than a minute's units goes when the bucket is full. Raises Cancelled, and then takes
        nothing.
        """
        held = 0.0
        check_cancelled(cancelled)
        moment, holds = self._reserve(units)
        try:
            while True:
                with self._allowance.turn() as left:
                    until, outdated = left.held_until, left.holds != holds
                if outdated:
                    moment, holds = self._reserve(units)
                before = self._clock()
                if moment - before <= _INSTANT:
                    return held
                self._sleep(min(moment - before, POLL_SECONDS))
                held += max(0.0, min(self._clock(), until) - before)
                check_cancelled(cancelled)
        except BaseException:
            self._give_back(units, holds)
            raise

    def settle(self, difference: float) -> None:
        """An answer cost that many units more than was taken, or less."""
        with self._allowance.turn() as left:
            left.units_full = max(left.units_full, self._clock()) + _MINUTE * difference / self._units

    def _reserve(self, units: float) -> tuple[float, int]:
        """The moment at which a request may go, and how many holds that takes account of.

        A bucket that is full at `full` holds `want` of its capacity from `full - minute * (1 - want / capacity)` on.
        What asks for no units waits for no bucket of them: a question to the catalogue passes a queue of fetches.
        """
        with self._allowance.turn() as left:
            moment = max(self._clock(), left.held_until)
            moment = max(moment, left.requests_full - _MINUTE * (1 - min(1.0, 1 / self._requests)))
            if units > 0:
                moment = max(moment, left.units_full - _MINUTE * (1 - min(1.0, units / self._units)))
                left.units_full = max(left.units_full, moment) + _MINUTE * units / self._units
            left.requests_full = max(left.requests_full, moment) + _MINUTE / self._requests
            return moment, left.holds

    def _give_back(self, units: float, holds: int) -> None:
        """Of a request that will not go; nothing where a hold has voided it already."""
        with self._allowance.turn() as left:
            if left.holds == holds:
                left.requests_full -= _MINUTE / self._requests
                left.units_full -= _MINUTE * units / self._units

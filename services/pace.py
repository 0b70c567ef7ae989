"""How fast one account may be asked: a bucket of requests and one of processing units, shared by all threads."""

import threading
import time
from collections.abc import Callable

from services.errors import Cancelled

POLL_SECONDS = 0.05
"""How often a waiting thread looks whether somebody stopped it."""

_INSTANT = 1e-6
"""Seconds that nobody waits for: what is left of rounding."""


def check_cancelled(cancelled: Callable[[], bool]) -> None:
    """Raises Cancelled once somebody stopped the job."""
    if cancelled():
        raise Cancelled("The job was stopped.", "What had been fetched is kept.")


class Pace:
    """Two buckets that fill by the minute's allowance and hold one minute's at most, as the service's do.

    So a burst after a pause goes at once. `hold` is for a Retry-After: it is waited for once, by all threads.
    """

    def __init__(
        self,
        requests_per_minute: float,
        units_per_minute: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._capacity = (requests_per_minute, units_per_minute)
        self._level = [requests_per_minute, units_per_minute]
        self._clock, self._sleep = clock, sleep
        self._filled = self._held_until = clock()
        self._lock = threading.Lock()

    @property
    def held(self) -> float:
        """Seconds until the service may be asked again, as it said; 0 where it said nothing."""
        return max(0.0, self._held_until - self._clock())

    def hold(self, seconds: float) -> None:
        """The service asks to wait: nobody asks before, and then at the minute's pace, without a burst."""
        with self._lock:
            self._fill()
            self._held_until = max(self._held_until, self._clock() + seconds)
            self._level = [min(level, 1.0 if kind == 0 else 0.0) for kind, level in enumerate(self._level)]

    def wait(self, units: float, cancelled: Callable[[], bool]) -> float:
        """Wait until a request of `units` may go, and take it from the buckets; seconds of that under a hold.

        A request that costs more than a minute's units goes when the bucket is full. Raises Cancelled.
        """
        held = 0.0
        while True:
            check_cancelled(cancelled)
            with self._lock:
                delay, holding = self._delay(units)
                if delay <= _INSTANT:
                    self._level[0] -= 1
                    self._level[1] -= units
                    return held
            before = self._clock()
            self._sleep(min(delay, POLL_SECONDS))
            held += self._clock() - before if holding else 0.0

    def settle(self, difference: float) -> None:
        """An answer cost that many units more than was taken, or less."""
        with self._lock:
            self._level[1] -= difference

    def _delay(self, units: float) -> tuple[float, bool]:
        """Seconds to wait, and whether the service asked for it."""
        self._fill()
        held = self._held_until - self._clock()
        if held > _INSTANT:
            return held, True
        wanted = (1.0, min(units, self._capacity[1]))
        delays = [
            (want - level) / capacity * 60
            for want, level, capacity in zip(wanted, self._level, self._capacity, strict=True)
        ]
        return max(delays), False

    def _fill(self) -> None:
        """While the service asks to wait, nothing flows in."""
        now = self._clock()
        seconds = now - max(self._filled, min(self._held_until, now))
        self._level = [
            min(capacity, level + seconds * capacity / 60)
            for capacity, level in zip(self._capacity, self._level, strict=True)
        ]
        self._filled = now

"""Rate limit: how fast one account may be asked, by a bucket of requests and one of processing units.

What is left of both are a few numbers that all threads, all processes of one machine, or all machines share.
Whoever wants to ask is given the moment at which its turn is, at once and for good: first come, first served, so that
no thread and no process starves, and nobody waits for one that has died.
"""

import time
from collections.abc import Callable
from pathlib import Path

from services.cancellation import POLL_SECONDS, check_cancelled
from services.providers.http.allowance import Allowance, OwnAllowance, SharedAllowance

_INSTANT = 1e-6
"""Seconds that nobody waits for: what is left of rounding."""
_MINUTE = 60.0


class RateLimiter:
    """Two buckets that fill by the minute's allowance and hold one minute's at most, as the service's do.

    So a burst after a pause goes at once. `hold` is for a Retry-After: it is waited for once, by all who ask.
    With `shared`, a file or a row of a server, all processes that name the same one have one pace; else all threads of
    this one. Raises StorageError where it cannot be used, here and in every method.
    """

    def __init__(
        self,
        requests_per_minute: float,
        units_per_minute: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        *,
        shared: Path | Allowance | None = None,
    ) -> None:
        self._requests, self._units = requests_per_minute, units_per_minute
        self._clock, self._sleep = clock, sleep
        own = OwnAllowance() if shared is None else shared
        self._allowance: Allowance = SharedAllowance(own, clock) if isinstance(own, Path) else own

    @property
    def held(self) -> float:
        """Seconds until the service may be asked again, as it said; 0 where it said nothing."""
        return max(0.0, self._allowance.peek().held_until - self._clock())

    @property
    def backlog(self) -> float:
        """Seconds until a request more would go, behind all that wait by now; 0 where it would go at once."""
        left = self._allowance.peek()
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
                left = self._allowance.peek()
                until = left.held_until
                if left.holds != holds:
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

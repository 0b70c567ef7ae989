"""The limits of an account, of requests and of processing units, as the service has them.

Every one must hold; unused amounts do not accumulate beyond a minute's; what is refused costs nothing.
"""

import math
import threading
import time
from dataclasses import dataclass

from services.demo.protocol import ApiError

UNLIMITED = math.inf


@dataclass(frozen=True)
class Policy:
    """The limits, `inf` for none."""

    requests_per_minute: float = UNLIMITED
    units_per_minute: float = UNLIMITED
    units_per_month: float = UNLIMITED
    requests_per_month: float = UNLIMITED


class Limits:
    """Lets requests through or refuses them."""

    def __init__(self, policy: Policy) -> None:
        self._lock = threading.Lock()
        self._default = policy
        self.reset()

    def reset(self, policy: Policy | None = None) -> None:
        """Full buckets and nothing spent, under another policy where one is given."""
        with self._lock:
            self._policy = policy or self._default
            self._spent, self._asked = 0.0, 0
            self._filled = time.monotonic()
            self._left = [self._policy.requests_per_minute, self._policy.units_per_minute]

    def admit(self, units: float) -> None:
        """Take one request and its units. Raises ApiError: 403 for the month's, 429 for the minute's."""
        with self._lock:
            policy = self._policy
            if self._spent + units > policy.units_per_month or self._asked >= policy.requests_per_month:
                raise ApiError(
                    "Insufficient processing units or requests available in your account. "
                    "Upgrade account or acquire additional credits.",
                    403,
                    "ACCESS_INSUFFICIENT_PROCESSING_UNITS",
                )
            self._take([1.0, units])
            self._spent += units
            self._asked += 1

    def _take(self, wanted: list[float]) -> None:
        """Fill both buckets by the time that has gone, and empty them by what is wanted where both have enough."""
        sizes = [self._policy.requests_per_minute, self._policy.units_per_minute]
        now = time.monotonic()
        minutes, self._filled = (now - self._filled) / 60, now
        self._left = [
            left if size == UNLIMITED else min(size, left + size * minutes)
            for left, size in zip(self._left, sizes, strict=True)
        ]
        wait = max(map(_wait, self._left, wanted, sizes))
        if wait > 0:
            headers = {"Retry-After": str(math.ceil(wait * 1000))}  # in milliseconds
            raise ApiError("You have exceeded your rate limit", 429, "RATE_LIMIT_EXCEEDED", headers=headers)
        self._left = [left - want for left, want in zip(self._left, wanted, strict=True)]


def _wait(there: float, wanted: float, per_minute: float) -> float:
    """Seconds until there is enough; a request larger than the bucket goes when the bucket is full."""
    if per_minute == UNLIMITED:
        return 0.0
    return max(0.0, (min(wanted, per_minute) - there) / per_minute * 60)

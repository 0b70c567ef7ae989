"""What the account may do: requests and units a minute, units a month. Without limits, anything.

Every policy must hold; unused amounts do not accumulate beyond a minute's; what is refused costs nothing.
"""

import math
import threading
import time
from dataclasses import dataclass

from services.demo.errors import Refusal

UNLIMITED = math.inf


@dataclass(frozen=True)
class Policy:
    """The limits, `inf` for none."""

    requests_per_minute: float = UNLIMITED
    units_per_minute: float = UNLIMITED
    units_per_month: float = UNLIMITED


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
            self._spent = 0.0
            self._filled = time.monotonic()
            self._requests = self._policy.requests_per_minute
            self._units = self._policy.units_per_minute

    def admit(self, units: float) -> None:
        """Take one request and its units. Raises Refusal: 403 for the month's units, 429 for the minute's."""
        with self._lock:
            if self._spent + units > self._policy.units_per_month:
                raise Refusal(
                    "Insufficient processing units or requests available in your account. "
                    "Upgrade account or acquire additional credits.",
                    403,
                    "ACCESS_INSUFFICIENT_PROCESSING_UNITS",
                )
            self._fill()
            waits = [
                _wait(self._requests, 1, self._policy.requests_per_minute),
                _wait(self._units, units, self._policy.units_per_minute),
            ]
            if max(waits) > 0:
                raise too_many(max(waits))
            self._requests -= 1
            self._units -= units
            self._spent += units

    def _fill(self) -> None:
        now = time.monotonic()
        part, self._filled = (now - self._filled) / 60, now
        if self._policy.requests_per_minute < UNLIMITED:
            most = self._policy.requests_per_minute
            self._requests = min(most, self._requests + most * part)
        if self._policy.units_per_minute < UNLIMITED:
            most = self._policy.units_per_minute
            self._units = min(most, self._units + most * part)


def _wait(there: float, wanted: float, per_minute: float) -> float:
    """Seconds until there is enough; a request larger than the bucket goes when the bucket is full."""
    if per_minute == UNLIMITED:
        return 0.0
    return max(0.0, (min(wanted, per_minute) - there) / per_minute * 60)


def too_many(seconds: float) -> Refusal:
    """429, with the wait in milliseconds."""
    headers = {"Retry-After": str(math.ceil(seconds * 1000))}
    return Refusal("You have exceeded your rate limit", 429, "RATE_LIMIT_EXCEEDED", headers=headers)

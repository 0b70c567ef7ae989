"""What the account may do."""

import pytest

from services.demo import limits as module
from services.demo.errors import Refusal
from services.demo.limits import Limits, Policy


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def refusal(limits: Limits, units: float) -> Refusal:
    with pytest.raises(Refusal) as caught:
        limits.admit(units)
    return caught.value


def test_without_limits_anything_goes(clock: Clock) -> None:
    limits = Limits(Policy())
    for _ in range(1000):
        limits.admit(1000)


def test_too_many_requests_wait_as_many_milliseconds_as_the_header_says(clock: Clock) -> None:
    limits = Limits(Policy(requests_per_minute=2))
    limits.admit(1)
    limits.admit(1)
    error = refusal(limits, 1)
    wait = int(error.headers["Retry-After"])
    assert error.status == 429
    assert 29_999 <= wait <= 30_001
    clock.now += wait / 1000 - 1
    assert refusal(limits, 1).status == 429
    clock.now += 1.001
    limits.admit(1)


def test_units_a_minute_are_limited_too(clock: Clock) -> None:
    limits = Limits(Policy(units_per_minute=60))
    limits.admit(60)
    assert refusal(limits, 6).headers["Retry-After"] in {"6000", "6001"}
    clock.now += 6.001
    limits.admit(6)


def test_a_request_larger_than_a_minutes_units_goes_when_the_bucket_is_full(clock: Clock) -> None:
    limits = Limits(Policy(units_per_minute=10))
    limits.admit(25)
    assert refusal(limits, 1).status == 429


def test_unused_amounts_do_not_accumulate(clock: Clock) -> None:
    limits = Limits(Policy(requests_per_minute=2))
    clock.now += 3600
    limits.admit(1)
    limits.admit(1)
    assert refusal(limits, 1).status == 429


def test_a_spent_month_is_forbidden_in_the_words_of_the_service(clock: Clock) -> None:
    limits = Limits(Policy(units_per_month=10))
    limits.admit(8)
    error = refusal(limits, 3)
    assert (error.status, error.code) == (403, "ACCESS_INSUFFICIENT_PROCESSING_UNITS")
    assert error.message.startswith("Insufficient processing units or requests available in your account.")
    limits.admit(2)
    limits.reset()
    limits.admit(10)

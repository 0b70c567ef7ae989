"""One pace for all threads: bursts go at once, the minute's allowance is kept, a wait is for everybody."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import Cancelled
from services.pace import Pace


@dataclass
class Clock:
    """Time that passes only where somebody sleeps."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.slept.append(seconds)
        self.now += seconds


def never() -> bool:
    """Nobody stops it."""
    return False


def test_a_minutes_requests_go_at_once_and_then_one_after_the_other() -> None:
    clock = Clock()
    pace = Pace(60, 1e6, clock, clock.sleep)
    for _ in range(60):
        pace.wait(1, never)
    assert clock.now == 1000
    pace.wait(1, never)
    assert clock.now == pytest.approx(1001, abs=0.01)


def test_units_are_paced_as_requests_are() -> None:
    clock = Clock()
    pace = Pace(1e6, 300, clock, clock.sleep)
    for _ in range(40):
        pace.wait(8.7, never)
    assert clock.now - 1000 == pytest.approx((40 * 8.7 - 300) / 5, abs=0.2)


def test_a_request_of_more_than_a_minutes_units_goes_when_the_bucket_is_full() -> None:
    clock = Clock()
    pace = Pace(1e6, 60, clock, clock.sleep)
    pace.wait(200, never)
    assert clock.now == 1000
    pace.wait(1, never)
    assert clock.now == pytest.approx(1141, abs=0.1)


def test_what_is_not_used_does_not_add_up() -> None:
    clock = Clock()
    pace = Pace(60, 1e6, clock, clock.sleep)
    clock.now += 3600
    for _ in range(60):
        pace.wait(0, never)
    assert clock.now == 4600
    pace.wait(0, never)
    assert clock.now > 4600.9


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 20)), min_size=1, max_size=80))
def test_no_minute_has_more_than_a_full_bucket_and_what_flows_in(asked: list[tuple[float, float]]) -> None:
    clock = Clock()
    pace = Pace(30, 100, clock, clock.sleep)
    gone: list[tuple[float, float]] = []
    for pause, units in asked:
        clock.now += pause
        pace.wait(units, never)
        gone.append((clock.now, units))
    for start, _ in gone:
        within = [units for when, units in gone if start <= when < start + 60]
        assert len(within) <= 60 + 1e-6
        assert sum(within) <= 200 + 1e-6


def test_a_hold_is_waited_for_and_then_there_is_no_burst() -> None:
    clock = Clock()
    pace = Pace(60, 60, clock, clock.sleep)
    pace.hold(10)
    assert pace.held == pytest.approx(10)
    assert pace.wait(0, never) == pytest.approx(10, abs=0.01)
    assert clock.now == pytest.approx(1010, abs=0.01)
    pace.wait(0, never)
    pace.wait(0, never)
    assert clock.now == pytest.approx(1012, abs=0.05)


def test_the_longest_hold_counts() -> None:
    clock = Clock()
    pace = Pace(60, 60, clock, clock.sleep)
    pace.hold(10)
    pace.hold(2)
    pace.wait(0, never)
    assert clock.now == pytest.approx(1010, abs=0.01)


def test_an_answer_that_cost_more_is_settled() -> None:
    clock = Clock()
    pace = Pace(1e6, 60, clock, clock.sleep)
    pace.wait(0, never)
    pace.settle(70)
    pace.wait(1, never)
    assert clock.now == pytest.approx(1011, abs=0.1)


def test_who_is_stopped_waits_no_longer_and_takes_nothing() -> None:
    clock = Clock()
    pace = Pace(60, 60, clock, clock.sleep)
    pace.hold(1000)
    with pytest.raises(Cancelled):
        pace.wait(60, lambda: clock.now > 1005)
    assert clock.now < 1006
    clock.now += 1100
    pace.wait(60, never)
    assert clock.now < 2107

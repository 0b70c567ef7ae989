"""One pace for all threads: bursts go at once, the minute's allowance is kept, a wait is for everybody."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import Cancelled
from services.providers.http.allowance import ServerAllowance, allowance
from services.providers.http.rate_limit import RateLimiter
from services.settings import load_settings
from services.storage import Database
from tests.services.databases import Place


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
    rate_limiter = RateLimiter(60, 1e6, clock, clock.sleep)
    for _ in range(60):
        rate_limiter.wait(1, never)
    assert clock.now == 1000
    rate_limiter.wait(1, never)
    assert clock.now == pytest.approx(1001, abs=0.01)


def test_units_are_paced_as_requests_are() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(1e6, 300, clock, clock.sleep)
    for _ in range(40):
        rate_limiter.wait(8.7, never)
    assert clock.now - 1000 == pytest.approx((40 * 8.7 - 300) / 5, abs=0.2)


def test_a_request_of_more_than_a_minutes_units_goes_when_the_bucket_is_full() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(1e6, 60, clock, clock.sleep)
    rate_limiter.wait(200, never)
    assert clock.now == 1000
    rate_limiter.wait(1, never)
    assert clock.now == pytest.approx(1141, abs=0.1)


def test_what_is_not_used_does_not_add_up() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(60, 1e6, clock, clock.sleep)
    clock.now += 3600
    for _ in range(60):
        rate_limiter.wait(0, never)
    assert clock.now == 4600
    rate_limiter.wait(0, never)
    assert clock.now > 4600.9


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 20)), min_size=1, max_size=80))
def test_no_minute_has_more_than_a_full_bucket_and_what_flows_in(asked: list[tuple[float, float]]) -> None:
    clock = Clock()
    rate_limiter = RateLimiter(30, 100, clock, clock.sleep)
    gone: list[tuple[float, float]] = []
    for pause, units in asked:
        clock.now += pause
        rate_limiter.wait(units, never)
        gone.append((clock.now, units))
    for start, _ in gone:
        within = [units for when, units in gone if start <= when < start + 60]
        assert len(within) <= 60 + 1e-6
        assert sum(within) <= 200 + 1e-6


def test_a_hold_is_waited_for_and_then_there_is_no_burst() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(60, 60, clock, clock.sleep)
    rate_limiter.hold(10)
    assert rate_limiter.held == pytest.approx(10)
    assert rate_limiter.wait(0, never) == pytest.approx(10, abs=0.01)
    assert clock.now == pytest.approx(1010, abs=0.01)
    rate_limiter.wait(0, never)
    rate_limiter.wait(0, never)
    assert clock.now == pytest.approx(1012, abs=0.05)


def test_the_longest_hold_counts() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(60, 60, clock, clock.sleep)
    rate_limiter.hold(10)
    rate_limiter.hold(2)
    rate_limiter.wait(0, never)
    assert clock.now == pytest.approx(1010, abs=0.01)


def test_an_answer_that_cost_more_is_settled() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(1e6, 60, clock, clock.sleep)
    rate_limiter.wait(0, never)
    rate_limiter.settle(70)
    rate_limiter.wait(1, never)
    assert clock.now == pytest.approx(1011, abs=0.1)


def test_who_is_stopped_waits_no_longer_and_takes_nothing() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(60, 60, clock, clock.sleep)
    rate_limiter.hold(1000)
    with pytest.raises(Cancelled):
        rate_limiter.wait(60, lambda: clock.now > 1005)
    assert clock.now < 1006
    clock.now += 1100
    rate_limiter.wait(60, never)
    assert clock.now < 2107


def test_two_processes_have_one_pace_and_one_hold(tmp_path: Path) -> None:
    clock = Clock()
    ours, theirs = (RateLimiter(60, 300, clock, clock.sleep, shared=tmp_path / "pace") for _ in range(2))
    for _ in range(30):
        ours.wait(1, never)
        theirs.wait(1, never)
    assert clock.now == 1000
    theirs.wait(1, never)
    assert clock.now == pytest.approx(1001, abs=0.01)
    ours.hold(10)
    assert theirs.held == pytest.approx(10)
    assert theirs.wait(1, never) == pytest.approx(10, abs=0.01)


def test_the_first_to_come_is_the_first_to_go_and_nobody_is_passed_for_ever(tmp_path: Path) -> None:
    clock = Clock()
    greedy, modest = (RateLimiter(1e6, 60, clock, clock.sleep, shared=tmp_path / "pace") for _ in range(2))
    before = [greedy._reserve(20.0)[0] for _ in range(8)]
    turn = modest._reserve(20.0)[0]
    after = [greedy._reserve(20.0)[0] for _ in range(8)]
    assert max(before) < turn < min(after)
    assert turn - clock.now == pytest.approx(8 * 20 - 40)


def test_a_question_without_units_passes_those_that_wait_for_units(tmp_path: Path) -> None:
    clock = Clock()
    rate_limiter = RateLimiter(300, 60, clock, clock.sleep)
    for _ in range(4):
        rate_limiter._reserve(20.0)
    rate_limiter.wait(0, never)
    assert clock.now == 1000


def test_who_is_stopped_gives_its_place_back_to_those_to_come(tmp_path: Path) -> None:
    clock = Clock()
    ours, theirs = (RateLimiter(1e6, 60, clock, clock.sleep, shared=tmp_path / "pace") for _ in range(2))
    ours.wait(60, never)
    with pytest.raises(Cancelled):
        ours.wait(60, lambda: clock.now > 1005)
    theirs.wait(10, never)
    assert clock.now == pytest.approx(1010, abs=0.1)


def test_a_hold_in_the_middle_of_a_wait_counts_for_who_waits_already() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(1e6, 60, clock, clock.sleep)
    rate_limiter.wait(60, never)

    def the_service_says_wait() -> bool:
        if 1005 < clock.now < 1006 and not rate_limiter.held:
            rate_limiter.hold(100)
        return False

    assert rate_limiter.wait(30, the_service_says_wait) == pytest.approx(100, abs=1)
    assert clock.now == pytest.approx(1005 + 100 + 30, abs=1.5)


def test_the_backlog_is_how_long_one_more_would_wait() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(1e6, 60, clock, clock.sleep)
    assert rate_limiter.backlog == 0
    for _ in range(4):
        rate_limiter._reserve(30.0)
    assert rate_limiter.backlog == pytest.approx(60)
    rate_limiter.hold(100)
    assert rate_limiter.backlog == pytest.approx(100)


def test_machines_of_one_server_have_one_pace(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with a clock of its own, which began at another moment than the server's."""
    monkeypatch.setattr(Database, "now", lambda *_: 1.8e9)
    ours, theirs = Clock(), Clock(6000.0)
    here, there = (
        RateLimiter(60, 60, one, one.sleep, shared=ServerAllowance(place.open(), "account", one))
        for one in (ours, theirs)
    )
    here.wait(30, never)
    there.wait(30, never)
    assert ours.slept == theirs.slept == [], "a minute's units go at once"
    assert here._reserve(1.0)[0] - ours.now == pytest.approx(1.0, abs=1e-5)
    assert there._reserve(1.0)[0] - theirs.now == pytest.approx(2.0, abs=1e-5)
    here.hold(20)
    theirs.now += 1.0  # what was read last counts for a moment
    assert there.held == pytest.approx(20.0, abs=1e-5)


def test_the_pace_of_a_server_is_the_one_of_all_who_use_it(tmp_path: Path, schema: str) -> None:
    settings = load_settings(home=tmp_path, database_url=schema)
    assert isinstance(allowance(settings, "account"), ServerAllowance)
    assert allowance(load_settings(home=tmp_path), "account") == tmp_path / "pace" / "account"

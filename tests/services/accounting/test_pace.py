"""How long questions take: from the ledger, against sums by hand."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting import Ledger, expected_seconds, pace
from services.accounting.entry import Entry
from services.accounting.pace import ASSUMED, LAST
from services.plan import Cost
from services.settings import load_settings
from services.storage import Database


def entry(seconds: float, requests: int = 1, **changes: object) -> Entry:
    """A request for pixels that was answered."""
    plain = {"provider": "ours", "pixels": 100, "tries": 1, "error": ""} | changes
    return Entry(
        acquisition="S2A_1",
        tiles=9,
        planes=("B04",),
        estimated=1.0,
        units=1.0,
        seconds=seconds,
        requests=requests,
        **plain,  # type: ignore[arg-type] # as said above
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Database.of(load_settings(home=tmp_path)))


def test_without_a_request_nothing_is_measured(ledger: Ledger) -> None:
    ledger.reserve(entry(9.0, provider="theirs"))
    ledger.reserve(entry(9.0, error="ServiceFailed"))
    ledger.reserve(entry(9.0, pixels=0))
    assert pace(ledger, "ours") is None


def test_the_pace_is_the_mean_of_the_newest_questions(ledger: Ledger) -> None:
    for _ in range(3):
        ledger.reserve(entry(100.0))
    for number in range(LAST):
        ledger.reserve(entry(2.0 if number % 2 else 8.0, requests=1 if number % 2 else 3))
    assert pace(ledger, "ours") == pytest.approx((25 * 2.0 + 25 * 8.0) / (25 * 1 + 25 * 3))


@given(
    requests=st.integers(0, 10_000),
    each=st.none() | st.floats(0.01, 60),
    connections=st.integers(1, 64),
    least=st.floats(0, 1e5),
)
def test_side_by_side_is_faster_and_never_faster_than_the_rate_limit(
    requests: int, each: float | None, connections: int, least: float
) -> None:
    took = expected_seconds(Cost(0.0, requests), each, connections, least)
    assert took >= least
    assert took >= requests * (each or ASSUMED) / connections - 1e-6 or requests == 0
    assert expected_seconds(Cost(0.0, requests), each, 1, least) == max(least, requests * (each or ASSUMED))

"""What an order waits for: a new month from its first moment on, a store for a while, and nobody for what is wrong."""

from datetime import UTC, datetime

import pytest

from services.accounting import Budget
from services.errors import (
    BudgetReached,
    ClusterUnreachable,
    MonthReached,
    ProviderUnreachable,
    QuotaSpent,
    RecipeError,
)
from services.orders.bill import months_for
from services.orders.pausing import next_month, wait_for
from services.orders.run import limited
from services.plan import Cost
from services.providers import Limits

NOW = datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("now", "first"), [((2026, 11, 30), (2026, 12, 1)), ((2026, 12, 1), (2027, 1, 1))])
def test_a_month_begins_on_its_first_day(now: tuple[int, int, int], first: tuple[int, int, int]) -> None:
    assert next_month(datetime(*now, tzinfo=UTC).timestamp()) == datetime(*first, tzinfo=UTC)


def test_each_error_waits_as_long_as_it_helps() -> None:
    december = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
    for month in (MonthReached("It is spent."), QuotaSpent("It is spent.")):
        wait = wait_for(month, NOW)
        assert wait is not None and wait.until == december and wait.words.startswith("1 December 2026")
    cap, far = wait_for(BudgetReached("The cap."), NOW), wait_for(ProviderUnreachable("It is far."), NOW)
    assert cap is not None and cap.until == 0
    assert far is not None and NOW < far.until < NOW + 3600
    cluster = wait_for(ClusterUnreachable("It is not there."), NOW)
    assert cluster is not None and NOW < cluster.until < NOW + 3600 and "cluster" in cluster.words
    assert wait_for(RecipeError("It is wrong."), NOW) is None


def test_the_cap_and_the_share_of_the_month_are_limits_beside_the_members_own() -> None:
    account = Limits(units_per_month=10_000, requests_per_month=10_000)
    assert limited(Budget(), 70, 0.8, account) == Budget(job=70, team=8000, requests=8000, capped=True)
    assert limited(Budget(job=5, team=9000, member=3), 70, 1.0, account) == Budget(5, 3, 9000, requests=10_000)
    assert limited(Budget(), 0, 0.8, Limits()) == Budget()


@pytest.mark.parametrize(
    ("units", "requests", "spent", "months"),
    [(10, 10, 0, 1), (8000, 10, 0, 1), (8001, 10, 0, 2), (8000, 10, 1, 2), (10, 16_001, 0, 3), (40_820, 2125, 0, 6)],
)
def test_months_are_counted_by_the_limit_that_is_reached_first(
    units: float, requests: int, spent: float, months: int
) -> None:
    assert months_for(Cost(units, requests), Cost(spent), 8000, 8000) == months
    assert months_for(Cost(units, requests), Cost(spent), 0, 0) == 1

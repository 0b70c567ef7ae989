"""A budget stops before it is passed, and says by how much and what to do."""

from typing import Any, cast

import pytest

from services.access import OwnBudget
from services.accounting import Budget, Ledger, Requester, quote
from services.accounting.budget import least_seconds
from services.accounting.ledger import Spending
from services.errors import BudgetReached
from services.plan import Cost
from services.providers import Limits
from services.providers.sentinelhub import SentinelHub
from services.settings import Settings, load_settings

SPENT = Spending(Cost(10.0, 10), Cost(20.0, 20), Cost(30.0, 40), refused=0)


@pytest.mark.parametrize(
    ("budget", "units"),
    [
        (Budget(), 1e9),
        (Budget(job=15), 5.0),
        (Budget(member=25), 5.0),
        (Budget(team=35), 5.0),
        (Budget(15, 25, 35), 5.0),
        (Budget(requests=43), 5.0),
        (Budget(job=0.3), 0.3 - 1e-12),
    ],
)
def test_what_fits_is_allowed_to_the_last_unit(budget: Budget, units: float) -> None:
    spent = SPENT if budget.job != 0.3 else Spending(Cost(1e-12), Cost(), Cost(), 0)
    budget.check(Cost(units, 3), spent, "anna")


@pytest.mark.parametrize(
    ("budget", "named"),
    [
        (Budget(job=15), ("5.5 more units", "15.0", "one job", "10.0 are spent", "budget_job_units")),
        (Budget(job=15, capped=True), ("15.0 that this order may cost", "10.0 are spent", "go on with a larger cap")),
        (Budget(member=25), ("5.5 more units", "25.0", "anna", "20.0 are spent", "budget_member_units", "next month")),
        (Budget(team=35), ("5.5 more units", "35.0", "the team", "30.0 are spent", "budget_team_units", "next month")),
        (Budget(100, 100, 1), ("the team",)),
        (Budget(requests=42), ("3 more requests", "the 42 that the account", "40 are asked", "requests_per_month")),
    ],
)
def test_what_does_not_fit_is_refused_with_numbers_and_a_remedy(budget: Budget, named: tuple[str, ...]) -> None:
    with pytest.raises(BudgetReached) as caught:
        budget.check(Cost(5.5, 3), SPENT, "anna")
    assert all(words in str(caught.value) for words in named), str(caught.value)
    assert caught.value.exit_status == 6


def test_budgets_and_the_confirmation_are_settings_and_none_is_negative() -> None:
    settings = load_settings(budget_job_units=1, budget_member_units=2, budget_team_units=3)
    assert Budget.of(settings, Limits(), OwnBudget()) == Budget(1, 2, 3)
    assert Budget.of(load_settings(), Limits(), OwnBudget()) == Budget(0, 0, 0)
    assert load_settings().confirm_units == 500
    with pytest.raises(Exception, match="budget_job_units"):
        load_settings(budget_job_units=-1)


@pytest.mark.parametrize(
    ("login", "given", "quota", "team"),
    [
        ({}, {}, 1000.0, 0.0),
        ({"oidc_issuer": "https://login.example.org"}, {}, 1000.0, 1000.0),
        ({"proxy_addresses": "127.0.0.1"}, {}, 1000.0, 1000.0),
        ({"proxy_addresses": "127.0.0.1"}, {"budget_team_units": 0}, 1000.0, 0.0),
        ({"proxy_addresses": "127.0.0.1"}, {"budget_team_units": 50}, 1000.0, 50.0),
        ({"proxy_addresses": "127.0.0.1"}, {}, 0.0, 0.0),
        ({}, {"budget_team_units": 50}, 1000.0, 50.0),
    ],
)
def test_with_a_login_the_team_has_the_accounts_month_unless_told_otherwise(
    login: dict[str, Any], given: dict[str, Any], quota: float, team: float
) -> None:
    settings = load_settings(**login, **given)
    assert Budget.of(settings, Limits(units_per_month=quota), OwnBudget()).team == team


def test_an_own_budget_beats_the_setting_and_says_who_raises_it() -> None:
    settings = load_settings(budget_member_units=20, budget_member_gb=3)
    assert Budget.of(settings, Limits(), OwnBudget(units=50.0)).member == 50.0
    assert Budget.of(settings, Limits(), OwnBudget(units=50.0)).member_gb == 3.0
    assert Budget.of(settings, Limits(), OwnBudget(0.0, 0.5)).member == 0.0, "no limit on purpose"
    own = Budget.of(settings, Limits(), OwnBudget(units=21.0))
    with pytest.raises(BudgetReached, match="let an administrator give you a larger budget"):
        own.check(Cost(5.5, 3), SPENT, "anna")
    with pytest.raises(BudgetReached, match="raise the setting budget_member_units"):
        Budget.of(load_settings(budget_member_units=21), Limits(), OwnBudget()).check(Cost(5.5, 3), SPENT, "anna")


def provider(requests: float = 300, units: float = 300) -> SentinelHub:
    """An account with such limits a minute."""
    address = "https://sh.example.org"
    limits = {"requests_per_minute": requests, "units_per_minute": units, "units_per_month": 1000.0}
    limits |= {"requests_per_month": 160.0}
    return SentinelHub("ours", "Ours", address, address + "/token", **limits)  # type: ignore[arg-type] # by name


@pytest.mark.parametrize(
    ("cost", "seconds"),
    [
        (Cost(300.0, 40), 0),
        (Cost(600.0, 40), 60),
        (Cost(300.0, 1200), 180),
        (Cost(), 0),
    ],
)
def test_the_first_minutes_allowance_goes_at_once_and_the_rest_waits(cost: Cost, seconds: float) -> None:
    assert least_seconds(cost, provider().limits) == pytest.approx(seconds)


class Book:
    """A ledger that knows one sum."""

    def spending(self, requester: Requester) -> Spending:
        return SPENT


def price(settings: Settings, units: float) -> Any:
    anna = Requester("ours", "anna", "aaaa", "")
    return quote(Cost(units, 40), provider(), settings, cast(Ledger, Book()), anna, OwnBudget())


def test_a_quote_has_the_share_of_the_quota_and_asks_to_confirm_what_is_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.accounting.budget.pace", lambda ledger, provider: 3.0)
    assert (price(load_settings(connections=4), 1.0).expected, price(load_settings(), 1.0).measured) == (30.0, True)
    cheap = price(load_settings(), 250.0)
    assert (cheap.share, cheap.spent_share, cheap.confirm, cheap.refusal) == (0.25, 0.03, False, None)
    assert (cheap.quota_requests, cheap.request_share, cheap.spent_request_share) == (160, 0.25, 0.25)
    assert price(load_settings(), 500.5).confirm
    assert not price(load_settings(confirm_units=0), 1e6).confirm
    refused = price(load_settings(budget_member_units=100), 90.0).refusal
    assert isinstance(refused, BudgetReached)

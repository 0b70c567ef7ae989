"""Providers without units: bytes and requests stand in the ledger, and budgets in GB stop before they are passed."""

import csv
import io
from pathlib import Path

import pytest

from services.access import OwnBudget
from services.accounting import GB, Budget, Requester, dear
from services.accounting.entry import Entry
from services.accounting.ledger import Spending
from services.errors import BudgetReached
from services.ninepatch import Ninepatch
from services.plan import Cost
from services.providers import Limits
from services.settings import load_settings
from tests.actors import administrator
from tests.services.ledger_rows import entries
from tests.services.providers.tiny_provider import TinySource, cost, register
from tests.services.scenes import recipe

RECIPE = recipe(px=20, provider="tiny", maxcc=25)
WHOLE = 3 * (9 * 400 * (3 * 2 + 2) + 5 * 8)
"""Bytes of its three dates: nine tiles of 20 × 20 px, three bands of two bytes, SCL, dataMask, five heads."""
ASKER = Requester("tiny", "anna", RECIPE.digest, "run-1")
SPENT = Spending(Cost(bytes=1 * GB), Cost(bytes=2 * GB), Cost(bytes=3 * GB), refused=0)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> TinySource:
    """The far end."""
    return register(monkeypatch)


def product(home: Path, **settings: object) -> Ninepatch:
    """With these settings."""
    return Ninepatch(load_settings(home=home, provider="tiny", **settings))


@pytest.mark.parametrize("budget", [Budget(), Budget(job_gb=1.5), Budget(member_gb=2.5), Budget(team_gb=3.5)])
def test_what_fits_is_allowed_to_the_last_byte(budget: Budget) -> None:
    budget.check(Cost(1e9, bytes=GB // 2), SPENT, "anna")


@pytest.mark.parametrize(
    ("budget", "named"),
    [
        (Budget(job_gb=1.5), ("500 MB more", "1.5 GB", "one job", "1.0 GB are downloaded", "budget_job_gb")),
        (Budget(member_gb=2.5), ("2.5 GB", "anna", "2.0 GB are downloaded", "budget_member_gb", "next month")),
        (Budget(team_gb=3.5), ("3.5 GB", "the team", "3.0 GB are downloaded", "budget_team_gb", "next month")),
        (Budget(team=10.0, team_gb=3.0), ("budget_team_gb",)),
        (Budget(team=0.5, team_gb=30.0), ("budget_team_units",)),
    ],
)
def test_what_does_not_fit_is_refused_with_numbers_and_the_setting(budget: Budget, named: tuple[str, ...]) -> None:
    with pytest.raises(BudgetReached) as caught:
        budget.check(Cost(1.0, bytes=GB // 2 + 1), SPENT, "anna")
    assert all(words in str(caught.value) for words in named), str(caught.value)
    assert ("next month" in str(caught.value)) == ("one job" not in str(caught.value))


def test_what_takes_no_bytes_is_allowed_although_the_budget_is_spent() -> None:
    Budget(job_gb=0.5, member_gb=0.5, team_gb=0.5).check(Cost(), SPENT, "anna")


def test_budgets_and_the_confirmation_in_gb_are_settings() -> None:
    settings = load_settings(budget_job_gb=1, budget_member_gb=2, budget_team_gb=3, confirm_gb=0.5)
    assert Budget.of(settings, Limits(), OwnBudget()) == Budget(job_gb=1, member_gb=2, team_gb=3)
    assert Budget.of(settings, Limits(), OwnBudget()).of_months == Budget(member_gb=2, team_gb=3)
    assert [dear(Cost(bytes=size), settings) for size in (5 * 10**8, 5 * 10**8 + 1)] == [False, True]
    assert not dear(Cost(bytes=10**15), load_settings(confirm_gb=0))
    assert load_settings().blocks_gb == 20
    with pytest.raises(Exception, match="budget_team_gb"):
        load_settings(budget_team_gb=-1)


def test_the_estimate_is_what_the_ledger_says_after_it(source: TinySource, tmp_path: Path) -> None:
    made = product(tmp_path)
    _, planned = made.estimate(RECIPE)
    quoted = made.quote(RECIPE, planned, "anna")
    assert (quoted.cost, quoted.spent) == (Cost(0.0, 15, WHOLE), Cost())
    made.fetch(RECIPE, member="anna")
    assert made.ledger.month_cost("tiny") == quoted.cost
    again = made.quote(RECIPE, made.estimate(RECIPE)[1], "anna")
    assert (again.cost, again.spent) == (Cost(), quoted.cost)
    (told,) = made.ledger.sums("member", administrator())
    assert (told.requests, told.bytes, told.expected_bytes, told.saved_bytes) == (15, WHOLE, WHOLE, 0)
    rows = {(row.requests, row.expected_bytes, row.bytes) for row in entries(made.ledger)}
    assert rows == {(5, WHOLE // 3, WHOLE // 3)}


def test_what_the_cache_saved_is_told_in_bytes(source: TinySource, tmp_path: Path) -> None:
    made = product(tmp_path)
    made.fetch(RECIPE.with_(maxcc=10), member="anna", run="first")
    made.fetch(RECIPE, member="bert", run="second")
    made.fetch(RECIPE, member="carl", run="third")
    wanted = {"first": Cost(), "second": Cost(bytes=WHOLE // 3 * 2), "third": Cost(bytes=WHOLE)}
    assert made.ledger.saved(wanted) == wanted
    assert {one.key: one.saved_bytes for one in made.ledger.sums("member", administrator())} == {
        "anna": 0,
        "bert": WHOLE // 3 * 2,
        "carl": WHOLE,
    }


def test_a_request_on_its_way_counts_at_the_bytes_that_are_expected(source: TinySource, tmp_path: Path) -> None:
    made = product(tmp_path)
    seen: list[Spending] = []
    _, planned = made.estimate(RECIPE)
    ledger = made.ledger
    number = ledger.reserve(Entry.of(planned.blocks[0], ASKER), seen.append)
    assert seen == [Spending(Cost(), Cost(), Cost(), 0)]
    expected = cost(planned.blocks[0]).bytes
    assert ledger.spending(ASKER).run == Cost(0.0, 1, expected)
    settled = Entry("tiny", "", 0, 0, (), 0.0, units=0.0, bytes=7, tries=2, status=200, requests=2)
    ledger.settle(number, settled)
    assert ledger.spending(ASKER).team == Cost(0.0, 2, 7)
    rows = list(csv.DictReader(io.StringIO(ledger.csv(administrator()), newline="")))
    assert [(row["requests"], row["bytes"], row["expected_bytes"]) for row in rows] == [("2", "7", str(expected))]


def test_a_budget_in_gb_stops_a_job_before_it_begins(source: TinySource, tmp_path: Path) -> None:
    with pytest.raises(BudgetReached, match="budget_job_gb"):
        product(tmp_path, budget_job_gb=(WHOLE - 1) / GB).fetch(RECIPE, member="anna")
    assert source.blocks == []
    product(tmp_path, budget_job_gb=WHOLE / GB).fetch(RECIPE, member="anna")


def test_a_budget_in_gb_that_others_spend_meanwhile_stops_a_job_on_its_way(
    source: TinySource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = product(tmp_path, budget_team_gb=(WHOLE + 1000) / GB, connections=1)
    read, other = source.read_block, Entry("tiny", "S2A_1", 1, 1, ("B04",), 0.0, 0.0, 2000, tries=1, status=200)

    def spending(*words: object) -> object:
        if len(source.blocks) == 1:
            made.ledger.reserve(other)
        return read(*words)  # type: ignore[arg-type] # as it was called

    monkeypatch.setattr(source, "read_block", spending)
    with pytest.raises(BudgetReached, match="budget_team_gb"):
        made.fetch(RECIPE, member="anna")
    assert len(source.blocks) == 2, "the third would pass it"
    assert made.estimate(RECIPE)[1].bytes == WHOLE // 3, "what came is kept"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"budget_member_gb": 1}, (GB, WHOLE // 3)),
        ({"budget_member_gb": 1, "budget_team_gb": 2}, (2 * GB, WHOLE)),
    ],
)
def test_a_quote_tells_the_months_budget_in_gb(
    source: TinySource, tmp_path: Path, settings: dict[str, float], told: tuple[int, int]
) -> None:
    made = product(tmp_path, **settings)
    made.fetch(RECIPE.with_(maxcc=5), member="anna")
    made.fetch(RECIPE, member="bert")
    quoted = made.quote(RECIPE, made.estimate(RECIPE)[1], "anna")
    assert (quoted.budget_bytes, quoted.budget_spent) == told

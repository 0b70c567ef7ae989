"""Every request stands in the ledger, with all of its tries, before another may be sent."""

from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from services.accounting import Budget, Ledger, Requester, RequestMeter
from services.accounting.entry import Entry
from services.catalogue import Acquisition
from services.errors import (
    BadResponse,
    BudgetReached,
    Cancelled,
    NinepatchError,
    QuotaSpent,
    ServiceFailed,
    StorageError,
)
from services.grid import Lattice, TileIndex
from services.plan import BlockRequest, Cost, Plan
from services.providers import AskPage, Block, Source, TryCallback
from services.providers.http import Answer
from services.providers.sentinelhub import TERMS
from tests.services.databases import Place
from tests.services.ledger_rows import entries

ASKER = Requester("private", "anna", "aaaa", "run-1")
ACCOUNT = cast(Source, SimpleNamespace(quota_spent=lambda: QuotaSpent("The month's units are used up.")))
BLOCK = BlockRequest(
    provider="private",
    collection="sentinel-2-l2a",
    lattice=Lattice(32635, 0.0, 0.0, 5120.0, 5120.0),
    lower_left=TileIndex(0, 0),
    columns=2,
    rows=1,
    resolution=10,
    acquisition=cast(Any, SimpleNamespace(key="S2A_1")),
    planes=("B02", "B03", "B04", "dataMask"),
    terms=TERMS,
)
"""1024 × 512 px of three bands and a mask: two units by the formula."""
PIXELS = Block({TileIndex(0, 0): {"B04": np.zeros((1, 1), np.uint16)}}, 2.0, 7)


def answer(status: int = 200, units: float | None = 2.0, size: int = 7) -> Answer:
    headers = {} if units is None else {"x-processingunits-spent": str(units)}
    return Answer(status, headers, bytes(size), 0.1)


@pytest.fixture
def ledger(place: Place) -> Ledger:
    return Ledger(place.open())


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What the next request meets: the answers to its tries, and the error that ends it."""

    def meets(*answers: Answer | None, error: BaseException | None = None, then: Callable[[], object] = list) -> None:
        def fetch(block: BlockRequest, cancelled: Callable[[], bool], heard: TryCallback) -> Block:
            then()
            for one in answers:
                heard(one)
            if error is not None:
                raise error
            return PIXELS

        monkeypatch.setattr(ACCOUNT, "read_block", fetch, raising=False)

    return meets


def ask(ledger: Ledger, budget: Budget = Budget(), requester: Requester = ASKER) -> Block:  # noqa: B008 - frozen
    return RequestMeter(ledger, budget, requester).ask(ACCOUNT, BLOCK, lambda: False)


def row(ledger: Ledger) -> Entry:
    """The only one."""
    (found,) = entries(ledger)
    return found


def test_an_answered_request_is_a_row_with_all_that_it_was(ledger: Ledger, tries: Callable[..., None]) -> None:
    tries(answer(units=1.9))
    assert ask(ledger) is PIXELS
    found = row(ledger)
    assert (found.member, found.recipe, found.run, found.provider) == ("anna", "aaaa", "run-1", "private")
    assert (found.acquisition, found.pixels, found.tiles, found.planes) == ("S2A_1", 1024 * 512, 2, BLOCK.planes)
    assert (found.estimated, found.units, found.bytes, found.tries, found.status) == (2.0, 1.9, 7, 1, 200)
    assert found.error == ""


def test_an_answer_is_not_dropped_where_the_ledger_cannot_be_written_and_its_row_stays(
    ledger: Ledger, tries: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(number: int, entry: Entry) -> None:
        raise StorageError("The job database cannot be used.", "Make space.")

    monkeypatch.setattr(ledger, "settle", fails)
    tries(answer())
    assert ask(ledger) is PIXELS
    assert (row(ledger).estimated, row(ledger).units) == (2.0, None)
    assert ledger.month_cost("private").units == 2.0


def test_it_stands_there_at_its_estimate_before_it_is_sent(ledger: Ledger, tries: Callable[..., None]) -> None:
    seen: list[Entry] = []
    tries(answer(), then=lambda: seen.append(row(ledger)))
    ask(ledger)
    assert [(one.estimated, one.units, one.tries, one.status) for one in seen] == [(2.0, None, 0, 0)]


@pytest.mark.parametrize(
    ("answers", "error", "expected"),
    [
        ((None, answer(503, None, 1), answer()), None, (3, 200, 8, 2.0, "")),
        ((answer(size=1), answer()), None, (2, 200, 8, 4.0, "")),
        ((answer(), answer()), BadResponse("Half."), (2, 200, 14, 4.0, "BadResponse")),
        ((answer(429, None, 0), answer(units=None)), None, (2, 200, 7, 2.0, "")),
        ((answer(503, None, 1),) * 3, ServiceFailed("Down."), (3, 503, 3, 0.0, "ServiceFailed")),
        ((answer(403, None, 5),), QuotaSpent("None left."), (1, 403, 5, 0.0, "QuotaSpent")),
        ((None,), ServiceFailed("No answer."), (1, 0, 0, 0.0, "ServiceFailed")),
        ((answer(),), KeyError("a fault"), (1, 200, 7, 2.0, "Fault")),
    ],
)
def test_tries_that_failed_are_in_the_row_and_what_they_were_charged(
    ledger: Ledger,
    tries: Callable[..., None],
    answers: tuple[Answer | None, ...],
    error: BaseException | None,
    expected: tuple[object, ...],
) -> None:
    tries(*answers, error=error)
    if error is None:
        ask(ledger)
    else:
        with pytest.raises(type(error)):
            ask(ledger)
    found = row(ledger)
    assert (found.tries, found.status, found.bytes, found.units, found.error) == expected


def test_a_request_that_was_stopped_before_it_was_sent_is_no_row(ledger: Ledger, tries: Callable[..., None]) -> None:
    tries(error=Cancelled("Stopped."))
    with pytest.raises(Cancelled):
        ask(ledger)
    assert entries(ledger) == ()


def test_a_request_that_would_pass_a_budget_is_not_sent(ledger: Ledger, tries: Callable[..., None]) -> None:
    tries(answer())
    budget = Budget(member=4.5)
    ask(ledger, budget)
    ask(ledger, budget, Requester("private", "anna", "bbbb", "run-2"))
    with pytest.raises(BudgetReached, match="anna"):
        ask(ledger, budget, Requester("private", "anna", "cccc", "run-3"))
    assert len(entries(ledger)) == 2
    ask(ledger, budget, Requester("private", "bert", "cccc", "run-4"))


def test_a_plan_that_would_pass_a_budget_does_not_begin_and_one_of_nothing_does(ledger: Ledger) -> None:
    bill = RequestMeter(ledger, Budget(job=3.0), ASKER)
    bill.begin(Plan((BLOCK,), 8, 0))
    with pytest.raises(BudgetReached, match="one job"):
        bill.begin(Plan((BLOCK, BLOCK), 16, 0))
    ledger.reserve(Entry.of(BLOCK, ASKER))
    ledger.reserve(Entry.of(BLOCK, ASKER))
    bill.begin(Plan((), 16, 16))


def page(
    ledger: Ledger,
    *answers: Answer | None,
    budget: Budget = Budget(),  # noqa: B008 - frozen
    error: BaseException | None = None,
) -> None:
    """Ask for one of three pages of a search that is taken to cost 0.39 units."""

    def send(heard: TryCallback) -> dict[str, Any]:
        for one in answers:
            heard(one)
        if error is not None:
            raise error
        return {"features": []}

    RequestMeter(ledger, budget, ASKER).ask_page(ACCOUNT, Cost(0.39, 3), send)


@pytest.mark.parametrize(
    ("answers", "error", "expected"),
    [
        ((answer(units=None),), None, (1, 200, 1, 7, 0.13, "")),
        ((answer(units=0.2),), None, (1, 200, 1, 7, 0.2, "")),
        ((answer(429, None, 0), None, answer(503, None, 1), answer(units=None)), None, (4, 200, 1, 8, 0.13, "")),
        ((answer(units=None, size=2), answer(units=None)), None, (2, 200, 1, 9, 0.26, "")),
        ((answer(503, None, 1),) * 3, ServiceFailed("Down."), (3, 503, 0, 3, 0.0, "ServiceFailed")),
    ],
)
def test_a_page_of_the_catalogue_is_a_row_as_a_request_for_pixels_is(
    ledger: Ledger, answers: tuple[Answer | None, ...], error: BaseException | None, expected: tuple[object, ...]
) -> None:
    with pytest.raises(type(error)) if error else nullcontext():
        page(ledger, *answers, error=error)
    found = row(ledger)
    assert (found.kind, found.acquisition, found.pixels, found.planes) == ("catalogue", "", 0, ())
    assert (found.member, found.recipe, found.run, found.provider) == ("anna", "aaaa", "run-1", "private")
    told = found.tries, found.status, found.requests, found.bytes, pytest.approx(found.units), found.error
    assert told == expected and found.estimated == pytest.approx(0.13)


def test_a_page_that_would_pass_a_limit_is_not_asked_for(ledger: Ledger) -> None:
    page(ledger, answer(units=None))
    for budget, told in ((Budget(team=0.2), "the team"), (Budget(requests=1), "1 more request")):
        with pytest.raises(BudgetReached, match=told):
            page(ledger, answer(units=None), budget=budget)
    assert len(entries(ledger)) == 1


def test_a_search_whose_pages_would_pass_a_limit_is_not_begun(ledger: Ledger) -> None:
    provider = cast(Any, SimpleNamespace(search_cost=lambda neighbourhood, interval: Cost(0.39, 3)))
    nothing, source = cast(Any, None), cast(Source, SimpleNamespace())
    with pytest.raises(BudgetReached, match=r"3 more requests would pass the 2 .* 0 are asked"):
        RequestMeter(ledger, Budget(requests=2), ASKER).search(source, provider, nothing, nothing, lambda: False)
    assert entries(ledger) == ()


def test_a_search_says_after_each_page_how_much_of_what_is_expected_has_come(ledger: Ledger) -> None:
    provider = cast(Any, SimpleNamespace(search_cost=lambda neighbourhood, interval: Cost(0.4, 4)))

    def search(neighbourhood: object, interval: object, cancelled: object, ask: AskPage) -> tuple[Acquisition, ...]:
        for _ in range(5):
            ask(lambda heard: {"features": []})
        return ()

    told: list[float] = []
    nothing, source = cast(Any, None), cast(Source, SimpleNamespace(search=search))
    RequestMeter(ledger, Budget(), ASKER).search(source, provider, nothing, nothing, lambda: False, told.append)
    assert told == [0.25, 0.5, 0.75, 1.0, 1.0], "one page more than was expected"


def test_a_quota_that_another_job_has_just_found_spent_is_not_asked_again(
    ledger: Ledger, tries: Callable[..., None]
) -> None:
    mine = RequestMeter(ledger, Budget(), ASKER)
    tries(answer(403, None), error=QuotaSpent("None left."))
    with pytest.raises(QuotaSpent):
        ask(ledger, requester=Requester("private", "bert", "bbbb", "run-2"))
    asked: list[NinepatchError] = []
    tries(answer(), then=lambda: asked.append(QuotaSpent("asked")))
    with pytest.raises(QuotaSpent, match="used up"):
        mine.ask(ACCOUNT, BLOCK, lambda: False)
    assert asked == []
    ask(ledger)  # a job that begins later asks: the month may have ended, or the account grown
    assert len(asked) == 1

"""What one job spends: each request enters the ledger before it is sent, and again when it has been answered.

So does each page of the catalogue, which costs as a request for pixels does.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import TypeVar

from services.accounting.budget import Budget
from services.accounting.entry import Entry, Requester
from services.accounting.ledger import Ledger, Spending
from services.catalogue import Acquisition
from services.errors import NinepatchError, QuotaSpent, StorageError
from services.grid import TileBlock
from services.plan import BlockRequest, Cost, Plan, Terms, plan, sum_of_costs
from services.providers import AskPage, Block, Page, Provider, Source, Try, TryCallback, directly, ignore
from services.recipe import Interval, Recipe

log = logging.getLogger(__name__)
T = TypeVar("T")


def unheard(part: float) -> None:
    """How far something is, of which nobody waits to hear."""


class RequestMeter:
    """The requests of one job. Threads share it; jobs of other processes see each request before it is sent."""

    def __init__(self, ledger: Ledger, budget: Budget, requester: Requester) -> None:
        self._ledger, self._budget, self._requester = ledger, budget, requester
        self._refused = ledger.spending(requester).refused

    def begin(self, planned: Plan) -> None:
        """Raises BudgetReached where the whole plan would pass a limit; then nothing of it is to be sent."""
        if planned.blocks:
            self._budget.check(planned.cost, self._ledger.spending(self._requester), self._requester.member)

    def ask(self, source: Source, block: BlockRequest, cancelled: Callable[[], bool]) -> Block:
        """As `Source.read_block`; also raises BudgetReached where the request would pass a limit, and StorageError.

        Raises QuotaSpent without asking where another job has just been told so.
        """
        entry = Entry.of(block, self._requester)
        return self._entered(entry, source, partial(source.read_block, block, cancelled), lambda came: came.requests)

    def search(
        self,
        source: Source,
        provider: Provider,
        neighbourhood: TileBlock,
        interval: Interval,
        cancelled: Callable[[], bool],
        tell: Callable[[float], None] = unheard,
    ) -> tuple[Acquisition, ...]:
        """As `Source.search`; raises BudgetReached before the first page where the whole would pass a limit.

        `tell` hears after each page what part of those that are expected has come, 0 to 1.
        """
        expected, come = provider.search_cost(neighbourhood, interval), count(1)
        self._budget.check(expected, self._ledger.spending(self._requester), self._requester.member)

        def ask(send: Callable[[TryCallback], Page]) -> Page:
            page = self.ask_page(source, expected, send)
            tell(min(1.0, next(come) / max(1, expected.requests)))
            return page

        return source.search(neighbourhood, interval, cancelled, ask)

    def ask_page(self, source: Source, search: Cost, send: Callable[[TryCallback], Page]) -> Page:
        """One page of a search that is taken to cost so much, as `AskPage`; raises as `ask` does."""
        count = max(1, search.requests)
        entry = Entry.of_page(Cost(search.units / count, 1, search.bytes // count), self._requester)
        return self._entered(entry, source, send, lambda page: 1)  # noqa: ARG005 - however many tries were answered

    def _entered(
        self, entry: Entry, source: Source, send: Callable[[TryCallback], T], answered: Callable[[T], int]
    ) -> T:
        """Send it between its two times in the ledger; `answered` counts the questions that it took over HTTP."""
        number = self._ledger.reserve(entry, lambda spent: self._allow(entry.expected, spent, source))
        tries, begun, error = _Tries(), time.monotonic(), "Fault"
        try:
            came = send(tries.hear)
            error, tries.answered = "", answered(came)
        except NinepatchError as known:
            error = type(known).__name__
            raise
        finally:
            seconds = round(time.monotonic() - begun, 3)
            self._settle(number, tries.entered(replace(entry, seconds=seconds, error=error)))
        return came

    def save(self, recipe: Recipe, kept: Sequence[Acquisition], lacking: Plan, terms: Terms) -> None:
        """What the cache saved it, once it is done: the price from an empty cache, without what this run asked for."""
        whole = plan(recipe, kept, {}, terms) if lacking.cached else lacking
        self._ledger.save(self._requester, lacking.wanted, sum_of_costs(whole.blocks))

    def _settle(self, number: int, entry: Entry) -> None:
        """Where the database fails now the row stays at its estimate: what was answered is not dropped for it."""
        try:
            self._ledger.settle(number, entry)
        except StorageError as error:
            log.warning("A request stays in the ledger at its estimate: %s", error)

    def _allow(self, cost: Cost, spent: Spending, source: Source) -> None:
        if spent.refused > self._refused:
            raise source.quota_spent()
        self._budget.check(cost, spent, self._requester.member)


@dataclass(frozen=True)
class MeteredSource:
    """A source of which each request enters the ledger, whoever asks it."""

    source: Source
    provider: Provider
    bill: RequestMeter

    @property
    def waiting(self) -> str:
        """As the source's."""
        return self.source.waiting

    def search(
        self,
        neighbourhood: TileBlock,
        interval: Interval,
        cancelled: Callable[[], bool],
        ask: AskPage = directly,  # noqa: ARG002 - the ledger asks
    ) -> tuple[Acquisition, ...]:
        """As the source's."""
        return self.bill.search(self.source, self.provider, neighbourhood, interval, cancelled)

    def read_block(
        self,
        block: BlockRequest,
        cancelled: Callable[[], bool],
        heard: TryCallback = ignore,  # noqa: ARG002 - the ledger hears
    ) -> Block:
        """As the source's."""
        return self.bill.ask(self.source, block, cancelled)

    def quota_spent(self) -> QuotaSpent:
        """As the source's."""
        return self.source.quota_spent()


_AS_ASKED = range(200, 300)
"""HTTP statuses."""


@dataclass
class _Tries:
    """What has been heard of one request."""

    sent: int = 0
    status: int = 0
    bytes: int = 0
    answered: int = 0
    """Questions over HTTP that were answered as asked."""
    units: float = 0.0
    """What the service said of tries that it charged."""
    silent: int = 0
    """Tries that were answered as asked without a word on units."""

    def hear(self, one: Try | None) -> None:
        """One more try."""
        self.sent += 1
        self.status = one.status if one else 0
        self.bytes += one.bytes if one else 0
        as_asked = one is not None and one.status in _AS_ASKED
        self.answered += as_asked
        if one is not None and one.units is not None:
            self.units += one.units
        else:
            self.silent += as_asked

    def entered(self, entry: Entry) -> Entry:
        """The row; each try that was answered without a word on units is taken to have cost the estimate."""
        units = self.units + self.silent * entry.estimated
        heard = replace(entry, tries=self.sent, status=self.status, bytes=self.bytes, units=units)
        return replace(heard, requests=self.answered)

"""A fetch of which nothing is made: what a comparison lacks goes into the cache, from which it draws."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.account import Account
from services.acquisitions import Acquisition
from services.arrivals import Arrivals
from services.bill import Bill
from services.budget import Budget
from services.errors import StorageError
from services.frames import FrameStore
from services.gather import Gathered, gather
from services.ledger import Asker, Ledger
from services.making import ROUNDS, Progress, Spent, missing
from services.plan import Plan
from services.recipe import Recipe
from services.settings import Settings


@dataclass(frozen=True)
class Filling:
    """The way of one recipe's planes into the cache, for one member."""

    recipe: Recipe
    """All of its planes are fetched."""
    kept: tuple[Acquisition, ...]
    """Of which acquisitions."""
    frames: FrameStore
    settings: Settings
    ledger: Ledger
    asker: Asker
    """In whose name it enters the ledger."""
    report: Callable[[Progress], None]
    cancelled: Callable[[], bool]

    def run(self, account: Callable[[], Account], planned: Callable[[Sequence[Acquisition], Plan], None]) -> Spent:
        """What it cost; `account` is asked for only where something is missing, and `planned` hears what that is.

        What came before a stop or a failure stays. Raises ProviderError, BudgetReached, StorageError, Cancelled.
        """
        begun = time.monotonic()
        first = missing(self.recipe, self.kept, self.frames)
        bill = Bill(self.ledger, Budget.of(self.settings), self.asker)
        planned(self.kept, first)
        bill.begin(first)
        came = self._filled(first, account, bill)
        bill.save(self.recipe, self.kept, first)
        seconds = round(time.monotonic() - begun, 3)
        return Spent(came.requests, came.units, came.planes, first.cached + came.shared, seconds, came.shared)

    def _filled(self, lacking: Plan, account: Callable[[], Account], bill: Bill) -> Gathered:
        """Until all is there; what is cleared or makes room meanwhile is fetched again, a few times."""
        came = Gathered()
        for _ in range(ROUNDS):
            if not lacking.blocks:
                return came
            came = self._gathered(lacking, account(), bill, came)
            lacking = missing(self.recipe, self.kept, self.frames)
        if lacking.blocks:
            raise StorageError(
                f"The cache lost planes {ROUNDS} times while they were fetched.",
                "Raise the setting cache_gb, and check the disk under NINEPATCH_HOME.",
            )
        return came

    def _gathered(self, lacking: Plan, account: Account, bill: Bill, before: Gathered) -> Gathered:
        arrivals = Arrivals(self.kept, lacking.blocks, self.recipe.planes)

        def tell(part: Gathered) -> None:
            now = before + part
            dates = len(arrivals.complete)
            self.report(Progress("fetching", now.done, now.total, now.units, now.bytes, dates))

        tell(Gathered(total=lacking.requests))
        wide = self.settings.connections
        return before + gather(lacking, account, self.frames, wide, tell, self.cancelled, arrivals.stored, bill.ask)

"""Puts the parts together: look, plan, fetch, compose, export; and sketch, of what is in the cache.

Pages call what asks nobody: what is known, sketches and numbers. The worker and the terminal call the rest.
"""

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from math import ceil
from pathlib import Path
from time import monotonic

from services.account import Account, account_of
from services.acquisitions import Acquisition
from services.bill import Bill
from services.budget import Budget, Quote, quote
from services.catalogue import SETTLED, Catalogue, kept, kept_or_raise, known
from services.darkroom import Darkroom
from services.errors import NinepatchError
from services.faces import DateFace
from services.filling import Filling
from services.frames import FrameStore
from services.ledger import Asker, Ledger
from services.making import Making, Progress, Spent, missing
from services.outcome import described, looks_of
from services.pace import never
from services.plan import Plan
from services.providers import Provider, provider_named
from services.publish import Publication
from services.recipe import Recipe
from services.results import Result, ResultStore
from services.settings import Settings
from services.sketchbook import Sketchbook
from services.sketches import Sketch, Sketches
from services.stats import Curve
from services.studio import Studio


def nobody(progress: Progress) -> None:
    """Nobody watches this."""


def nowhere(kept: Sequence[Acquisition], planned: Plan) -> None:
    """Nobody waits for the plan."""


class Ninepatch:
    """The product without a user interface, for the settings of one process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.results = ResultStore(settings.home, int(settings.results_gb * 1e9))
        self._opening = threading.Lock()
        self._studio: Studio | None = None

    @cached_property
    def frames(self) -> FrameStore:
        """The cache of frames that the team shares."""
        return FrameStore(self.settings.home / "frames", int(self.settings.cache_gb * 1e9))

    @cached_property
    def ledger(self) -> Ledger:
        """What the team has spent, and what the cache has saved it."""
        return Ledger(self.settings.home)

    @property
    def studio(self) -> Studio:
        """What pages are shown of the cache; one for all threads, as the memory that it fills."""
        with self._opening:
            if self._studio is None:
                memory, workers = self.settings.memory_mb * 10**6, self.settings.workers
                darkroom, book = Darkroom(self.frames, memory, workers), Sketchbook(self.settings.home)
                self._studio = Studio(self.frames, darkroom, book, self.known, self.provider)
            return self._studio

    @property
    def darkroom(self) -> Darkroom:
        """Planes in memory, and what is made of them."""
        return self.studio.darkroom

    @property
    def sketches(self) -> Sketches:
        """Pictures of the cache on the disk."""
        return self.studio.sketches

    def sketch(self, recipe: Recipe, view: str, side: int = 1000, *, with_looks: bool = False) -> Sketch:
        """The recipe's picture from the cache alone. Raises MissingFrame, NoDataError and RecipeError."""
        return self.studio.sketch(recipe, view, side, with_looks=with_looks)

    def curve(self, recipe: Recipe) -> Curve:
        """What each cloud limit would give of the dates in the cache. Raises MissingFrame."""
        return self.studio.curve(recipe)

    def dates(self, recipe: Recipe) -> tuple[DateFace, ...]:
        """The dates of the interval as the cache knows them. Raises MissingFrame where the catalogue was not asked."""
        return self.studio.dates(recipe)

    def thumbnail(self, recipe: Recipe, key: str, view: str, side: int = 120) -> Path | None:
        """The picture of one date, from the cache alone; None where that lacks it."""
        return self.studio.thumbnail(recipe, key, view, side)

    def provider(self, recipe: Recipe) -> Provider:
        """Where the recipe's pixels come from."""
        return provider_named(recipe.provider, self.settings)

    def account(self, recipe: Recipe) -> Account:
        """The account there; raises CredentialsMissing where there is none."""
        return account_of(self.provider(recipe), self.settings)

    def look(self, recipe: Recipe, cancelled: Callable[[], bool] = never) -> tuple[Acquisition, ...]:
        """All acquisitions of the recipe's interval, oldest first; from the kept answer where it is fresh."""
        found = self.known(recipe)
        if found is not None:
            return found
        return Catalogue(self.account(recipe), self.settings).search(recipe.neighbourhood, recipe.interval, cancelled)

    def known(self, recipe: Recipe) -> tuple[Acquisition, ...] | None:
        """The same from the kept answer alone, or None where there is none or it is too old. Asks nobody."""
        return known(self.provider(recipe), self.settings, recipe.neighbourhood, recipe.interval)

    def estimate(self, recipe: Recipe) -> tuple[tuple[Acquisition, ...], Plan]:
        """What the limit keeps, and what is missing of it. Asks the catalogue where its answer is not kept.

        Raises NoDataError where there is nothing to fetch, and ProviderError.
        """
        kept = kept_or_raise(self.look(recipe), recipe)
        return kept, missing(recipe, kept, self.frames)

    def estimate_known(self, recipe: Recipe) -> tuple[tuple[Acquisition, ...], Plan] | None:
        """The same without asking anybody; None where the answer is not kept here, or the limit keeps nothing."""
        chosen = kept(self.known(recipe) or (), recipe)
        return (chosen, missing(recipe, chosen, self.frames)) if chosen else None

    def quote(self, recipe: Recipe, planned: Plan, member: str = "") -> Quote:
        """What a plan would cost that member: its share of the quota, how long it takes, and whether it may start."""
        asker = Asker(recipe.provider, member, recipe.digest, run="")
        return quote(planned, self.provider(recipe), self.settings, self.ledger, asker)

    def waiting(self, recipe: Recipe) -> str:
        """What the service holds the recipe's account back by now, a few words; empty where it does not."""
        try:
            account = self.account(recipe)
        except NinepatchError:  # who fetches hears of it
            return ""
        provider, held = account.provider, ceil(account.pace.held)
        if held:
            about = f"{held} s" if held < 120 else f"{ceil(held / 60)} minutes"
            return f"{provider.title} asks to wait: about {about}"
        if account.pace.backlog >= 1:
            limits = f"{provider.requests_per_minute:,.0f} requests and {provider.units_per_minute:,.0f} units a minute"
            return f"the account's limit of {limits}"
        return ""

    def fetch(
        self,
        recipe: Recipe,
        report: Callable[[Progress], None] = nobody,
        cancelled: Callable[[], bool] = never,
        *,
        planned: Callable[[Sequence[Acquisition], Plan], None] = nowhere,
        member: str = "",
        run: str = "",
        watched: bool = False,
    ) -> tuple[Result, Spent]:
        """Fetch what is missing, compose, and write the files of the result; a result that is there stays as it is.

        Where it is `watched`, the picture comes first and grows in the result's folder. It enters the ledger for
        `member`, as the attempt `run` (a new one where none is named). `planned` hears what is missing before any of
        it is fetched. Raises NoDataError, ProviderError, BudgetReached, StorageError, and Cancelled once `cancelled`
        says so.
        """
        begun = monotonic()
        asker = Asker(recipe.provider, member, recipe.digest, run or uuid.uuid4().hex)
        made = self.results.open(recipe.digest)
        if made is not None and recipe.interval.end_time + SETTLED < datetime.now(UTC):
            self.ledger.save_again(asker)
            return made, _nothing(made, begun)
        report(Progress("asking the catalogue"))
        found = self.look(recipe, cancelled)
        kept = kept_or_raise(found, recipe)
        if made is not None and made.looks == looks_of(kept):
            self.ledger.save_again(asker)
            return made, _nothing(made, begun)
        lacking = missing(recipe, kept, self.frames, watched=watched)
        bill = Bill(self.ledger, Budget.of(self.settings), asker)
        planned(kept, lacking)
        bill.begin(lacking)
        self.results.reopen(recipe.digest)
        publication = Publication(recipe, self.provider(recipe), kept, self.results.folder(recipe.digest), found)
        making = Making(publication, kept, self.frames, self.settings, report, cancelled, bill.ask, watched=watched)
        mosaic, spent = making.run(lambda: self.account(recipe), lacking)
        spent = replace(spent, seconds=round(monotonic() - begun, 3))
        result = described(publication, kept, len(found), mosaic, spent)
        self.results.finish(recipe.digest, result)
        bill.save(recipe, kept, lacking)
        return result, spent

    def fill(
        self,
        recipe: Recipe,
        report: Callable[[Progress], None] = nobody,
        cancelled: Callable[[], bool] = never,
        *,
        planned: Callable[[Sequence[Acquisition], Plan], None] = nowhere,
        member: str = "",
        run: str = "",
    ) -> Spent:
        """Fetch what is missing into the cache and make nothing of it; otherwise as `fetch`, and raises the same."""
        asker = Asker(recipe.provider, member, recipe.digest, run or uuid.uuid4().hex)
        report(Progress("asking the catalogue"))
        kept = kept_or_raise(self.look(recipe, cancelled), recipe)
        filling = Filling(recipe, kept, self.frames, self.settings, self.ledger, asker, report, cancelled)
        return filling.run(lambda: self.account(recipe), planned)


def _nothing(made: Result, begun: float) -> Spent:
    """What it costs to find a result that is there."""
    return Spent(0, 0.0, 0, made.planes_fetched + made.planes_cached, round(monotonic() - begun, 3))

"""Puts the parts together: search, plan, fetch, compose, export.

Pages call what asks no provider; the worker and the terminal call the rest.
"""

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from time import monotonic

from services.access import Action, Actor, AuditLog, Role, Roster
from services.accounting import Budget, CostEstimate, Ledger, Requester, RequestMeter, quote
from services.animation import AnimationService
from services.area import AOI
from services.cache import Amount, FrameStore, MissingFrame, frame_keys, part_of_cache
from services.cancellation import never
from services.catalogue import Acquisition, in_season, kept, kept_or_raise
from services.errors import CapacityExceeded, NinepatchError
from services.export import Result, ResultStore, ResultWriter
from services.gallery import Gallery
from services.jobs import (
    CacheFill,
    Demand,
    FetchPipeline,
    Progress,
    Room,
    Spent,
    check_capacity,
    claim,
    described,
    missing,
    observations_of,
)
from services.mask_comparison import MaskComparison
from services.orders import OrderService, Workshop
from services.plan import Cost, Plan
from services.preview import PreviewCompositor, Previews, PreviewService, PreviewStore
from services.providers import SETTLED, Provider, Source, cached_search, provider_named, search_notes
from services.recipe import Recipe
from services.series import SeriesService
from services.settings import Settings
from services.storage import Database, require_room
from services.text import megabytes


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
        self._preview_service: PreviewService | None = None

    @cached_property
    def frames(self) -> FrameStore:
        """The cache of frames that the team shares."""
        return FrameStore.of(self.settings, lambda: self.database)

    @cached_property
    def database(self) -> Database:
        """The team's, opened when it is first needed; all stores of this process share it."""
        return Database.of(self.settings)

    @cached_property
    def ledger(self) -> Ledger:
        """What the team has spent, and what the cache has saved it."""
        return Ledger(self.database)

    @cached_property
    def gallery(self) -> Gallery:
        """What the team has made."""
        return Gallery(self.database)

    @cached_property
    def orders(self) -> OrderService:
        """Whole areas, and how far they are."""
        return OrderService(self.workshop)

    @cached_property
    def workshop(self) -> Workshop:
        """What orders are worked with."""
        parts = self.settings, self.database, self.frames, self.ledger
        return Workshop(*parts, self.provider, self.budget)

    @property
    def preview_service(self) -> PreviewService:
        """What pages are shown of the cache; one for all threads, as the memory that it fills."""
        with self._opening:
            if self._preview_service is None:
                memory, workers = self.settings.plane_bytes, self.settings.workers
                compositor, book = PreviewCompositor(self.frames, memory, workers), PreviewStore(self.settings.home)
                self._preview_service = PreviewService(self.frames, compositor, book, self.known, self.provider)
            return self._preview_service

    @cached_property
    def series_service(self) -> SeriesService:
        """What one reads in a picture of the cache, with the previews' memory."""
        return SeriesService(self.frames, self.compositor, self.known, self.provider)

    @cached_property
    def animations(self) -> AnimationService:
        """Timelapses of the cache, one after the other."""
        return AnimationService(self.preview_service)

    @property
    def compositor(self) -> PreviewCompositor:
        """Planes in memory, and what is made of them."""
        return self.preview_service.compositor

    @property
    def previews(self) -> Previews:
        """Pictures of the cache on the disk."""
        return self.preview_service.previews

    @cached_property
    def mask_comparison(self) -> MaskComparison:
        """The masks side by side, of what is in the cache."""
        service = self.preview_service
        return MaskComparison(self.frames, service.compositor, service.book, self.provider)

    @cached_property
    def roster(self) -> Roster:
        """Who has which role, and whose budget is an own one."""
        return Roster(self.settings, self.database)

    def budget(self, provider: Provider, member: str) -> Budget:
        """What that member may spend there."""
        return Budget.of(self.settings, provider.limits, self.roster.budget(member))

    def clearing(self, year: int | None, aoi: AOI | None) -> tuple[Amount, Mapping[str, Cost]]:
        """What `clear_cache` would remove, and what it would cost by the ledger to fetch it again, by provider."""
        amount = self.frames.amount(part_of_cache(year, aoi))
        return amount, self.ledger.cost_again(amount.by_provider)

    def clear_cache(self, year: int | None, aoi: AOI | None, actor: Actor) -> Amount:
        """Remove what was acquired in that year in that area, None is any; how much that was. Raises NotAllowed."""
        actor.require(Role.ADMINISTRATOR, "clear the cache")
        part = part_of_cache(year, aoi)
        amount = self.frames.amount(part)
        subject = f"{year or 'all years'}, {aoi.name if aoi else 'everywhere'}"
        detail = f"{amount.planes:,} planes, {megabytes(amount.bytes)}"
        detail += f", and {megabytes(amount.stored)} in the store" if amount.stored else ""
        AuditLog(self.database).add(actor, Action.CACHE_CLEARED, subject, detail)
        return self.frames.clear(part)

    def provider(self, recipe: Recipe) -> Provider:
        """Where the recipe's pixels come from. Raises RecipeError where it is unknown or gives no tile so large."""
        found = provider_named(recipe.provider, self.settings)
        found.terms.most_tiles(recipe.lattice, recipe.resolution)
        return found

    def account(self, recipe: Recipe) -> Source:
        """The account there; raises CredentialsMissing where there is none."""
        return self.provider(recipe).open(self.settings)

    def search(
        self, recipe: Recipe, cancelled: Callable[[], bool] = never, *, member: str = "", run: str = ""
    ) -> tuple[Acquisition, ...]:
        """All acquisitions of the recipe's interval and months, oldest first; from the kept answer where it is fresh.

        The catalogue is asked for all of the interval, so that other months ask nothing.

        Each request enters the ledger for `member`, as the attempt `run`. Raises ProviderError, BudgetReached,
        StorageError, and Cancelled once `cancelled` says so; CapacityExceeded, without asking, where the disk is nearly
        full: the answer would not be kept.
        """
        found = self.known(recipe)
        if found is not None:
            return found
        require_room(self.settings)
        source, bill = self.account(recipe), self._meter(recipe, member, run)
        found = bill.search(source, self.provider(recipe), recipe.neighbourhood, recipe.searched, cancelled)
        return in_season(found, recipe)

    def _meter(self, recipe: Recipe, member: str, run: str) -> RequestMeter:
        requester = Requester(recipe.provider, member, recipe.digest, run or uuid.uuid4().hex)
        return RequestMeter(self.ledger, self.budget(self.provider(recipe), member), requester)

    def search_price(self, recipes: Sequence[Recipe], member: str) -> CostEstimate:
        """What it would cost that member to ask one catalogue for all of these intervals, about; asks nobody."""
        provider = self.provider(recipes[0])
        costs = (provider.search_cost(recipe.neighbourhood, recipe.searched) for recipe in recipes)
        return self._quote(recipes[0], sum(costs, Cost()), member)

    def known(self, recipe: Recipe) -> tuple[Acquisition, ...] | None:
        """The same from the kept answer alone, or None where there is none or it is too old. Asks nobody."""
        found = cached_search(self.provider(recipe), self.settings, recipe.neighbourhood, recipe.searched)
        return None if found is None else in_season(found, recipe)

    def notes(self, recipe: Recipe) -> tuple[str, ...]:
        """What was left out of the kept answer, and why, in sentences. Asks nobody."""
        return search_notes(self.provider(recipe), self.settings, recipe.neighbourhood, recipe.searched)

    def estimate(self, recipe: Recipe, *, member: str = "", run: str = "") -> tuple[tuple[Acquisition, ...], Plan]:
        """What the limit keeps, and what is missing of it. Asks the catalogue where its answer is not kept.

        Raises NoDataError where there is nothing to fetch, and as `search`.
        """
        kept = kept_or_raise(self.search(recipe, member=member, run=run), recipe)
        return kept, missing(recipe, kept, self.frames, self.provider(recipe).terms)

    def estimate_known(self, recipe: Recipe) -> tuple[tuple[Acquisition, ...], Plan] | None:
        """The same without asking anybody; None where the answer is not kept here, or the limit keeps nothing."""
        chosen = kept(self.known(recipe) or (), recipe)
        return (chosen, missing(recipe, chosen, self.frames, self.provider(recipe).terms)) if chosen else None

    def program(self, recipe: Recipe) -> str:
        """The program that makes the recipe's picture again, of what is in the cache; asks nobody.

        Raises MissingFrame where something lacks, and StorageError.
        """
        from services.composite import compose  # eo-learn, which only those need who make files

        known = self.estimate_known(recipe)
        if known is None or known[1].requests:
            raise MissingFrame(
                f"Not all of tile {recipe.centre} is in the cache any more.",
                "Open its picture: what is missing is fetched again, and its program is among the downloads.",
            )
        writer = ResultWriter(recipe, self.provider(recipe), known[0], self.results.folder(recipe.digest))
        return writer.program(compose(recipe, known[0], self.frames, workers=1))

    def quote(self, recipe: Recipe, planned: Plan, member: str = "") -> CostEstimate:
        """What a plan would cost that member: its share of the quota, how long it takes, and whether it may start."""
        return self._quote(recipe, planned.cost, member)

    def _quote(self, recipe: Recipe, cost: Cost, member: str) -> CostEstimate:
        requester = Requester(recipe.provider, member, recipe.digest, run="")
        own = self.roster.budget(member)
        return quote(cost, self.provider(recipe), self.settings, self.ledger, requester, own)

    def price(self, recipe: Recipe, planned: Plan, member: str = "", *, making: bool = True) -> CostEstimate:
        """The same, refused too where this machine has not the memory or disk; a fill of the cache is not `making`."""
        quoted = self.quote(recipe, planned, member)
        try:
            room = replace(self._room(recipe), taken=self.frames.claimed())
            check_capacity(Demand.of(recipe, planned, self.settings), room, making=making)
        except CapacityExceeded as error:
            return replace(quoted, refusal=quoted.refusal or error)
        return quoted

    def _room(self, recipe: Recipe) -> Room:
        """What there is for the recipe's picture on this machine."""
        return replace(Room.here(self.settings), results=self.results.room.left(recipe.digest))

    def waiting(self, recipe: Recipe) -> str:
        """What the service holds the recipe's account back by now, a few words; empty where it does not."""
        try:
            return self.account(recipe).waiting
        except NinepatchError:  # who fetches hears of it
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
        begun, run = monotonic(), run or uuid.uuid4().hex
        requester, before = Requester(recipe.provider, member, recipe.digest, run), self.ledger.fetched(run)
        made = self.results.open(recipe.digest)
        if made is not None and recipe.interval.end_time + SETTLED < datetime.now(UTC):
            self.ledger.save_again(requester)
            return made, _nothing(made, begun)
        report(Progress("asking the catalogue"))
        found = self.search(recipe, cancelled, member=member, run=run)
        kept = kept_or_raise(found, recipe)
        if made is not None and made.observations == observations_of(kept):
            self.ledger.save_again(requester)
            return made, _nothing(made, begun)
        provider = self.provider(recipe)
        bill = self._meter(recipe, member, run)
        making = self.results.room.making(recipe.digest)
        with self.frames.reserving(frame_keys(recipe, kept), recipe.planes) as reserved, making:
            lacking = missing(recipe, kept, self.frames, provider.terms, watched=watched)
            planned(kept, lacking)
            claim(reserved, Demand.of(recipe, lacking, self.settings), self._room(recipe))
            bill.begin(lacking)
            self.results.reopen(recipe.digest)
            writer = ResultWriter(recipe, provider, kept, self.results.folder(recipe.digest), found)
            parts = (self.frames, self.settings, report, cancelled, bill.ask, provider.terms)
            pipeline = FetchPipeline(writer, kept, *parts, watched=watched, reserved=reserved)
            mosaic, spent = pipeline.run(lambda: self.account(recipe), lacking)
            spent = replace(spent.after(*before), seconds=round(monotonic() - begun, 3))
            result = described(pipeline.writer, pipeline.kept, len(found), mosaic, spent)
            self.results.finish(recipe.digest, result)
        self.gallery.enter(recipe, result, member)
        bill.save(recipe, pipeline.kept, lacking, provider.terms)
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
        run = run or uuid.uuid4().hex
        report(Progress("asking the catalogue"))
        kept = kept_or_raise(self.search(recipe, cancelled, member=member, run=run), recipe)
        parts = (self.frames, self.settings, self._meter(recipe, member, run), report, cancelled)
        cache_fill = CacheFill(recipe, kept, self.provider(recipe).terms, *parts)
        return cache_fill.run(lambda: self.account(recipe), planned)


def _nothing(made: Result, begun: float) -> Spent:
    """What it costs to find a result that is there."""
    return Spent(0, 0.0, 0, made.planes_fetched + made.planes_cached, round(monotonic() - begun, 3))

"""Pipelines: one fetch from what is missing to the files of a result, or into the cache alone for a comparison."""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from services.accounting import RequestMeter
from services.cache import FrameStore, MissingFrame, frame_keys
from services.catalogue import Acquisition
from services.composite import Composite, Mosaic, mosaic
from services.csmask import Derivation
from services.errors import StorageError
from services.export import Observation, Result, ResultWriter, meaning_of
from services.fetch import Arrivals, Ask, DownloadStats, gather
from services.jobs.capacity import Demand, Room, claim
from services.jobs.progressive import ProgressivePreview
from services.plan import BlockRequest, Cost, Plan, Terms, plan
from services.providers import Source
from services.recipe import Recipe
from services.render import counts_range, default_view
from services.settings import Settings
from services.storage import Reservation

ROUNDS = 3
"""How often a fetch plans again where frames turn out damaged or evicted while they are read."""


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    phase: str
    """What is being done, a few words."""
    done: int = 0
    """Blocks stored."""
    total: int = 0
    """Blocks planned."""
    units: float = 0.0
    """Units spent so far."""
    bytes: int = 0
    """Bytes received so far."""
    dates: int = 0
    """Acquisitions of which all is there that the picture needs."""
    requests: int = 0
    """Questions over HTTP that were answered so far."""


@dataclass(frozen=True)
class Spent:
    """What one fetch cost."""

    requests: int
    """Questions over HTTP, sent and answered."""
    units: float
    """Units as the service says."""
    planes_fetched: int
    planes_cached: int
    """Planes that were not asked for: those that the cache had, and those that somebody else fetched meanwhile."""
    seconds: float
    planes_shared: int = 0
    """Of planes_cached: those that somebody else fetched meanwhile."""
    bytes: int = 0
    """Bytes that came."""

    @classmethod
    def of(cls, came: DownloadStats, cached: int, begun: float) -> "Spent":
        """What came, beside the planes that the cache had, since `begun` (time.monotonic)."""
        seconds = round(time.monotonic() - begun, 3)
        planes = came.planes, cached + came.shared
        return cls(came.requests, came.units, *planes, seconds, came.shared, came.bytes)

    def after(self, cost: Cost, planes: int) -> "Spent":
        """With what earlier workers spent on the same attempt, and the planes that they were given for it."""
        return replace(
            self,
            requests=self.requests + cost.requests,
            units=self.units + cost.units,
            bytes=self.bytes + cost.bytes,
            planes_fetched=self.planes_fetched + planes,
            planes_cached=max(0, self.planes_cached - planes),
        )


def progress_of(phase: str, came: DownloadStats, dates: int) -> Progress:
    """As it is reported."""
    return Progress(phase, came.done, came.total, came.units, came.bytes, dates, came.requests)


def missing(
    recipe: Recipe, kept: Sequence[Acquisition], frames: FrameStore, terms: Terms, *, watched: bool = False
) -> Plan:
    """What the cache lacks of these acquisitions; where somebody watches, what the picture needs before the rest."""
    planned = plan(recipe, kept, frames.present(frame_keys(recipe, kept), recipe.planes), terms)
    return planned.prioritise(shown(recipe).planes) if watched else planned


def shown(recipe: Recipe) -> Recipe:
    """The same with the bands of the picture alone."""
    return recipe.showing(default_view(recipe.bands).bands)


class FetchPipeline:
    """The fetch of one recipe, by one thread."""

    def __init__(
        self,
        writer: ResultWriter,
        kept: tuple[Acquisition, ...],
        frames: FrameStore,
        settings: Settings,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        ask: Ask,
        terms: Terms,
        *,
        watched: bool = False,
        reserved: Reservation | None = None,
    ) -> None:
        """Where it is `watched`, the picture comes first and grows; else each acquisition is one request.

        `reserved` is the disk's space for its frames and its files.
        """
        self.recipe, self.writer, self.kept = writer.recipe, writer, kept
        self._frames, self._settings = frames, settings
        self._report, self._cancelled, self._ask = report, cancelled, ask
        self._terms, self._watched, self._reserved = terms, watched, reserved
        self._gathered, self._dates = DownloadStats(), 0
        self._is_shown = False
        self._derivation = Derivation(self.recipe, frames, settings.workers, cancelled, reserved)

    def run(self, source: Callable[[], Source], planned: Plan | None = None) -> tuple[Mosaic, Spent]:
        """What came out and what it cost; `source` is opened only where something is missing.

        `planned` is what is missing, where that was looked up just now. Raises ProviderError, StorageError, Cancelled.
        """
        begun = time.monotonic()
        first = planned or self._missing()
        composites = self._composed(first, source)
        self._say("writing the files")
        whole = self.writer.write(composites)
        return whole, Spent.of(self._gathered, first.cached, begun)

    def _composed(self, planned: Plan, source: Callable[[], Source]) -> tuple[Composite, ...]:
        """Gather and reduce; frames that turn out damaged or gone are fetched again, a few times."""
        for _ in range(ROUNDS):
            if planned.blocks:
                self._gather(planned, source())
            self._derivation.add_all(frame_keys(self.recipe, self.kept), self._masked)
            if self._reserved is not None:
                self._reserved.release()
            self._say("composing")
            try:
                self._show()
                return self._compose(self.recipe)
            except MissingFrame:
                self._heal()
                planned = self._missing()
        raise StorageError(
            f"The cache lost frames {ROUNDS} times while they were read.",
            "Raise the setting cache_gb, and check the disk under NINEPATCH_HOME.",
        )

    def _missing(self) -> Plan:
        return missing(self.recipe, self.kept, self._frames, self._terms, watched=self._watched)

    def _show(self) -> None:
        """The picture before all else, from its own bands alone, where somebody watches."""
        quick = shown(self.recipe)
        if self._watched and not self._is_shown and len(quick.bands) < len(self.recipe.bands):
            self.writer.show(mosaic(self._compose(quick, keep=False), self.recipe.neighbourhood.side))

    def _compose(self, recipe: Recipe, *, keep: bool = True) -> tuple[Composite, ...]:
        from services.composite import compose, drop  # a second of imports, which only workers need

        return compose(
            recipe,
            self.kept,
            self._frames,
            workers=self._settings.workers,
            keep=self.writer.keep if keep else drop,
            meta=self.writer.provenance.meta_info(),
            cancelled=self._cancelled,
        )

    def _gather(self, planned: Plan, source: Source) -> None:
        before, quick = self._gathered, shown(self.recipe)
        arrivals = Arrivals(self.kept, planned.blocks, quick.planes)
        preview = ProgressivePreview(quick, arrivals, self._frames, self.writer.show, len(self.kept))

        def tell(now: DownloadStats) -> None:
            self._gathered, self._dates = before + now, len(arrivals.complete)
            self._say("fetching")

        def stored(block: BlockRequest) -> None:
            self._derivation.add(block.keys)
            arrivals.stored(block)
            preview.notify()

        tell(DownloadStats(total=len(planned.blocks)))
        with preview if self._watched else nullcontext():
            wide, stop = self._settings.connections, self._cancelled
            tell(gather(planned, source, self._frames, wide, tell, stop, stored, self._ask, self._reserved))
        if self._gathered.gone:
            self.writer = self.writer.without(dict(self._gathered.gone))
            self.kept = self.writer.kept
        self._is_shown = preview.complete

    def _heal(self) -> None:
        """Find all damaged frames at once, so that the next plan has them all."""
        self._frames.verify(frame_keys(self.recipe, self.kept), self.recipe.planes)

    def _masked(self, done: int, total: int) -> None:
        self._say(f"finding clouds, {100 * done // total} %")

    def _say(self, phase: str) -> None:
        came = self._gathered
        self._report(progress_of(phase, came, self._dates))


def observations_of(kept: Sequence[Acquisition]) -> tuple[Observation, ...]:
    """The acquisitions as a result names them."""
    return tuple(
        Observation(
            observation.date,
            observation.satellite,
            observation.orbit,
            round(observation.cloud_cover, 4),
            round(observation.coverage, 4),
            observation.products,
        )
        for observation in kept
    )


def described(
    writer: ResultWriter, kept: Sequence[Acquisition], acquisitions: int, mosaic: Mosaic, spent: Spent
) -> Result:
    """With the files of the publication, which are all written; `acquisitions` is how many the interval has."""
    least, most = counts_range(mosaic)
    return Result(
        recipe=writer.recipe.to_dict(),
        observations=observations_of(kept),
        acquisitions=acquisitions,
        requests=spent.requests,
        units=spent.units,
        planes_fetched=spent.planes_fetched,
        planes_cached=spent.planes_cached,
        seconds=spent.seconds,
        no_data=mosaic.no_data,
        median_observations=mosaic.median_observations,
        width=mosaic.width,
        height=mosaic.height,
        simulated=writer.provenance.simulated,
        attribution=writer.provenance.attribution,
        files=writer.files(),
        least_observations=least,
        most_observations=most,
        meaning=meaning_of(writer.recipe),
        bytes=spent.bytes,
    )


@dataclass(frozen=True)
class CacheFill:
    """The way of one recipe's planes into the cache, for one member."""

    recipe: Recipe
    """All of its planes are fetched."""
    kept: tuple[Acquisition, ...]
    """Of which acquisitions."""
    terms: Terms
    """Of the provider."""
    frames: FrameStore
    settings: Settings
    bill: RequestMeter
    """In whose name it enters the ledger."""
    report: Callable[[Progress], None]
    cancelled: Callable[[], bool]

    def run(self, source: Callable[[], Source], planned: Callable[[Sequence[Acquisition], Plan], None]) -> Spent:
        """What it cost; `source` is opened only where something is missing, and `planned` hears what that is.

        What came before a stop or a failure stays. Raises ProviderError, BudgetReached, StorageError, Cancelled.
        """
        begun = time.monotonic()
        with self.frames.reserving(frame_keys(self.recipe, self.kept), self.recipe.planes) as reserved:
            first = missing(self.recipe, self.kept, self.frames, self.terms)
            planned(self.kept, first)
            if first.blocks:
                demand = Demand.of(self.recipe, first, self.settings)
                claim(reserved, demand, Room.here(self.settings), making=False)
            self.bill.begin(first)
            came = self._filled(first, source, reserved)
        self.bill.save(self.recipe, self.kept, first, self.terms)
        return Spent.of(came, first.cached, begun)

    def _filled(self, lacking: Plan, source: Callable[[], Source], reserved: Reservation) -> DownloadStats:
        """Until all is there; what is cleared or makes room meanwhile is fetched again, a few times."""
        came = DownloadStats()
        for _ in range(ROUNDS):
            if lacking.blocks:
                came += self._gathered(lacking, source(), came, reserved)
            self._derive(came, reserved)
            if not lacking.blocks:
                return came
            gone = dict(came.gone)
            left = [one for one in self.kept if one.key not in gone]
            lacking = missing(self.recipe, left, self.frames, self.terms)
        if lacking.blocks:
            raise StorageError(
                f"The cache lost planes {ROUNDS} times while they were fetched.",
                "Raise the setting cache_gb, and check the disk under NINEPATCH_HOME.",
            )
        return came

    def _derive(self, came: DownloadStats, reserved: Reservation) -> None:
        """The planes that are computed of what is here."""

        def tell(done: int, total: int) -> None:
            self.report(progress_of(f"finding clouds, {100 * done // total} %", came, len(self.kept)))

        derivation = Derivation(self.recipe, self.frames, self.settings.workers, self.cancelled, reserved)
        derivation.add_all(frame_keys(self.recipe, self.kept), tell)

    def _gathered(self, lacking: Plan, source: Source, before: DownloadStats, reserved: Reservation) -> DownloadStats:
        arrivals = Arrivals(self.kept, lacking.blocks, self.recipe.planes)

        def tell(part: DownloadStats) -> None:
            self.report(progress_of("fetching", before + part, len(arrivals.complete)))

        tell(DownloadStats(total=len(lacking.blocks)))
        wide, stop = self.settings.connections, self.cancelled
        return gather(lacking, source, self.frames, wide, tell, stop, arrivals.stored, self.bill.ask, reserved)

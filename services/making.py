"""One result under way: gather what is missing, compose, write the files."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eolearn.core import EOPatch

from services.account import Account
from services.acquisitions import Acquisition
from services.composite import Composite, Mosaic, mosaic
from services.errors import StorageError
from services.frames import FrameStore, MissingFrame, frame_key
from services.gather import Gathered, gather
from services.lattice import Tile
from services.patches import compose, drop
from services.plan import Plan, plan
from services.publish import Publication
from services.recipe import Recipe
from services.settings import Settings
from services.stretch import channels

ROUNDS = 3
"""How often a fetch plans again where frames turn out damaged or evicted while they are read."""


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    phase: str
    """What is being done, a few words."""
    done: int = 0
    """Requests answered."""
    total: int = 0
    """Requests planned."""
    units: float = 0.0
    """Processing units spent so far."""
    bytes: int = 0
    """Bytes received so far."""


@dataclass(frozen=True)
class Spent:
    """What one fetch cost."""

    requests: int
    """Process requests sent and answered."""
    units: float
    """Processing units as the service's header says."""
    planes_fetched: int
    planes_cached: int
    seconds: float


def missing(recipe: Recipe, kept: Sequence[Acquisition], frames: FrameStore) -> Plan:
    """What the cache lacks of these acquisitions."""
    indices = recipe.neighbourhood.indices
    keys = [frame_key(recipe, index, acquisition) for acquisition in kept for index in indices]
    return plan(recipe, kept, frames.present(keys, recipe.planes))


class Making:
    """The fetch of one recipe, by one thread."""

    def __init__(
        self,
        publication: Publication,
        kept: tuple[Acquisition, ...],
        frames: FrameStore,
        settings: Settings,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.recipe, self.publication, self.kept = publication.recipe, publication, kept
        self._frames, self._settings = frames, settings
        self._report, self._cancelled = report, cancelled
        self._gathered = Gathered()

    def run(self, account: Callable[[], Account]) -> tuple[Mosaic, Spent]:
        """What came out and what it cost; `account` is asked for only where something is missing.

        Raises ProviderError, StorageError and Cancelled.
        """
        begun = time.monotonic()
        first = missing(self.recipe, self.kept, self._frames)
        composites = self._composed(first, account)
        self._say("writing the files")
        whole = self.publication.write(composites)
        came = self._gathered
        seconds = round(time.monotonic() - begun, 3)
        return whole, Spent(came.requests, came.units, came.planes, first.cached, seconds)

    def _composed(self, planned: Plan, account: Callable[[], Account]) -> tuple[Composite, ...]:
        """Gather and reduce; frames that turn out damaged or gone are fetched again, a few times."""
        for _ in range(ROUNDS):
            if planned.blocks:
                self._gather(planned, account())
            self._say("composing")
            try:
                self._show()
                return self._compose(self.recipe)
            except MissingFrame:
                self._heal()
                planned = missing(self.recipe, self.kept, self._frames)
        raise StorageError(
            f"The cache lost frames {ROUNDS} times while they were read.",
            "Raise the setting cache_gb, and check the disk under NINEPATCH_HOME.",
        )

    def _show(self) -> None:
        """The picture before all else, from its own bands alone."""
        shown = tuple(dict.fromkeys(channels(self.recipe.bands).bands))
        if len(shown) < len(self.recipe.bands):
            quick = self._compose(self.recipe.with_(bands=shown), keep=drop)
            self.publication.show(mosaic(quick, self.recipe.neighbourhood.side))

    def _compose(self, recipe: Recipe, keep: Callable[[Tile, EOPatch], None] | None = None) -> tuple[Composite, ...]:
        return compose(
            recipe,
            self.kept,
            self._frames,
            workers=self._settings.workers,
            keep=keep or self.publication.keep,
            meta=self.publication.provenance.meta_info(),
            cancelled=self._cancelled,
        )

    def _gather(self, planned: Plan, account: Account) -> None:
        before = self._gathered

        def tell(now: Gathered) -> None:
            self._gathered = before + now
            self._say("fetching")

        tell(Gathered(total=planned.requests))
        tell(gather(planned, account, self._frames, self._settings.connections, report=tell, cancelled=self._cancelled))

    def _heal(self) -> None:
        """Find all damaged frames at once, so that the next plan has them all."""
        keys = [
            frame_key(self.recipe, index, look) for look in self.kept for index in self.recipe.neighbourhood.indices
        ]
        self._frames.heal(keys, self.recipe.planes)

    def _say(self, phase: str) -> None:
        came = self._gathered
        self._report(Progress(phase, came.done, came.total, came.units, came.bytes))

"""What a comparison lacks, brought into the cache: asked once, entered in the ledger, and nothing made of it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from services.access import OwnBudget
from services.accounting import Budget, Ledger, Requester, RequestMeter
from services.cache import FrameKey, FrameStore, frame_key
from services.cache.frame_store import plane_type
from services.catalogue import Acquisition
from services.errors import BudgetReached, Cancelled, CapacityExceeded, ServiceFailed, StorageError
from services.grid import Lattice, TileIndex
from services.jobs import CacheFill, Progress, Spent, missing
from services.jobs.pipeline import ROUNDS
from services.plan import BlockRequest, Cost, Plan
from services.providers import Block, Limits, Source, TryCallback
from services.providers.http import Answer
from services.providers.sentinelhub import TERMS
from services.recipe import Interval, Recipe
from services.settings import Settings, load_settings
from services.storage import Database
from tests.services.ledger_rows import entries
from tests.services.overpasses import overpasses

RECIPE = Recipe(
    Lattice(32635, 330_000.0, 6_600_000.0, 200.0, 300.0), TileIndex(3, 5), Interval.of_year(2017), bands=("B04", "B08")
)
KEPT = overpasses(3)
ACCOUNT = cast(Source, SimpleNamespace())


class FarEnd:
    """Answers with planes of ones; what happens before each answer is said by `before`, which may fail."""

    def __init__(self) -> None:
        self.blocks: list[BlockRequest] = []
        self.before: Callable[[BlockRequest], object] = lambda block: None

    def read_block(self, block: BlockRequest, cancelled: Callable[[], bool], heard: TryCallback) -> Block:
        """As `Source.read_block`."""
        self.before(block)
        self.blocks.append(block)
        heard(Answer(200, {"x-processingunits-spent": str(block.units)}, bytes(100), 0.1))
        width, height = block.lattice.size_px(block.resolution)
        frame = {plane: np.ones((height, width), plane_type(plane)) for plane in block.planes}
        return Block(dict.fromkeys(block.tiles, frame), block.units, 100)


@pytest.fixture
def end(monkeypatch: pytest.MonkeyPatch) -> FarEnd:
    """One that answers."""
    made = FarEnd()
    monkeypatch.setattr(ACCOUNT, "read_block", made.read_block, raising=False)
    return made


class Home:
    """A cache, a ledger, and fills of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.frames, self.ledger = FrameStore(folder / "frames", 10**9), Ledger(Database(folder))
        self.told: list[Progress] = []
        self.plans: list[tuple[int, Plan]] = []

    def settings(self, **changes: object) -> Settings:
        return load_settings(**({"home": self.folder, "connections": 1} | changes))

    def fill(
        self,
        recipe: Recipe = RECIPE,
        cancelled: Callable[[], bool] = lambda: False,
        run: str = "run",
        **changes: object,
    ) -> Spent:
        settings = self.settings(**changes)
        parts = (self.frames, settings, self.meter("anna", run, settings), self.told.append, cancelled)
        return CacheFill(recipe, KEPT, TERMS, *parts).run(lambda: ACCOUNT, self.planned)

    def meter(self, member: str, run: str, settings: Settings) -> RequestMeter:
        requester = Requester(RECIPE.provider, member, RECIPE.digest, run)
        return RequestMeter(self.ledger, Budget.of(settings, Limits(), OwnBudget()), requester)

    def planned(self, kept: Sequence[Acquisition], plan: Plan) -> None:
        self.plans.append((len(kept), plan))

    def keys(self) -> list[FrameKey]:
        return [frame_key(RECIPE, index, one) for one in KEPT for index in RECIPE.neighbourhood.indices]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_all_that_is_missing_is_asked_once_and_each_request_is_a_row(home: Home, end: FarEnd) -> None:
    spent = home.fill()
    assert len(end.blocks) == spent.requests == 3
    assert spent.planes_fetched == 3 * 9 * 4
    assert missing(RECIPE, KEPT, home.frames, TERMS).blocks == ()
    rows = entries(home.ledger)
    assert [(row.member, row.run, row.recipe, row.status) for row in rows] == [("anna", "run", RECIPE.digest, 200)] * 3
    assert spent.units == pytest.approx(sum(row.units or 0.0 for row in rows))
    ((dates, planned),) = home.plans
    assert (dates, planned.requests) == (3, 3)
    assert planned.units == pytest.approx(spent.units)
    assert [(step.done, step.total, step.dates) for step in home.told] == [(0, 3, 0), (1, 3, 1), (2, 3, 2), (3, 3, 3)]


def test_what_is_there_is_not_asked_and_needs_no_account(home: Home, end: FarEnd) -> None:
    home.fill()
    end.blocks.clear()

    def nobody() -> Source:
        raise AssertionError("there is nothing to ask for")

    meter = home.meter("bert", "again", home.settings())
    parts = (home.frames, home.settings(), meter, home.told.append, lambda: False)
    spent = CacheFill(RECIPE, KEPT, TERMS, *parts).run(nobody, home.planned)
    assert (spent.requests, spent.units, spent.planes_cached) == (0, 0.0, 3 * 9 * 4)
    assert end.blocks == []
    saved = home.ledger.saved(("run", "again"))
    assert saved["run"] == Cost()
    assert saved["again"].units == pytest.approx(sum(row.units or 0.0 for row in entries(home.ledger)))
    assert saved["again"].bytes == sum(row.expected_bytes for row in entries(home.ledger)) > 0


def test_other_bands_of_the_same_dates_are_asked_alone(home: Home, end: FarEnd) -> None:
    home.fill()
    end.blocks.clear()
    home.fill(RECIPE.with_(bands=("B08", "B11")), run="more")
    assert {block.planes for block in end.blocks} == {("B11",)}
    saved = home.ledger.saved(("more",))["more"]
    assert saved.units > 0


def test_a_stop_keeps_what_came_and_the_next_fill_asks_for_the_rest(home: Home, end: FarEnd) -> None:
    with pytest.raises(Cancelled):
        home.fill(cancelled=lambda: len(end.blocks) >= 1)
    assert len(end.blocks) == 1
    assert home.ledger.saved(("run",)) == {}, "it is not done"
    home.fill(run="again")
    assert len({block.acquisition.key for block in end.blocks}) == len(end.blocks) == 3


def test_a_budget_stops_it_before_it_asks(home: Home, end: FarEnd) -> None:
    with pytest.raises(BudgetReached, match="budget_job_units"):
        home.fill(budget_job_units=0.001)
    assert end.blocks == []
    assert home.plans[0][1].requests == 3, "what it would have asked for is told"


def test_a_cache_that_is_too_small_for_it_stops_it_before_it_asks(home: Home, end: FarEnd) -> None:
    with pytest.raises(CapacityExceeded, match="are its limit") as raised:
        home.fill(cache_gb=1e-6)
    assert "cache_gb" in raised.value.remedy
    assert end.blocks == []


def test_what_running_jobs_count_on_is_not_promised_again(home: Home, end: FarEnd) -> None:
    with home.frames.reserving(home.keys(), ("B11",)) as other:
        other.claim(10**9, 0, lambda taken: None)
        with pytest.raises(CapacityExceeded, match=r"beside the 1\.0 GB that running jobs count on") as raised:
            home.fill(cache_gb=1)
        assert "or wait for them, or raise the setting cache_gb" in raised.value.remedy
        assert end.blocks == []
    home.fill(cache_gb=1)
    assert len(end.blocks) == 3


def test_a_failure_ends_it_with_its_own_error(home: Home, end: FarEnd) -> None:
    def fails(block: BlockRequest) -> None:
        raise ServiceFailed("Down.", "Ask again.")

    end.before = fails
    with pytest.raises(ServiceFailed):
        home.fill()


def test_what_somebody_clears_meanwhile_is_fetched_again(home: Home, end: FarEnd) -> None:
    def clears(block: BlockRequest) -> None:
        if len(end.blocks) == 2:
            home.frames.clear(lambda key: key.acquisition == end.blocks[0].acquisition.key)

    end.before = clears
    spent = home.fill()
    assert len(end.blocks) == spent.requests == 4
    assert missing(RECIPE, KEPT, home.frames, TERMS).blocks == ()
    assert [(step.done, step.total) for step in home.told][-2:] == [(3, 4), (4, 4)]


def test_a_cache_that_keeps_nothing_is_said_after_a_few_rounds(
    home: Home, end: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgets(self: FrameStore, fetched: Any, reserved: Any) -> None:
        """As a cache that is too small."""

    monkeypatch.setattr(FrameStore, "write_fetched", forgets)
    with pytest.raises(StorageError, match="cache lost") as raised:
        home.fill()
    assert "cache_gb" in raised.value.remedy
    assert len(end.blocks) == 3 * ROUNDS

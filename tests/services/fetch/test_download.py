"""A plan carried out: so many at a time, stored at once, and stopped by the first error."""

import io
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import tifffile
from sentinelhub.data_collections import DataCollection
from sentinelhub.download.models import DownloadRequest

from services.cache import FrameKey, FrameStore, frame_key
from services.cache.frame_store import plane_type
from services.catalogue import Acquisition
from services.errors import BadResponse, Cancelled, QuotaSpent, ServiceFailed, StorageError
from services.fetch import DownloadStats, gather
from services.grid import Lattice, Tile, TileIndex
from services.plan import BlockRequest, Plan, plan
from services.providers import Block, Source, TryCallback, ignore
from services.providers.http import Answer
from services.providers.sentinelhub import TERMS, Account, fetch_block
from services.recipe import Interval, Recipe

LATTICE = Lattice(32635, 330_000.0, 6_600_000.0, 200.0, 300.0)
RECIPE = Recipe(LATTICE, TileIndex(3, 5), Interval(date(2017, 1, 1), date(2018, 1, 1)), bands=("B04",))


@dataclass(frozen=True)
class Overpass:
    """As much of an acquisition as fetching it needs; its day is its cloud cover."""

    day: int
    remembered: dict[Hashable, Any] = field(default_factory=dict, compare=False)

    @property
    def key(self) -> str:
        return f"S2A_{self.day}"

    @property
    def cloud_cover(self) -> float:
        return float(self.day)

    @property
    def time(self) -> datetime:
        return datetime(2017, 6, self.day, tzinfo=UTC)

    @property
    def granules(self) -> tuple[Any, ...]:
        return (SimpleNamespace(time=self.time),)

    def version(self, tile: Tile) -> str:
        """As of a service that chooses among its products itself."""
        return ""

    def touches(self, tile: Tile) -> bool:
        return True


@dataclass
class FarEnd:
    """An account whose answers are made here; `before` is called in the thread of each request and may fail."""

    before: Callable[[int, Callable[[], bool]], object] = lambda day, cancelled: None
    days: list[int] = field(default_factory=list)
    most: int = 0
    _flying: int = 0
    _lock: Any = field(default_factory=threading.Lock)
    provider: Any = field(default_factory=lambda: SimpleNamespace(data_collection=DataCollection.SENTINEL2_L2A))

    def read_block(self, block: BlockRequest, cancelled: Callable[[], bool], heard: TryCallback = ignore) -> Block:
        """As an account does."""
        return fetch_block(cast(Account, self), block, cancelled, heard)

    def send(
        self,
        request: DownloadRequest,
        accept: Callable[[Answer], Any],
        *,
        units: float,
        cancelled: Callable[[], bool],
        heard: object,
    ) -> Any:
        values = cast(dict[str, Any], request.post_values)
        day = int(values["input"]["data"][0]["dataFilter"]["timeRange"]["to"][8:10])
        with self._lock:
            self.days.append(day)
            self._flying += 1
            self.most = max(self.most, self._flying)
        try:
            self.before(day, cancelled)
            pixels = np.zeros((values["output"]["height"], values["output"]["width"], 3), np.uint16)
            pixels[..., 0] = day
            file = io.BytesIO()
            tifffile.imwrite(file, pixels, photometric="minisblack", planarconfig="contig", metadata=None)
            headers = {"content-type": "image/tiff", "x-processingunits-spent": "0.5"}
            return accept(Answer(200, headers, file.getvalue(), 0.0))
        finally:
            with self._lock:
                self._flying -= 1


def missing(days: int) -> Plan:
    """A request a day, the first day first."""
    return plan(RECIPE, cast(list[Acquisition], [Overpass(day) for day in range(1, days + 1)]), {}, TERMS)


def keys(day: int) -> list[FrameKey]:
    return [frame_key(RECIPE, index, cast(Acquisition, Overpass(day))) for index in RECIPE.neighbourhood.indices]


def stored(frames: FrameStore, days: int) -> list[int]:
    """The days of which every frame is whole in the cache."""
    whole = frozenset(RECIPE.planes)
    return [
        day
        for day in range(1, days + 1)
        if all(planes == whole for planes in frames.present(keys(day), RECIPE.planes).values())
    ]


@pytest.fixture
def frames(tmp_path: Path) -> FrameStore:
    return FrameStore(tmp_path / "frames", 10**9)


def run(far: FarEnd, days: int, frames: FrameStore, connections: int = 4, **options: Any) -> DownloadStats:
    return gather(missing(days), cast(Source, far), frames, connections, **options)


def until(told: Callable[[], bool]) -> None:
    """Wait till it is told, 20 s at most."""
    deadline = time.monotonic() + 20
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def looked(told: threading.Event) -> Callable[[], bool]:
    """A look for somebody's stop, which tells that it was made: as long as one waits, one observations."""

    def observation() -> bool:
        told.set()
        return False

    return observation


def test_every_request_of_a_plan_is_sent_once_and_its_frames_are_stored(frames: FrameStore) -> None:
    far = FarEnd()
    heard: list[DownloadStats] = []
    found = run(far, 12, frames, report=heard.append)
    assert sorted(far.days) == list(range(1, 13))
    assert stored(frames, 12) == list(range(1, 13))
    for day in (1, 12):
        assert set(np.unique(frames.read(keys(day)[0], ("B04",))["B04"])) == {day}
    assert (found.done, found.total, found.requests, found.units, found.planes) == (12, 12, 12, 6.0, 12 * 9 * 3)
    assert found.bytes > 12 * 60 * 90 * 3 * 2
    assert [step.done for step in heard] == list(range(1, 13))
    assert {step.total for step in heard} == {12}
    assert heard[-1] == found


def test_what_its_threads_do_is_done_for_the_same_job(frames: FrameStore) -> None:
    job, heard = ContextVar("job", default=""), list[str]()
    token = job.set("aa")
    run(FarEnd(before=lambda day, cancelled: heard.append(job.get())), 3, frames)
    job.reset(token)
    assert heard == ["aa"] * 3, "log lines name the job by such a variable"


def test_what_two_rounds_gathered_adds_up() -> None:
    both = DownloadStats(1, 2, 3, 0.5, 5, 6, 7) + DownloadStats(10, 20, 30, 1.0, 50, 60, 70)
    assert both == DownloadStats(11, 22, 33, 1.5, 55, 66, 77)


def test_a_plan_of_nothing_asks_nothing(frames: FrameStore) -> None:
    far = FarEnd()
    assert run(far, 0, frames) == DownloadStats()
    assert far.days == []


def test_so_many_requests_are_in_flight_as_there_are_connections(frames: FrameStore) -> None:
    together = threading.Barrier(3)
    far = FarEnd(lambda day, cancelled: together.wait(timeout=20))
    run(far, 12, frames, connections=3)
    assert far.most == 3


def test_two_who_ask_the_same_at_once_ask_once(frames: FrameStore) -> None:
    second_has_begun = threading.Event()
    first = FarEnd(lambda day, cancelled: second_has_begun.wait(20))
    second = FarEnd()
    found: list[DownloadStats] = []

    def fetch(far: FarEnd, cancelled: Callable[[], bool]) -> None:
        found.append(run(far, 5, frames, cancelled=cancelled))

    threads = [
        threading.Thread(target=fetch, args=(first, lambda: False)),
        threading.Thread(target=fetch, args=(second, looked(second_has_begun))),
    ]
    threads[0].start()
    until(lambda: len(first.days) == 4)
    threads[1].start()
    for thread in threads:
        thread.join(20)
    assert sorted(first.days + second.days) == [1, 2, 3, 4, 5]
    assert sum(one.requests for one in found) == 5
    assert {one.planes + one.shared for one in found} == {5 * 9 * 3}
    assert sum(one.shared for one in found) == sum(one.planes for one in found) == 5 * 9 * 3
    assert {one.done for one in found} == {5}


def test_where_the_one_who_fetches_fails_the_one_who_waits_takes_over(frames: FrameStore) -> None:
    waiting = threading.Event()

    def fail(day: int, cancelled: Callable[[], bool]) -> None:
        assert waiting.wait(20)
        raise ServiceFailed("Down.")

    first, second = FarEnd(fail), FarEnd()
    with ThreadPoolExecutor(1) as pool:
        failing = pool.submit(run, first, 1, frames)
        until(lambda: first.days == [1])
        found = run(second, 1, frames, cancelled=looked(waiting))
        assert isinstance(failing.exception(), ServiceFailed)
    assert (second.days, found.planes, found.shared) == ([1], 27, 0)


def test_only_what_is_still_missing_is_asked_for_by_who_has_waited(frames: FrameStore) -> None:
    planned = missing(1)
    for key in keys(1)[:3]:
        frames.write(key, {plane: np.full((30, 20), 1, plane_type(plane)) for plane in RECIPE.planes})
    asked: list[BlockRequest] = []

    def ask(source: Source, block: BlockRequest, cancelled: Callable[[], bool]) -> Block:
        asked.append(block)
        return source.read_block(block, cancelled)

    stored_blocks: list[BlockRequest] = []
    found = gather(planned, cast(Source, FarEnd()), frames, 1, ask=ask, stored=stored_blocks.append)
    assert [(block.columns, block.rows) for block in asked] == [(3, 2)]
    assert (found.planes, found.shared) == (6 * 3, 3 * 3)
    assert stored_blocks == list(planned.blocks)
    assert stored(frames, 1) == [1]


def test_a_frame_is_there_before_the_next_one_is_asked_for(frames: FrameStore) -> None:
    seen: list[int] = []
    run(FarEnd(lambda day, cancelled: seen.append(len(stored(frames, 5)))), 5, frames, connections=1)
    assert seen == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("error", [QuotaSpent("No units."), ServiceFailed("Down."), BadResponse("Half.")])
def test_the_first_error_stops_the_spending_and_what_is_in_flight_is_kept(frames: FrameStore, error: Exception) -> None:
    all_sent = threading.Barrier(4)

    def before(day: int, cancelled: Callable[[], bool]) -> None:
        all_sent.wait(timeout=20)
        if day == 2:
            raise error
        until(cancelled)

    far = FarEnd(before)
    heard: list[DownloadStats] = []
    with pytest.raises(type(error), match=str(error)):
        run(far, 20, frames, report=heard.append)
    assert sorted(far.days) == [1, 2, 3, 4]
    assert stored(frames, 20) == [1, 3, 4]
    assert heard[-1].done == 3


def test_others_that_wait_are_told_to_stop_and_the_reason_is_what_is_raised(frames: FrameStore) -> None:
    both = threading.Barrier(2)

    def before(day: int, cancelled: Callable[[], bool]) -> None:
        both.wait(timeout=20)
        if day == 2:
            raise QuotaSpent("No units.")
        until(cancelled)  # as an account that waits for its pace
        raise Cancelled("Stopped.")

    with pytest.raises(QuotaSpent):
        run(FarEnd(before), 9, frames, connections=2)


def test_a_stop_keeps_what_came_and_asks_for_nothing_more(frames: FrameStore) -> None:
    far = FarEnd()
    with pytest.raises(Cancelled, match="What had been fetched is kept"):
        run(far, 9, frames, connections=1, cancelled=lambda: len(far.days) >= 3)
    assert far.days == [1, 2, 3]
    assert stored(frames, 9) == [1, 2, 3]


def test_a_stop_before_the_first_request_asks_for_nothing(frames: FrameStore) -> None:
    far = FarEnd()
    with pytest.raises(Cancelled):
        run(far, 9, frames, cancelled=lambda: True)
    assert far.days == []


def test_a_cache_that_cannot_be_written_stops_the_spending(frames: FrameStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fetched: Any, reserved: Any) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(frames, "write_fetched", full)
    far = FarEnd()
    with pytest.raises(StorageError, match="The disk is full"):
        run(far, 9, frames, connections=1)
    assert far.days == [1]


def test_a_listener_that_fails_ends_the_fetch(frames: FrameStore) -> None:
    far = FarEnd(lambda day, cancelled: until(cancelled) if day == 2 else None)

    def report(gathered: DownloadStats) -> None:
        until(lambda: 2 in far.days)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(far, 9, frames, connections=1, report=report)
    assert far.days == [1, 2]

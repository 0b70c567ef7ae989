"""Download: a plan carried out with a bounded number of requests in flight, each frame stored the moment it arrives."""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from contextvars import copy_context
from dataclasses import astuple, dataclass
from operator import add

from services.cache import FrameStore
from services.cancellation import never
from services.catalogue import Acquisition
from services.errors import AcquisitionGone, Cancelled
from services.plan import BlockRequest, Plan
from services.providers import Block, Source
from services.storage import Reservation

Ask = Callable[[Source, BlockRequest, Callable[[], bool]], Block]
"""How one block is asked for; see `Source.read_block`."""


@dataclass(frozen=True)
class DownloadStats:
    """What came so far; the sum of two is what came in both."""

    done: int = 0
    """Block requests whose frames are stored."""
    total: int = 0
    """Block requests of the plan."""
    requests: int = 0
    """Questions over HTTP that were answered."""
    units: float = 0.0
    """Units that they cost."""
    bytes: int = 0
    """Bytes that came."""
    planes: int = 0
    """Planes stored."""
    shared: int = 0
    """Planes of the plan that somebody else fetched meanwhile, so that they were not asked for again."""
    gone: tuple[tuple[str, str], ...] = ()
    """Keys of acquisitions whose files are not there, with the reason; their blocks are done without a frame."""

    def __add__(self, other: "DownloadStats") -> "DownloadStats":
        return DownloadStats(*map(add, astuple(self), astuple(other)))


def ask_directly(source: Source, block: BlockRequest, cancelled: Callable[[], bool]) -> Block:
    """Nobody keeps a ledger."""
    return source.read_block(block, cancelled)


def gather(
    plan: Plan,
    source: Source,
    frames: FrameStore,
    connections: int,
    report: Callable[[DownloadStats], None] | None = None,
    cancelled: Callable[[], bool] = never,
    stored: Callable[[BlockRequest], None] | None = None,
    ask: Ask = ask_directly,
    reserved: Reservation | None = None,
    turn: Callable[[], None] | None = None,
) -> DownloadStats:
    """Fetch and store every block of the plan, `connections` at a time; `report` hears of each that is stored.

    A block that somebody else fetches, in this process or another one, is waited for, and then only what is still
    missing of it is asked for, by `ask`. `stored` is called with each block of the plan once all of its frames are
    there, in the thread that saw to it. Before each is asked for there is room for its frames, in the space `reserved`,
    and `turn` has let it go: who waits there keeps nobody else from its frames.

    An acquisition whose files turn out to be gone is left out, and named by what is returned. The first other error, or
    somebody's stop, ends the spending: nothing is sent any more, what is in flight is waited for and stored. Then that
    error is raised: ProviderError, StorageError, or Cancelled. `cancelled` is asked in threads.
    """
    stopped, gone = threading.Event(), set[str]()

    def stop() -> bool:
        return stopped.is_set() or cancelled()

    def fetch(block: BlockRequest) -> DownloadStats:
        if block.acquisition.key in gone:
            return DownloadStats(done=1)
        try:
            if turn is not None:
                turn()
            came = _fetch(block, frames, lambda part: ask(source, part, stop), stop, reserved)
            if stored is not None:
                stored(block)
            return came
        except AcquisitionGone as error:
            gone.add(block.acquisition.key)
            return DownloadStats(done=1, gone=((block.acquisition.key, error.cause),))
        except BaseException:
            stopped.set()
            raise

    gathered = DownloadStats(total=len(plan.blocks))
    failures: list[BaseException] = []
    with ThreadPoolExecutor(connections, thread_name_prefix="gather") as pool:
        try:
            for future in as_completed([pool.submit(copy_context().run, fetch, block) for block in plan.blocks]):
                failure = future.exception()
                if failure is None:
                    gathered += future.result()
                    if report is not None:
                        report(gathered)
                else:
                    failures.append(failure)
        finally:
            stopped.set()  # where `report` fails or the keyboard interrupts, the pool must end too
    for failure in sorted(failures, key=lambda failure: isinstance(failure, Cancelled)):
        raise failure
    return gathered


def _fetch(
    block: BlockRequest,
    frames: FrameStore,
    ask: Callable[[BlockRequest], Block],
    stop: Callable[[], bool],
    reserved: Reservation | None,
) -> DownloadStats:
    """One block, held, asked for as far as it is still missing, and stored, unless it is to stop before it is sent."""
    came = DownloadStats(done=1, shared=len(block.tiles) * len(block.planes))
    with frames.holding(block.keys, stop):
        for part in block.remaining(frames.present(block.keys, block.planes)):
            if stop():
                raise Cancelled("The fetch was cancelled.", "What had been fetched is kept; start it again to go on.")
            frames.make_room(part.packed_bytes)
            with reserved.answer(part.most_bytes) if reserved else nullcontext():
                fetched = ask(part)
                frames.write_fetched({part.key(index): planes for index, planes in fetched.frames.items()}, reserved)
            count = len(part.tiles) * len(part.planes)
            came += DownloadStats(0, 0, fetched.requests, fetched.units, fetched.bytes, count, -count)
    return came


class Arrivals:
    """Counts blocks as they are stored. Threads share it."""

    def __init__(
        self, acquisitions: Sequence[Acquisition], blocks: Iterable[BlockRequest], planes: Collection[str]
    ) -> None:
        """An acquisition has arrived once no block is outstanding that has one of these planes of it."""
        self._acquisitions, self._planes = acquisitions, frozenset(planes)
        self._outstanding = Counter(block.acquisition.key for block in blocks if self._counts(block))
        self._lock = threading.Lock()

    def stored(self, block: BlockRequest) -> None:
        """All frames of that block are there."""
        if self._counts(block):
            with self._lock:
                self._outstanding[block.acquisition.key] -= 1

    @property
    def complete(self) -> tuple[Acquisition, ...]:
        """Those that have arrived, in the order in which they were given."""
        with self._lock:
            return tuple(one for one in self._acquisitions if not self._outstanding[one.key])

    def _counts(self, block: BlockRequest) -> bool:
        return not self._planes.isdisjoint(block.planes)

"""Carry out a plan: a bounded number of requests in flight, each frame stored the moment it arrives."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from services.account import Account
from services.errors import Cancelled
from services.frames import FrameStore
from services.plan import BlockRequest, Plan
from services.source import fetch_block


@dataclass(frozen=True)
class Gathered:
    """What came so far; the sum of two is what came in both."""

    done: int = 0
    """Block requests whose frames are stored."""
    total: int = 0
    """Block requests of the plan."""
    requests: int = 0
    """Process requests answered."""
    units: float = 0.0
    """Processing units that they cost."""
    bytes: int = 0
    """Bytes that came."""
    planes: int = 0
    """Planes stored."""

    def __add__(self, other: "Gathered") -> "Gathered":
        return Gathered(
            self.done + other.done,
            self.total + other.total,
            self.requests + other.requests,
            self.units + other.units,
            self.bytes + other.bytes,
            self.planes + other.planes,
        )


def nobody(gathered: Gathered) -> None:
    """Nobody watches this."""


def never() -> bool:
    """Nobody stops this."""
    return False


def gather(
    plan: Plan,
    account: Account,
    frames: FrameStore,
    connections: int,
    report: Callable[[Gathered], None] = nobody,
    cancelled: Callable[[], bool] = never,
) -> Gathered:
    """Fetch and store every block of the plan, `connections` at a time; `report` hears of each that is stored.

    The first error, or somebody's stop, ends the spending: nothing is sent any more, what is in flight is waited for
    and stored. Then that error is raised: ProviderError, StorageError, or Cancelled. `cancelled` is asked in threads.
    """
    stopped = threading.Event()

    def fetch(block: BlockRequest) -> Gathered:
        try:
            return _fetch(block, account, frames, lambda: stopped.is_set() or cancelled())
        except BaseException:
            stopped.set()
            raise

    gathered = Gathered(total=len(plan.blocks))
    failures: list[BaseException] = []
    with ThreadPoolExecutor(connections, thread_name_prefix="gather") as pool:
        try:
            for future in as_completed([pool.submit(fetch, block) for block in plan.blocks]):
                failure = future.exception()
                if failure is None:
                    gathered += future.result()
                    report(gathered)
                else:
                    failures.append(failure)
        finally:
            stopped.set()  # where `report` fails or the keyboard interrupts, the pool must end too
    for failure in sorted(failures, key=lambda failure: isinstance(failure, Cancelled)):
        raise failure
    return gathered


def _fetch(block: BlockRequest, account: Account, frames: FrameStore, stop: Callable[[], bool]) -> Gathered:
    """One block, asked for and stored, unless it is to stop before it is sent."""
    if stop():
        raise Cancelled("The fetch was stopped.", "What had been fetched is kept; start it again to go on.")
    fetched = fetch_block(account, block, stop)
    for index, planes in fetched.frames.items():
        frames.write(block.key(index), planes)
    return Gathered(1, 0, 1, fetched.units, fetched.bytes, len(fetched.frames) * len(block.planes))

"""What engines of many processes share: executions are handed out, their receipts are gathered, here is the loop."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from eolearn.core import EOExecutor, WorkflowResults

from services.cancellation import check_cancelled
from services.composite import Run
from services.engines.part import ComposePart, PartReceipt, TileReceipt
from services.engines.tile_tasks import executions, receipt_of
from services.grid import TileIndex

POLL_SECONDS = 0.2
"""How often the loop looks whether somebody stopped it."""
_AHEAD = 2
"""Tiles on their way for each place in the pool: so many that no place waits for this process."""
Handle = TypeVar("Handle", bound=Hashable)


class Handing:
    """Mixed into one of eo-learn's executors: it hands its executions out and does not wait for them."""

    handles: Sequence[Any] = ()
    """Of the executions, in their order."""
    hand_out: Callable[[Any], Any]
    """Gives one to the pool."""

    def _run_execution(self, processing_args: list[Any], run_params: Any) -> list[WorkflowResults]:  # noqa: ARG002
        self.handles = [self.hand_out(one) for one in processing_args]
        return []


@dataclass
class _Underway:
    """A part of which tiles are on their way."""

    part: ComposePart
    receipts: dict[TileIndex, TileReceipt] = field(default_factory=dict)

    def whole(self) -> PartReceipt | None:
        """Once all are there."""
        if len(self.receipts) < len(self.part.tiles):
            return None
        return PartReceipt(self.part.order, self.part.number, tuple(self.receipts[tile] for tile in self.part.tiles))


class Pooled(ABC, Generic[Handle]):
    """An engine whose tiles are composed in other processes."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def run(
        self, parts: Iterable[ComposePart | None], done: Callable[[PartReceipt], None], cancelled: Callable[[], bool]
    ) -> None:
        """See Engine."""
        coming, waiting = iter(parts), dict[Handle, tuple[_Underway, TileIndex]]()
        more = True
        try:
            while more or waiting:
                check_cancelled(cancelled)
                more = more and self._top_up(coming, waiting)
                for handle in self._ready(list(waiting)) if waiting else ():
                    underway, index = waiting.pop(handle)
                    underway.receipts[index] = self._receipt(underway.part, index, handle)
                    if whole := underway.whole():
                        done(whole)
        finally:
            self._drop(waiting)

    def _top_up(self, coming: Iterator[ComposePart | None], waiting: dict[Handle, tuple[_Underway, TileIndex]]) -> bool:
        """Hand out parts until each place of the pool has enough to do, or none is there; whether more may come."""
        enough = _AHEAD * self._places()
        while len(waiting) < enough:
            try:
                part = next(coming)
            except StopIteration:
                return False
            if part is None:
                return True
            underway = _Underway(part)
            executor = self._executor(*executions(part, self._home, Run(together=False)))
            executor.run()
            for index, handle in zip(part.tiles, executor.handles, strict=True):
                waiting[handle] = underway, index
        return True

    def _receipt(self, part: ComposePart, index: TileIndex, handle: Handle) -> TileReceipt:
        found = self._result(handle)
        if isinstance(found, WorkflowResults):
            return receipt_of(part, index, found)
        return TileReceipt.failed(part.recipe.lattice.epsg, index, found)

    @abstractmethod
    def _places(self) -> int:
        """Tiles that the pool can compose at once; starts it where it does not run."""

    @abstractmethod
    def _executor(self, *made_of: Any) -> Any:
        """Of that workflow and what its executions are given: an EOExecutor that is Handing."""

    @abstractmethod
    def _ready(self, handles: list[Handle]) -> Iterable[Handle]:
        """Those that have ended; waits for one for POLL_SECONDS at most."""

    @abstractmethod
    def _result(self, handle: Handle) -> WorkflowResults | BaseException:
        """Of one that has ended: what came out, or why nothing did."""

    @abstractmethod
    def _drop(self, handles: Iterable[Handle]) -> None:
        """Nobody waits for them any more; those that have not begun do not begin."""

    @abstractmethod
    def close(self) -> None:
        """See Engine."""


class HandingExecutor(Handing, EOExecutor):
    """eo-learn's own executor, handing out."""

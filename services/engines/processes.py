"""The engine of one machine: eo-learn's executor over processes of this one, each of them started afresh."""

import multiprocessing
import os
import threading
import warnings
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import Any

from eolearn.core import EOExecutor, WorkflowResults
from eolearn.core.exceptions import EODeprecationWarning

from services.engines.pooled import POLL_SECONDS, HandingExecutor, Pooled
from services.errors import NinepatchError


@dataclass(frozen=True, eq=False)
class _Sent:
    """An execution on its way."""

    execution: Any
    future: "Future[WorkflowResults]"


class Processes(Pooled[_Sent]):
    """As many tiles at once as there are `workers`.

    Its processes are spawned: a copy of this one would hold locks that nobody frees, for a worker has many threads.
    One that is killed breaks its pool; what was on its way is then composed one by one, so that only the tile that ends
    its process each time is left out.
    """

    name = "processes"

    def __init__(self, home: Path, workers: int) -> None:
        super().__init__(home)
        self._workers = workers
        self._pools: dict[int, ProcessPoolExecutor] = {}

    def close(self) -> None:
        """See Engine."""
        while self._pools:
            self._pools.popitem()[1].shutdown(cancel_futures=True)

    def _places(self) -> int:
        return self._workers

    def _executor(self, *made_of: Any) -> HandingExecutor:
        executor = HandingExecutor(*made_of)
        executor.hand_out = lambda execution: _Sent(execution, self._submit(execution, self._workers))
        return executor

    def _submit(self, execution: Any, workers: int) -> "Future[WorkflowResults]":
        try:
            return self._pool(workers).submit(EOExecutor._execute_workflow, execution)
        except BrokenProcessPool:
            self._pools.pop(workers).shutdown()
            return self._pool(workers).submit(EOExecutor._execute_workflow, execution)

    def _pool(self, workers: int) -> ProcessPoolExecutor:
        if workers not in self._pools:
            afresh = multiprocessing.get_context("spawn")
            self._pools[workers] = ProcessPoolExecutor(workers, afresh, initializer=_begin)
        return self._pools[workers]

    def _ready(self, handles: list[_Sent]) -> Iterable[_Sent]:
        ended, _ = wait([sent.future for sent in handles], POLL_SECONDS, FIRST_COMPLETED)
        return [sent for sent in handles if sent.future in ended]

    def _result(self, handle: _Sent) -> WorkflowResults | BaseException:
        error = handle.future.exception()
        if isinstance(error, BrokenProcessPool):
            again = self._submit(handle.execution, 1)
            error = again.exception()
            if error is None:
                return again.result()
        if isinstance(error, BrokenProcessPool):
            return NinepatchError(
                "The process that composed the tile was ended, twice.",
                "It may lack memory: lower the setting workers, then try the part again.",
            )
        return error or handle.future.result()

    def _drop(self, handles: Iterable[_Sent]) -> None:
        for sent in handles:
            sent.future.cancel()


def _begin() -> None:
    """In a process of the pool: quiet about eo-learn's own, and gone with its parent, however that ends."""
    warnings.simplefilter("ignore", EODeprecationWarning)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(parent: int) -> None:
    wait_for([parent])
    os._exit(1)

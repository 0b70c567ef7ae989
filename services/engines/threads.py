"""The engine of one process: eo-learn's executor in threads, part after part."""

import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from eolearn.core import EOExecutor
from eolearn.core.exceptions import EODeprecationWarning

from services.cancellation import check_cancelled
from services.composite import Run
from services.engines.part import ComposePart, PartReceipt
from services.engines.tile_tasks import executions, receipt_of


class Threads:
    """As many tiles at once as there are `workers`."""

    name = "threads"

    def __init__(self, home: Path, workers: int) -> None:
        self._home, self._workers = home, workers

    def run(
        self, parts: Iterable[ComposePart | None], done: Callable[[PartReceipt], None], cancelled: Callable[[], bool]
    ) -> None:
        """See Engine."""
        for part in parts:
            check_cancelled(cancelled)
            if part is not None:
                done(self._composed(part, cancelled))

    def close(self) -> None:
        """Nothing was started."""

    def _composed(self, part: ComposePart, cancelled: Callable[[], bool]) -> PartReceipt:
        executor = EOExecutor(*executions(part, self._home, Run(cancelled, together=False)))
        with warnings.catch_warnings():
            # In each thread eo-learn hides deprecations of its own for a moment, and so shows those of other threads.
            warnings.simplefilter("ignore", EODeprecationWarning)
            results = executor.run(workers=self._workers, multiprocess=False, disable=True)
        pairs = zip(part.tiles, results, strict=True)
        return PartReceipt(part.order, part.number, tuple(receipt_of(part, index, result) for index, result in pairs))

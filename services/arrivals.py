"""Which acquisitions of a fetch have arrived, as far as the picture needs them."""

import threading
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from services.acquisitions import Acquisition
from services.plan import BlockRequest


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

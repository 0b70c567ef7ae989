"""Derivation: planes that are computed of others, for one recipe, as its frames arrive and of those that were here."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from services.cache import FrameKey, FrameStore, MissingFrame
from services.cancellation import never
from services.csmask.model import cloud_classes
from services.errors import Cancelled
from services.recipe import MASKS, Recipe
from services.storage import Reservation


@dataclass(frozen=True)
class Derivation:
    """Of the plane of the recipe's mask, at most `workers` at a time, whoever asks; nothing where the provider has it.

    A frame is computed by itself: what comes out does not depend on the others, on their order, or on who asked first.
    """

    recipe: Recipe
    frames: FrameStore
    workers: int
    cancelled: Callable[[], bool] = never
    reserved: Reservation | None = None
    """The disk's space for it."""
    _turns: threading.BoundedSemaphore = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_turns", threading.BoundedSemaphore(self.workers))

    def lacking(self, keys: Iterable[FrameKey]) -> list[FrameKey]:
        """The frames whose bands are here, and whose plane is not."""
        preset = MASKS[self.recipe.mask]
        if not preset.sources:
            return []
        present = self.frames.present(keys, (*preset.sources, preset.plane))
        bands = frozenset(preset.sources)
        return [key for key, planes in present.items() if planes == bands]

    def add(self, keys: Iterable[FrameKey]) -> None:
        """Compute and store those that lack, one after the other. Raises StorageError and Cancelled."""
        for key in self.lacking(keys):
            self._one(key)

    def add_all(self, keys: Iterable[FrameKey], told: Callable[[int, int], None]) -> None:
        """The same side by side; `told` hears how many of how many are done."""
        lacking = self.lacking(keys)
        with ThreadPoolExecutor(self.workers, thread_name_prefix="derive") as pool:
            futures = [pool.submit(self._one, key) for key in lacking]
            try:
                for done, future in enumerate(as_completed(futures), 1):
                    future.result()
                    told(done, len(lacking))
            finally:
                for future in futures:
                    future.cancel()

    def _one(self, key: FrameKey) -> None:
        """A frame whose bands have just made room is left to who finds it missing."""
        preset = MASKS[self.recipe.mask]
        with self._turns:
            if self.cancelled():
                raise Cancelled("The masking of clouds was stopped.", "What has been computed and fetched is kept.")
            try:
                bands = self.frames.read(key, preset.sources)
            except MissingFrame:
                return
            self.frames.write(key, {preset.plane: cloud_classes(bands)}, self.reserved)

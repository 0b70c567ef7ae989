"""The engines by name: what composes the tiles of an order, on one core or on a cluster."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from services.engines.part import ComposePart, PartReceipt
from services.registry import Registry
from services.settings import Settings


class Engine(Protocol):
    """Composes parts. A tile's files are the same whatever engine made them."""

    name: str

    def run(
        self, parts: Iterable[ComposePart], done: Callable[[PartReceipt], None], cancelled: Callable[[], bool]
    ) -> None:
        """Compose all of them; `done` hears of each when its last tile is stored, in this thread and in any order.

        Parts are taken as there is room for them, so that `parts` may wait for frames to come. A tile that fails is
        told in its receipt, and the others go on; a tile may be made twice, and is the same. Raises Cancelled once
        `cancelled` says so: the files of tiles that were ready stay. Raises SettingsError where the engine cannot run.
        """


@dataclass(frozen=True)
class EngineKind:
    """One way to run."""

    name: str
    words: str
    """For people."""
    make: Callable[[Settings], Engine]
    """For the settings of this process; nothing is started before the first part."""


def _threads(settings: Settings) -> Engine:
    from services.engines.threads import Threads  # a second of imports, which only workers need

    return Threads(settings.home, settings.workers)


ENGINES = Registry("engine", [EngineKind("threads", "threads of this worker", _threads)])


def engine_of(settings: Settings) -> Engine:
    """The one of the settings. Raises RecipeError where there is none of that name."""
    return ENGINES[settings.engine].make(settings)

"""The engines by name: what composes the tiles of an order, on one core or on a cluster."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from services.engines.part import ComposePart, PartReceipt
from services.errors import SettingsError
from services.registry import Registry
from services.settings import Settings


class Engine(Protocol):
    """Composes parts. A tile's files are the same whatever engine made them."""

    name: str

    def run(
        self, parts: Iterable[ComposePart | None], done: Callable[[PartReceipt], None], cancelled: Callable[[], bool]
    ) -> None:
        """Compose all of them; `done` hears of each when its last tile is stored, in this thread and in any order.

        Parts are taken as there is room for them, so the frames of all must be there; None says that the next one is
        not there yet, and is waited for by whoever gives it. A tile that fails is told in its
        receipt, and the others go on; a tile may be made twice, and is the same. Raises Cancelled once `cancelled`
        says so: the files of tiles that were ready stay. Raises SettingsError where the engine cannot run, and
        ClusterUnreachable where its machines are not there now.
        """

    def close(self) -> None:
        """End what it started; the next part would start it again."""


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


def _processes(settings: Settings) -> Engine:
    from services.engines.processes import Processes  # as above

    return Processes(settings.home, settings.workers)


def _ray(settings: Settings) -> Engine:
    try:
        from services.engines.cluster import Cluster  # an extra of the installation
    except ImportError as error:
        raise SettingsError(
            "The engine is ray, and Ray is not installed.",
            "Install requirements-cluster.txt here and on every node, or set engine to `threads` or `processes`.",
        ) from error
    return Cluster(settings)


ENGINES = Registry(
    "engine",
    [
        EngineKind("threads", "threads of this worker", _threads),
        EngineKind("processes", "processes of this machine", _processes),
        EngineKind("ray", "a cluster of machines, by Ray", _ray),
    ],
)


def engine_of(settings: Settings) -> Engine:
    """The one of the settings. Raises SettingsError where it is not installed."""
    return ENGINES[settings.engine].make(settings)

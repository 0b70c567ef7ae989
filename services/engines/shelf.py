"""Files of orders between a machine's own home and the store that all machines reach, where the settings name one."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from services.settings import Settings
from services.storage import object_store, write_beside

_AT_ONCE = 8
"""Files that travel at once."""
_STEP = 1000
"""Names that are in memory at once of those that are removed."""


def hand_on(settings: Settings, names: Iterable[str]) -> None:
    """Store files of these names below the home, in the place of older ones. Raises StorageError."""
    store = object_store(settings)
    if store is not None:
        _each(names, lambda name: store.put(name, settings.home / name, replace=True))


def bring(settings: Settings, names: Iterable[str], *, again: bool = False) -> None:
    """Write those to the home that only the store has, or all that it has `again`; some may be in neither place.

    Raises StorageError.
    """
    store = object_store(settings)
    if store is None:
        return

    def write(name: str) -> None:
        pieces = store.chunks(name)
        if pieces is not None:
            write_beside(settings.home / name, lambda beside: _fill(beside, pieces))

    _each((name for name in names if again or not (settings.home / name).is_file()), write)


def discard(settings: Settings, below: str) -> int:
    """Remove all that the store has below that name, some after some; how much it was. Raises StorageError."""
    store, count = object_store(settings), 0
    if store is None:
        return count
    names = store.names(f"{below}/")
    while some := list(islice(names, _STEP)):
        _each(some, lambda name: store.delete([name]))
        count += len(some)
    return count


def kept_below(settings: Settings, below: str) -> list[str]:
    """Names directly below that name of which the store has something. Raises StorageError."""
    store = object_store(settings)
    return [] if store is None else store.folders(f"{below}/")


def _fill(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(pieces)


def _each(names: Iterable[str], act: Callable[[str], object]) -> None:
    """Some of them side by side. Raises what the first one does that fails."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="transfer") as pool:
        list(pool.map(act, names))

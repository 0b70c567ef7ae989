"""Files of tiles between a machine's own home and the store that all machines reach, where the settings name one."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from services.settings import Settings
from services.storage import object_store, write_beside

_AT_ONCE = 8
"""Files that are brought at once."""


def hand_on(settings: Settings, names: Iterable[str]) -> None:
    """Store files of these names below the home, in the place of older ones. Raises StorageError."""
    store = object_store(settings)
    if store is not None:
        for name in names:
            store.put(name, settings.home / name, replace=True)


def bring(settings: Settings, names: Iterable[str], *, again: bool = False) -> None:
    """Write those to the home that only the store has, or all that it has `again`; some may be in neither place.

    Raises StorageError.
    """
    store = object_store(settings)
    if store is None:
        return

    def write(name: str) -> None:
        data = store.get(name)
        if data is not None:
            write_beside(settings.home / name, lambda beside: beside.write_bytes(data))

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="bring") as pool:
        list(pool.map(write, [name for name in names if again or not (settings.home / name).is_file()]))

"""How what is made of an order reaches machines that did not make it: by the store that all of them share."""

import json
import shutil
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from posixpath import normpath

from services.engines import ORDERS, TILES, PartReceipt, bring, discard, hand_on
from services.errors import StorageError
from services.export import crc_of
from services.orders.made import made_area
from services.orders.order import Order
from services.orders.rows import PartRow
from services.settings import Settings
from services.storage import object_store, write_beside
from services.text import quoted

LIST = "made.json"
"""What else there is of an order when it ends: names below its folder, with the CRC-32 of each. It is stored last."""
_OF_TILES, _OWN = (".tif", ".zip"), (".lock",)
"""What the engine has stored already, and what means nothing elsewhere."""


def hand_on_made(order: Order, settings: Settings) -> int:
    """Store what the order's folder holds beside its tiles, as far as it is new; bytes of all that the store has of it.

    Raises StorageError.
    """
    if not settings.store:
        return 0
    folder = _folder(order, settings)
    made = {
        path.relative_to(folder).as_posix(): crc_of(path) for path in folder.rglob("*") if _is_transferred(path, folder)
    }
    before = _listed(folder)
    hand_on(settings, (_name(order, name) for name, crc in made.items() if before.get(name) != crc))
    write_beside(folder / LIST, lambda beside: beside.write_text(json.dumps(made), encoding="utf-8"))
    hand_on(settings, [_name(order, LIST)])
    tiles = (folder / TILES).rglob("*")
    return sum(path.stat().st_size for path in {*(folder / name for name in made), *tiles} if path.is_file())


def discard_made(key: str, settings: Settings, *, everywhere: bool) -> int:
    """Remove what was made of an order here, or `everywhere`: in the store first; how many files it had. Raises
    StorageError."""
    count = discard(settings, f"{ORDERS}/{key}") if everywhere else 0
    folder = settings.home / ORDERS / key
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return count
    except OSError as error:
        raise StorageError(
            f"Not all of the order can be removed: {error.strerror}.", "See who may write to its folder.", folder
        ) from error
    return count


def bring_tiles(order: Order, settings: Settings) -> None:
    """All tiles that other machines made, where there is a store. Raises StorageError."""
    sets = made_area(order, settings.home).sets
    bring(settings, _files(order, (tiles.name(index) for tiles in sets for index in tiles.indices)))


def bring_made(order: Order, parts: Iterable[PartRow], settings: Settings) -> None:
    """What this machine lacks of the tiles of parts that are done, and of what was made of them when the order ended.

    Raises StorageError.
    """
    store = object_store(settings)
    if store is None:
        return
    bring(settings, _files(order, _made_tiles(order, parts, settings)))
    told = store.get(_name(order, LIST))
    if told is None:
        return
    folder = _folder(order, settings)
    before, made = _listed(folder), _trusted(told, folder, store.name)
    new = [name for name, crc in made.items() if before.get(name) != crc or not (folder / name).is_file()]
    bring(settings, (_name(order, name) for name in new), again=True)
    write_beside(folder / LIST, lambda beside: beside.write_bytes(told))


class Transfers:
    """Brings what is made of orders in a thread of its own. Threads share it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="transfer")
        self._under_way: dict[str, tuple[Hashable, Future[None]]] = {}
        self._lock = threading.Lock()

    def here(self, key: str, stamp: Hashable, act: Callable[[], None]) -> bool:
        """Whether the act has been done for that stamp; it begins where none is under way. Raises what that does."""
        with self._lock:
            known = self._under_way.get(key)
            if known is None or (known[1].done() and known[0] != stamp):
                self._under_way[key] = known = stamp, self._pool.submit(act)
            if not known[1].done():
                return False
            if known[1].exception() is not None:
                del self._under_way[key]
        known[1].result()
        return known[0] == stamp


def _folder(order: Order, settings: Settings) -> Path:
    return settings.home / ORDERS / order.digest


def _name(order: Order, below: str) -> str:
    return f"{ORDERS}/{order.digest}/{below}"


def _files(order: Order, pictures: Iterable[str]) -> Iterator[str]:
    """All that is kept of tiles, by the names of their GeoTIFFs."""
    suffixes = _OF_TILES if "eopatches" in order.outputs else _OF_TILES[:1]
    return (_name(order, name.removesuffix(".tif") + suffix) for name in pictures for suffix in suffixes)


def _made_tiles(order: Order, parts: Iterable[PartRow], settings: Settings) -> Iterator[str]:
    """By the receipts of parts that are done."""
    sets = {tiles.epsg: tiles for tiles in made_area(order, settings.home).sets}
    for part in parts:
        with suppress(KeyError, TypeError, ValueError):  # of another version of this program, or none
            yield from (sets[tile.epsg].name(tile.index) for tile in PartReceipt.from_json(part.receipt).tiles)


def _is_transferred(path: Path, folder: Path) -> bool:
    of_tiles = path.suffix in _OF_TILES and path.is_relative_to(folder / TILES)
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.is_file() and not of_tiles and not hidden and path.suffix not in _OWN and path.name != LIST


def _listed(folder: Path) -> dict[str, int]:
    """As this machine has the list; nothing where it has none."""
    try:
        return _read((folder / LIST).read_bytes()) or {}
    except FileNotFoundError:
        return {}


def _read(told: bytes) -> dict[str, int] | None:
    """Names with their checksums; None where it is no such list."""
    try:
        found = json.loads(told)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(found, dict) and all(type(crc) is int for crc in found.values())
    return found if whole else None


def _trusted(told: bytes, folder: Path, store: str) -> dict[str, int]:
    """The store's list: whoever may write to the bucket is not to write elsewhere on this machine. Raises StorageError,
    before anything of it is written."""
    made = _read(told)
    if made is None:
        raise StorageError(
            f"The list {LIST} of the order in {store} is no list of files with their checksums.", _SPOILT
        )
    outside = next((name for name in made if not _is_below(folder, name)), None)
    if outside is not None:
        raise StorageError(f"The list {LIST} in {store} names {quoted(outside, 60)}, outside the order.", _SPOILT)
    return made


def _is_below(folder: Path, name: str) -> bool:
    """Whether a file of that name, as the program writes it, lies in the folder, through whatever links there are."""
    try:
        path = (folder / name).resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle, a name too long, a zero byte
        return False
    return name == normpath(name) and path != folder.resolve() and path.is_relative_to(folder.resolve())


_SPOILT = (
    "See who may write to the bucket; remove that object, and let the machine that made the order hand it on again."
)
"""What to do with a list that the program did not write."""

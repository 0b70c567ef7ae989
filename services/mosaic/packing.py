"""Many files of an order as one zip that is nowhere: EOPatches, tiles or a Zarr cube, made as it is sent."""

from collections.abc import Iterable
from pathlib import Path

from services.errors import StorageError
from services.export import Bundle, Member, crc_of

_GONE = "Wait until the order has made them, or choose them among its outputs."


def bundle_of(folder: Path, names: Iterable[str]) -> Bundle:
    """The zip of these files below a folder, under these names; a name of a folder stands for all files in it.

    Each file is read once for its checksum. Raises StorageError where there is none, or one is gone.
    """
    paths = [path for name in names for path in _files(folder / name)]
    if not paths:
        raise StorageError("There are no such files of this order.", _GONE)
    try:
        return Bundle(tuple(_member(folder, path) for path in paths))
    except OSError as error:
        raise StorageError("A file of the order is gone.", _GONE) from error


def _files(path: Path) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def _member(folder: Path, path: Path) -> Member:
    state = path.stat()
    return Member(path.relative_to(folder).as_posix(), state.st_size, crc_of(path), state.st_mtime_ns, path)

"""Files that are there whole or not at all."""

import contextlib
import glob
import os
import threading
from collections.abc import Callable
from pathlib import Path

from services.errors import StorageError


def write_beside(path: Path, write: Callable[[Path], object]) -> Path:
    """Let `write` fill a file beside `path`, then rename it: whoever reads sees the whole file or none.

    Processes and threads that write the same file at once do not disturb each other; the last one stays. What one that
    was killed left half-written goes when the file is written again. Raises StorageError where the disk refuses.
    """
    beside = path.with_name(f".{os.getpid()}-{threading.get_ident()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        write(beside)
        beside.replace(path)
    except OSError as error:
        raise StorageError(
            f"The file {path.name} cannot be written: {error.strerror or error}.",
            "Make space on the disk, or set NINEPATCH_HOME to a folder that can be written.",
        ) from error
    finally:
        with contextlib.suppress(OSError):  # a folder that is not there, or a disk that refuses everything
            beside.unlink(missing_ok=True)
    return path


def _sweep(path: Path) -> None:
    """Remove what writers of the file that are gone left beside it."""
    for left in path.parent.glob(f".*-*-{glob.escape(path.name)}"):
        process, thread, _ = left.name[1:].split("-", 2)
        if process.isdigit() and thread.isdigit() and not _lives(int(process), int(thread)):
            left.unlink(missing_ok=True)


def _lives(process: int, thread: int) -> bool:
    """Whether that writer may still write."""
    if process == os.getpid():  # or another one that had our number before us
        return thread in {one.ident for one in threading.enumerate()}
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True

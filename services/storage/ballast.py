"""Emergency space on the disk (ballast): megabytes that are given back where it is full: the database goes on."""

import contextlib
import logging
import os
import shutil
from pathlib import Path

SIZE = 8 * 2**20
"""Bytes; hundreds of commits, beside the log that the database has already."""
PART = 40
"""On a small disk one part of so many."""
_LOG = logging.getLogger(__name__)


class Ballast:
    """The file under `home`. Processes share it; nothing of it ever fails."""

    def __init__(self, home: Path) -> None:
        self._path = home / "ballast"

    def see_to(self) -> None:
        """Before something is written that must be: give it back where the disk is full, make it where it is not."""
        with contextlib.suppress(OSError):
            usage = shutil.disk_usage(self._path.parent)
            size = min(SIZE, usage.total // PART)
            if usage.free < size // 4:
                self._path.unlink()
                _LOG.warning("The disk that holds %s is full: the last %.0f MB are given back.", self._path, size / 1e6)
            elif usage.free > 4 * size and not self._path.exists():
                self._make(size)

    def _make(self, size: int) -> None:
        with self._path.open("xb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.write(bytes(size))

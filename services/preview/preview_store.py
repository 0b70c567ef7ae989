"""Preview store: files in folders named by digests; the folders that were not used for longest make room."""

import contextlib
import errno
import os
import re
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from services.errors import StorageError
from services.storage import write_beside

LIMIT_BYTES = 2 * 10**9
"""Of all previews: a thousand large pictures, each of which is made again in half a second. Not worth a setting."""
USED_EVERY = 3600.0
"""Seconds: how exactly it is known when a folder was last used."""
_PART = 20
"""The folders are measured again when a twentieth of the limit has been written: that takes a while."""
_DIGEST = re.compile(r"[0-9a-f]{16}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,120}\.(png|json|tif|webp|gif|mp4)")


class PreviewStore:
    """Files under `home`/sketches/<digest>/, about `limit_bytes` at most. Threads and processes may share it."""

    def __init__(self, home: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._root, self._limit = home / "sketches", limit_bytes
        self._written = limit_bytes  # who was here before has not been measured
        self._pruning = threading.Lock()

    def file(self, digest: str, name: str) -> Path | None:
        """A file that is there, or None; never a path outside its folder."""
        if not _DIGEST.fullmatch(digest) or not _NAME.fullmatch(name):
            return None
        path = self._root / digest / name
        return path if path.is_file() else None

    def read(self, digest: str, name: str) -> bytes | None:
        """What is in it, or None; its folder counts as used."""
        path = self.file(digest, name)
        if path is None:
            return None
        with contextlib.suppress(OSError):  # it has just made room, or the disk is only to be read
            if path.parent.stat().st_mtime < time.time() - USED_EVERY:
                os.utime(path.parent)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(
                f"The file {name} cannot be read: {error.strerror or error}.", "Check the disk under NINEPATCH_HOME."
            ) from error

    def write(self, digest: str, name: str, fill: Callable[[Path], object]) -> Path:
        """Store what `fill` writes, whole, and make room where there is too much.

        Raises StorageError where the disk refuses, and ValueError for a name that is not safe.
        """
        if not _DIGEST.fullmatch(digest) or not _NAME.fullmatch(name):
            raise ValueError(f"{digest}/{name} is no name of a preview")
        path = self._root / digest / name
        try:
            write_beside(path, fill)
        except StorageError as error:
            if not self._mended(error, digest):
                raise
            write_beside(path, fill)
        with self._pruning:
            with contextlib.suppress(FileNotFoundError):  # another thread has made room of it already
                self._written += path.stat().st_size
            if self._written > self._limit // _PART:
                self._written = 0
                self._prune(keep=digest)
        return path

    def _mended(self, error: StorageError, digest: str) -> bool:
        """Whether a write that failed may do now: on a full disk, half of what there is makes room."""
        full = isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.ENOSPC
        if full:
            with self._pruning, contextlib.suppress(FileNotFoundError):  # not even the folder could be made
                self._prune(keep=digest, share=0.5)
        return full or isinstance(error.__cause__, FileNotFoundError)  # its folder has just made room for another one

    def _prune(self, keep: str, share: float = 1.0) -> None:
        """Remove the folders that were not used for longest until the limit holds with room for what comes next.

        At most a `share` of what there is stays.
        """
        used: list[tuple[float, int, Path]] = []
        for folder in self._root.iterdir():
            if _DIGEST.fullmatch(folder.name):
                with contextlib.suppress(FileNotFoundError):  # another process prunes too
                    size = sum(file.stat().st_size for file in folder.iterdir())
                    if size:  # else somebody writes into it
                        used.append((folder.stat().st_mtime, size, folder))
        total = sum(size for _, size, _ in used)
        goal = min(self._limit - self._limit // _PART, share * total)
        for _, size, folder in sorted(used):
            if total <= goal:
                break
            if folder.name != keep:
                shutil.rmtree(folder, ignore_errors=True)
                total -= size

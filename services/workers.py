"""Which workers live: each holds the kernel's lock on a file of its own, freed however it dies. No clock decides."""

import fcntl
import os
import uuid
from pathlib import Path
from typing import IO

from services.errors import StorageError

_UNBORN = ".new"
"""Ending of a file that is not locked yet; nobody takes its worker for dead."""


class WorkerLock:
    """A name and a locked file that say that a worker is alive. Raises StorageError where it cannot be made."""

    def __init__(self, home: Path) -> None:
        self.name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._path = home / "workers" / self.name
        unborn = self._path.with_suffix(_UNBORN)
        try:
            unborn.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = unborn.open("w")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            unborn.rename(self._path)
        except OSError as error:
            raise StorageError(
                f"The folder {unborn.parent} cannot be used: {error.strerror or error}.",
                "Set NINEPATCH_HOME to a folder on a local disk that can be written.",
            ) from error

    def close(self) -> None:
        """The worker ends; its jobs may be taken over."""
        self._path.unlink(missing_ok=True)
        self._file.close()


def worker_lives(home: Path, name: str) -> bool:
    """Whether the worker of that name still holds its lock."""
    try:
        with (home / "workers" / name).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (FileNotFoundError, IsADirectoryError):
        return False
    except BlockingIOError:
        return True
    return False


def living(home: Path) -> tuple[str, ...]:
    """The names of the workers that live; what the dead left behind is removed."""
    found = []
    for path in sorted((home / "workers").glob("*")):
        if path.suffix != _UNBORN:
            if worker_lives(home, path.name):
                found.append(path.name)
            else:
                path.unlink(missing_ok=True)
    return tuple(found)

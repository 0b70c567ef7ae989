"""Single flight: what somebody is fetching is waited for and not fetched again, across threads and processes.

Who fetches holds the kernel's locks (flock) on a few of a bounded set of files, chosen by the names of what is
fetched. The kernel frees them when a process dies, however it dies, so that whoever waits takes over; no clock decides.

Which workers live: each holds the kernel's lock on a file of its own, freed however it dies. No clock decides.
"""

import fcntl
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from services.cancellation import POLL_SECONDS, check_cancelled, never
from services.errors import StorageError

SLOTS = 4096
"""Files at most. Two names may share one: then one waits for the other without need, and nothing worse."""


class SingleFlight:
    """Locks under `folder`, made where they are needed and never removed: a lock on a removed file holds nobody back.

    The folder must lie on a local file system.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def holding(self, names: Iterable[str], cancelled: Callable[[], bool] = never) -> Iterator[None]:
        """Be the only one, of all threads and processes, who holds any of these names.

        Waits for whoever holds one. All names must be asked for at once: they are taken in one order, so that two who
        want the same in part never wait for each other; who holds some and asks for more may wait for ever.
        Raises Cancelled while it waits, and StorageError where the folder cannot be used.
        """
        with ExitStack() as held:
            for slot in sorted({slot_of(name) for name in names}):
                file = held.enter_context(self._opened(slot))
                while not self._taken(file):
                    check_cancelled(cancelled)
                    time.sleep(POLL_SECONDS)
            yield

    def _opened(self, slot: int) -> IO[bytes]:
        """Each time anew: a lock belongs to what was opened, and so threads exclude each other too."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return (self._folder / f"{slot:03x}").open("ab")
        except OSError as error:
            raise self._unusable(error) from error

    def _taken(self, file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise self._unusable(error) from error
        return True

    def _unusable(self, error: OSError) -> StorageError:
        return StorageError(
            f"The locks in {self._folder} cannot be used: {error.strerror or error}.",
            "Set NINEPATCH_HOME to a folder on a local disk that can be written.",
        )


def slot_of(name: str) -> int:
    """The same number, 0 to SLOTS - 1, in every process; Python's own hash differs from one to the next."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % SLOTS


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

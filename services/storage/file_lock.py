"""File locks: the kernel's own (flock), which it frees when a process dies, however it dies; no clock decides.

Single flight: what somebody is fetching is waited for and not fetched again, across threads and processes. Who fetches
holds the locks of a few of a bounded set of files, chosen by the names of what is fetched; whoever waits takes over.
A worker holds the lock of a file of its own for as long as it lives.
"""

import fcntl
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from services.cancellation import POLL_SECONDS, check_cancelled, never
from services.errors import StorageError

SLOTS = 4096
"""Files at most. Two names may share one: then one waits for the other without need, and nothing worse."""


def lock(file: IO[Any] | int, *, wait: bool = True, shared: bool = False) -> bool:
    """Hold the file's lock until it is closed, or unlocked; False where another has it and one is not to wait.

    Several may hold it `shared`. It belongs to what was opened, and so threads that open the file anew exclude each
    other too. Raises OSError.
    """
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def unlock(file: IO[Any] | int) -> None:
    """Let the next one have it."""
    fcntl.flock(file, fcntl.LOCK_UN)


def unusable(folder: Path, error: OSError, what: str = "A folder of the data") -> StorageError:
    """Why nothing can be locked there."""
    return StorageError(
        f"{what} cannot be used: {error.strerror or type(error).__name__}.",
        "Set NINEPATCH_HOME to a folder on a local disk that can be written.",
        folder,
    )


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
                try:
                    self._folder.mkdir(parents=True, exist_ok=True)
                    file = held.enter_context((self._folder / f"{slot:03x}").open("ab"))
                    while not lock(file, wait=False):
                        check_cancelled(cancelled)
                        time.sleep(POLL_SECONDS)
                except OSError as error:
                    raise unusable(self._folder, error, "The folder of locks") from error
            yield


def slot_of(name: str) -> int:
    """The same number, 0 to SLOTS - 1, in every process; Python's own hash differs from one to the next."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % SLOTS


class Flights(Protocol):
    """Single flight, however it is kept."""

    def holding(self, names: Iterable[str], cancelled: Callable[[], bool] = never) -> AbstractContextManager[None]:
        """See SingleFlight."""


class WorkerLife(Protocol):
    """A worker that lives until it is closed, or its process ends."""

    name: str

    def close(self) -> None:
        """The worker ends; its jobs may be taken over."""


class Locks(Protocol):
    """Who works, and who fetches what, among all who share a database."""

    def worker(self) -> WorkerLife:
        """A new one, which lives."""

    def lives(self, name: str) -> bool:
        """Whether the worker of that name does."""

    def living(self) -> tuple[str, ...]:
        """Names of those who do; what the dead left behind is removed."""

    def flights(self, folder: Path) -> Flights:
        """Single flight: `folder` is where this machine keeps what is fetched."""


class FileLocks:
    """Those of one machine: the kernel's, on files under the home."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def worker(self) -> WorkerLife:
        """See Locks."""
        return WorkerLock(self._home)

    def lives(self, name: str) -> bool:
        """See Locks."""
        return worker_lives(self._home, name)

    def living(self) -> tuple[str, ...]:
        """See Locks."""
        return living(self._home)

    def flights(self, folder: Path) -> Flights:
        """See Locks."""
        return SingleFlight(folder)


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
            lock(self._file)
            unborn.rename(self._path)
        except OSError as error:
            raise unusable(unborn.parent, error) from error

    def close(self) -> None:
        """The worker ends; its jobs may be taken over."""
        self._path.unlink(missing_ok=True)
        self._file.close()


def worker_lives(home: Path, name: str) -> bool:
    """Whether the worker of that name still holds its lock."""
    try:
        with (home / "workers" / name).open() as file:
            return not lock(file, wait=False)
    except (FileNotFoundError, IsADirectoryError):
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

"""Reservations: what jobs that run count on, seen by all processes, and gone with the process however it ends.

Of each there is a file under a lock of the kernel's: how many bytes of the store it counts on, and which entries may
not make room. Its space on the disk is held by another file, which has no name and whose blocks the disk has set aside:
no other program can take them, and the kernel frees them with the process.
"""

import errno
import hashlib
import os
import struct
import tempfile
import threading
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from services.errors import StorageError
from services.storage.file_lock import lock

_HEAD = struct.Struct("<Q")
"""At the beginning of a file: bytes of the store."""
_PIN = 8
"""Bytes of the digest of a key; behind the head, one after the other."""
_NO_SUCH_CALL = {errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
"""Of a disk that cannot set blocks aside: there the space is counted, and another program may take it."""


def pin_of(key: str) -> bytes:
    """What a key is in a file of pins."""
    return hashlib.blake2b(key.encode(errors="surrogateescape"), digest_size=_PIN).digest()


class Reservations:
    """Those of one store, in a folder on its disk. Raises OSError where it cannot be used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, frozenset[bytes]] = {}
        folder.mkdir(exist_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody begins a reservation or removes entries meanwhile."""
        with (self._folder / "lock").open("ab") as file:
            lock(file)
            yield

    @contextmanager
    def reserving(self, keys: Iterable[str]) -> Iterator["Reservation"]:
        """Entries under these keys, there or to come, do not make room meanwhile."""
        pins = bytearray()
        for key in keys:  # of a large order millions: each by itself would take six times its size until all are there
            pins += pin_of(key)
        with tempfile.TemporaryFile(dir=self._folder, buffering=0) as space, ExitStack() as stack:
            with self.alone():  # or somebody takes a file for a dead one's before it is locked
                path = self._folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
                stack.callback(path.unlink, missing_ok=True)
                file = stack.enter_context(path.open("xb", buffering=0))
                lock(file)
                file.write(_HEAD.pack(0) + pins)
            yield Reservation(self, file, space)

    def pins(self) -> "tuple[frozenset[bytes], ...]":
        """Of all who live; to be asked `alone`."""
        self._known = {name: self._known.get(name) or frozenset(_pins_in(file.read())) for name, file in self._living()}
        return tuple(self._known.values())

    def taken(self, besides: str = "") -> int:
        """Bytes of the store that those who live count on, but for one; to be asked `alone`."""
        heads = (file.read(_HEAD.size) for name, file in self._living() if name != besides)
        return sum(_HEAD.unpack(head)[0] for head in heads if len(head) == _HEAD.size)

    def _living(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Files whose processes live, opened, by their names; what the dead left behind is removed."""
        for path in self._folder.glob("*-*"):
            with suppress(FileNotFoundError), path.open("rb") as file:  # a job that has just ended
                if lock(file, wait=False):
                    path.unlink(missing_ok=True)
                else:
                    yield path.name, file


def _pins_in(content: bytes) -> Iterator[bytes]:
    return (content[start : start + _PIN] for start in range(_HEAD.size, len(content), _PIN))


class Reservation:
    """What one job counts on. Threads share it."""

    def __init__(self, among: Reservations, file: IO[bytes], space: IO[bytes]) -> None:
        self._among, self._file, self._space = among, file, space
        self._held = self._flying = 0
        self._lock = threading.Lock()

    def claim(self, store: int, disk: int, allow: Callable[[int], None]) -> None:
        """Count on so many bytes of the store, and set so many of the disk aside.

        `allow` sees how many of the store others count on; what it raises comes through, and then nothing is claimed.
        Raises StorageError where the disk has not that much.
        """
        with self._among.alone():
            allow(self._among.taken(besides=Path(self._file.name).name))
            with self._lock:
                self._grow(disk)
            os.pwrite(self._file.fileno(), _HEAD.pack(store), 0)

    @contextmanager
    def answer(self, size: int) -> Iterator[None]:
        """Space for an answer of at most `size` bytes is there before it is asked for, beside that of the others that
        are under way. Raises StorageError where it is not: then nothing is to be asked."""
        with self._lock:
            if self._held < self._flying + size:
                self._grow(self._flying + size)
            self._flying += size
        try:
            yield
        finally:
            with self._lock:
                self._flying -= size

    def spend(self, size: int) -> int:
        """Give so many bytes of the disk back, which are written now; how many there still were."""
        with self._lock:
            given = min(size, self._held)
            self._held -= given
            os.ftruncate(self._space.fileno(), self._held)
        return given

    def release(self) -> None:
        """Give all of the disk back: what was to come is there."""
        self.spend(self._held)

    def _grow(self, size: int) -> None:
        try:
            if hasattr(os, "posix_fallocate") and size > self._held:
                os.posix_fallocate(self._space.fileno(), 0, size)
        except OSError as error:
            if error.errno not in _NO_SUCH_CALL:
                os.ftruncate(self._space.fileno(), self._held)
                raise StorageError(
                    f"{size / 1e6:,.0f} MB of the disk cannot be set aside for what is to come: {error.strerror}.",
                    "Make space on it, and start again: what has been fetched is kept.",
                ) from error
        self._held = max(size, self._held)


def is_pinned(key: object, pins: Collection[frozenset[bytes]]) -> bool:
    """Whether a job counts on the entry."""
    return bool(pins) and type(key) is str and any(pin_of(key) in some for some in pins)

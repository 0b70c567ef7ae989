"""Which finished results make room for a new one, which stay, and what is said of those that went.

The least recently shown goes first. One that somebody keeps, sees or makes at the moment stays: marks beside the
results say so. A lock of the kernel's marks what is being made, and is free when its process ends.
"""

import contextlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from services.errors import StorageError
from services.storage import lock

SHOWN_SECONDS = 1800
"""How long a result counts as being seen after it was shown."""
TOLD = 200
"""Removals that are remembered, the newest."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Removal:
    """A result that made room."""

    digest: str
    name: str
    """What its files were called after: the area, tile, days and limit."""
    bytes: int
    removed: float
    """Seconds since 1970."""
    by: str
    """Digest of the result that needed the room."""


class ResultRoom:
    """The marks under the folder of results. Raises StorageError where they cannot be written."""

    def __init__(self, root: Path, limit: int) -> None:
        self._root, self.limit = root, limit

    def volume(self) -> int:
        """Bytes that all results take."""
        return sum(size for _, size, _ in self._sizes())

    def keep(self, digest: str, *, kept: bool = True) -> None:
        """Somebody wants it to stay whatever is made, or no longer."""
        path = self._mark("kept", digest)
        path.touch() if kept else path.unlink(missing_ok=True)

    def is_kept(self, digest: str) -> bool:
        """Whether somebody wants it to stay."""
        return (self._root / ".kept" / digest).exists()

    def show(self, digest: str) -> None:
        """It is seen now."""
        self._mark("shown", digest).touch()

    @contextmanager
    def making(self, digest: str) -> Iterator[None]:
        """It is being made meanwhile; several may make the same."""
        with self._mark("making", digest).open("ab") as file:
            lock(file, shared=True)
            yield

    def left(self, digest: str) -> int:
        """Bytes of the limit that a result may take beside those that stay."""
        return self.limit - sum(size for _, size, name in self._sizes() if name != digest and self._stays(name))

    def make(self, digest: str, name_of: Callable[[str], str], discard: Callable[[str], None]) -> tuple[Removal, ...]:
        """Remove results until the limit holds; `digest` itself stays, however large. What went."""
        sizes = self._sizes()
        total, gone = sum(size for _, size, _ in sizes), []
        for _, size, name in sorted(sizes):
            if total <= self.limit:
                break
            if name != digest and not self._stays(name):
                gone.append(Removal(name, name_of(name), size, time.time(), digest))
                discard(name)
                total -= size
        for removal in gone:
            log.info("The result %s (%s) made room for %s.", removal.digest, removal.name, digest)
            self._mark("removed", removal.digest).write_text(json.dumps(asdict(removal)))
        self._forget_old()
        return tuple(gone)

    def removal(self, digest: str) -> Removal | None:
        """How that result went, where it made room."""
        try:
            plain: dict[str, Any] = json.loads((self._root / ".removed" / digest).read_text())
            return Removal(**plain)
        except (OSError, ValueError, TypeError):
            return None

    def removals(self, by: str) -> tuple[Removal, ...]:
        """What made room for that result and was not made again."""
        found = (self.removal(path.name) for path in sorted((self._root / ".removed").glob("*")))
        return tuple(one for one in found if one is not None and one.by == by)

    def forget(self, digest: str) -> None:
        """It is there again."""
        (self._root / ".removed" / digest).unlink(missing_ok=True)

    def _stays(self, digest: str) -> bool:
        if self.is_kept(digest) or time.time() - self._seen(digest) < SHOWN_SECONDS:
            return True
        try:
            with (self._root / ".making" / digest).open("rb") as file:
                return not lock(file, wait=False)
        except FileNotFoundError:
            return False

    def _seen(self, digest: str) -> float:
        """When it was shown last, seconds since 1970; 0 where it never was."""
        with contextlib.suppress(FileNotFoundError):
            return (self._root / ".shown" / digest).stat().st_mtime
        return 0.0

    def _sizes(self) -> list[tuple[float, int, str]]:
        """When each result was made or shown last, its bytes, its digest."""
        found = []
        for folder in self._root.glob("[0-9a-f]*"):
            with contextlib.suppress(FileNotFoundError):  # another worker makes room too
                size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
                found.append((max(folder.stat().st_mtime, self._seen(folder.name)), size, folder.name))
        return found

    def _mark(self, kind: str, digest: str) -> Path:
        folder = self._root / f".{kind}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"The folder of results cannot be made: {error.strerror}.", "Make space, or set NINEPATCH_HOME.", folder
            ) from error
        return folder / digest

    def _forget_old(self) -> None:
        """Removals beyond those that are remembered."""
        paths = sorted((self._root / ".removed").glob("*"), key=os.path.getmtime)
        for path in paths[:-TOLD]:
            path.unlink(missing_ok=True)
        for path in self._root.glob(".shown/*"):  # of results that are no more
            if not (self._root / path.name).exists() and time.time() - self._seen(path.name) > SHOWN_SECONDS:
                path.unlink(missing_ok=True)

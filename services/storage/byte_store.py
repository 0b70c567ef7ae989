"""Byte store: bytes under text keys on the disk, shared by threads and processes; diskcache, hardened.

Nothing is pickled or unpickled, each value carries a checksum, and what makes room is said in the log. A value is
written without fsync: after a loss of power it may be short, and is then found damaged and missing.
"""

import contextlib
import logging
import os
import re
import shutil
import sqlite3
import struct
import threading
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import diskcache
from diskcache.core import MODE_BINARY, MODE_RAW, UNKNOWN

from services.errors import StorageError
from services.storage.disk import require_local

_SEAL = struct.Struct(">QI")
"""Before each value: its length in bytes and its checksum."""
_FILE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{30}\.val")


class BytesDisk(diskcache.Disk):  # type: ignore[misc] # diskcache has no types
    """Keeps bytes under text keys and nothing else, in files of this folder alone, whatever the table says."""

    def __init__(self, directory: str, **settings: Any) -> None:
        super().__init__(directory, **settings)
        self._thread = threading.local()

    def put(self, key: Any) -> tuple[str, bool]:
        """The key as it goes into the table; raises TypeError for what is not text."""
        if type(key) is not str:
            raise TypeError(f"A key is text, got {type(key).__name__}.")
        return key, True

    def get(self, key: Any, raw: bool) -> str:
        """The key as it comes from the table; raises ValueError for what is not text."""
        if type(key) is not str or not raw:
            raise ValueError("The table holds a key that is not text.")
        return key

    def filename(self, key: object = UNKNOWN, value: object = UNKNOWN) -> tuple[str, str]:  # noqa: ARG002 - diskcache's
        """A new name in one of 256 folders, and its whole path."""
        name = os.urandom(16).hex()
        name = f"{name[:2]}/{name[2:]}.val"
        return name, str(Path(self._directory) / name)

    def store(self, value: Any, read: bool, key: object = UNKNOWN) -> tuple[int, int, str | None, memoryview | None]:
        """Size, mode, file name and value as they go into the table."""
        if type(value) is not bytes or read:
            raise TypeError(f"A value is bytes, got {type(value).__name__}.")
        if len(value) < self.min_file_size:
            return 0, MODE_RAW, None, sqlite3.Binary(value)
        name, path = self.filename(key, value)
        self._written().append(name)
        try:
            _write_new(Path(path), value)
        except FileNotFoundError:
            Path(path).parent.mkdir(exist_ok=True)
            _write_new(Path(path), value)
        return len(value), MODE_BINARY, name, None

    def fetch(self, mode: Any, filename: Any, value: Any, read: bool) -> bytes:
        """A value that the table names; raises ValueError where it is no bytes of ours, and OSError."""
        if mode == MODE_RAW and type(value) is bytes and not read:
            return value
        if mode == MODE_BINARY and type(filename) is str and _FILE.fullmatch(filename) and not read:
            return (Path(self._directory) / filename).read_bytes()
        raise ValueError("The table holds a value that was not stored here.")

    def remove(self, file_path: Any) -> None:
        """Remove a value's file, unless the name leads elsewhere; never fails."""
        if type(file_path) is str and _FILE.fullmatch(file_path):
            with contextlib.suppress(OSError):
                (Path(self._directory) / file_path).unlink()

    def remove_others(self, named: Collection[str], before: float) -> None:
        """Remove the files of all other names that are older than `before`, seconds since 1970."""
        for path in Path(self._directory).glob("??/*.val"):
            with contextlib.suppress(FileNotFoundError):
                if f"{path.parent.name}/{path.name}" not in named and path.stat().st_mtime < before:
                    path.unlink()

    @contextlib.contextmanager
    def taken_back_on_error(self) -> Iterator[None]:
        """Remove the files that this thread wrote meanwhile where their rows cannot be written."""
        self._written().clear()
        try:
            yield
        except BaseException:
            for name in self._written():
                self.remove(name)
            raise

    def _written(self) -> list[str]:
        """Names of the files that this thread has written since it began."""
        if not hasattr(self._thread, "written"):
            self._thread.written = []
        written: list[str] = self._thread.written
        return written


def _write_new(path: Path, value: bytes) -> None:
    with path.open("xb") as file:
        file.write(value)


def sealed(key: str, data: bytes) -> bytes:
    """The data behind length and checksum under its key: a value under another's key is damaged too."""
    return _seal(key, data) + data


def unsealed(key: str, value: bytes) -> bytes:
    """The data of a sealed value; raises ValueError where it is not what was stored."""
    data = value[_SEAL.size :]
    if value[: _SEAL.size] != _seal(key, data):
        raise ValueError(f"its {len(data)} bytes are not those that were stored")
    return data


def _seal(key: str, data: bytes) -> bytes:
    return _SEAL.pack(len(data), zlib.crc32(data, zlib.crc32(key.encode())))


MIN_FREE = 64 * 2**20
"""Bytes of the disk that are left free: SQLite cannot even delete on a disk that is wholly full."""
SWEPT_AFTER = 3600.0
"""Seconds after which a value's file that no row names is left over from a process that was killed."""
USED_EVERY = 3600.0
"""Seconds: how exactly it is known when an entry was last used; reading writes no more often."""
_CHUNK = 500
"""Keys in one query; the smallest limit of SQLite's builds is 999."""
_MANY = 5000
"""Keys in one query for all."""
_BYTES = "size + ifnull(length(value), 0)"
"""Bytes of a value, in a file or in the table."""
_BATCH = 64
"""Entries that are removed in one transaction."""
_LOG = logging.getLogger(__name__)


class ByteStore:
    """Bytes under text keys in one folder, at most `size_limit` bytes of them; the least recently used make room.

    Raises StorageError where the folder cannot be used, here and in every method.
    """

    def __init__(self, folder: Path, size_limit: int, *, min_free: int = MIN_FREE) -> None:
        self._folder = folder
        self._limit = size_limit
        self._min_free = min_free
        self._swept = False
        require_local(folder)
        self._turn = threading.Lock()  # SQLite lets writers poll, and the unlucky wait long
        with self._translated("opened"):
            # The policy makes the index of access times; with a cull_limit of 0 diskcache never removes by itself.
            self._cache = diskcache.Cache(
                str(folder),
                disk=BytesDisk,
                size_limit=size_limit,
                cull_limit=0,
                eviction_policy="least-recently-used",
            )

    def get(self, key: str) -> bytes | None:
        """The value, or None where there is none; a damaged one is removed and is none."""
        return self.get_many([key]).get(key)

    def get_many(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The values that are there and whole, in one query for some hundred keys; damaged ones are removed."""
        found: dict[str, bytes] = {}
        wanted = list(dict.fromkeys(keys))
        with self._translated("read"):
            for chunk in _chunks(wanted, _CHUNK):
                changed = self._read(chunk, found)
                if changed:  # somebody else stored them anew between the row and the file
                    self._read(changed, found)
        return found

    def put(self, key: str, data: bytes, expire: float | None = None) -> None:
        """Store a value, for `expire` seconds where given; what was there is replaced."""
        self.put_many({key: data}, expire)

    def put_many(self, entries: Mapping[str, bytes], expire: float | None = None) -> None:
        """Store values in one transaction: all of them or none."""
        values = {key: sealed(key, data) for key, data in entries.items()}
        with self._translated("written"), self._turn:
            self._make_room(sum(map(len, values.values())))
            with self._cache.disk.taken_back_on_error(), self._cache.transact():
                for key, value in values.items():
                    self._cache.set(key, value, expire=expire)

    def remove(self, key: str) -> None:
        """Forget a value; nothing happens where there is none."""
        with self._translated("written"):
            self._cache.delete(key)

    def holds(self, keys: Collection[str]) -> set[str]:
        """Those of the keys that have a value. Reads no value: one may still turn out damaged."""
        found: set[str] = set()
        with self._translated("read"):
            for chunk in _chunks(list(keys), _CHUNK):
                found.update(key for (key,) in self._select("key", chunk))
        return found

    def sizes(self, keys: Collection[str]) -> dict[str, int]:
        """Bytes of the values of those of the keys that have one. Reads no value, as `holds`."""
        found: dict[str, int] = {}
        with self._translated("read"):
            for chunk in _chunks(list(keys), _CHUNK):
                found.update((key, size - _SEAL.size) for key, size in self._select(f"key, {_BYTES}", chunk))
        return found

    def entries(self) -> Iterator[tuple[str, int]]:
        """All keys with the bytes of their values, the first that was stored first."""
        last, query = -1, f"SELECT rowid, key, {_BYTES} FROM Cache WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
        with self._translated("read"):
            while rows := self._cache._sql(query, (last, _MANY)).fetchall():
                yield from ((key, size) for _, key, size in rows)
                last = rows[-1][0]

    def keys(self, prefix: str) -> list[str]:
        """Keys that begin so, in their order, from the index alone: no row and no value is read."""
        ends = prefix, prefix + chr(0x10FFFF)
        with self._translated("read"):
            return [key for (key,) in self._cache._sql("SELECT key FROM Cache WHERE key >= ? AND key < ?", ends)]

    def state(self) -> tuple[int, int, float]:
        """The same as long as the same keys are there: how many, and the number and time of the newest row."""
        with self._translated("read"):
            newest = self._cache._sql("SELECT rowid, store_time FROM Cache ORDER BY rowid DESC LIMIT 1").fetchone()
            return len(self._cache), *(newest or (0, 0.0))

    def remove_many(self, keys: Iterable[str]) -> tuple[int, int]:
        """Forget these values; how many there were, and their bytes."""
        entries = freed = 0
        with self._translated("written"):
            for chunk in _chunks(list(keys), _BATCH):
                with self._turn, self._cache.transact():
                    rows = list(self._select(f"rowid, filename, {_BYTES}", chunk))
                    self._forget(rows)
                freed += self._unlink(rows)
                entries += len(rows)
        return entries, freed

    def holdings(self) -> tuple[int, float | None]:
        """How many values there are, and when the first of them was stored (seconds since 1970), if any."""
        with self._translated("read"):
            found = self._cache._sql("SELECT store_time FROM Cache ORDER BY rowid LIMIT 1").fetchone()
            return len(self._cache), None if found is None else float(found[0])

    def volume(self) -> int:
        """Bytes that the table and the values take."""
        with self._translated("read"):
            return int(self._cache.volume())

    def close(self) -> None:
        """Close this thread's connection; the next call opens one again."""
        self._cache.close()

    def _select(self, columns: str, keys: Sequence[str]) -> Iterator[Any]:
        """Rows of those keys that have not expired. diskcache has no query for more than one key."""
        marks = ",".join("?" * len(keys))
        query = (
            f"SELECT {columns} FROM Cache WHERE raw = 1 AND key IN ({marks})"  # noqa: S608 - our own columns and marks
            " AND (expire_time IS NULL OR expire_time > ?)"
        )
        yield from self._cache._sql(query, (*keys, time.time())).fetchall()

    def _read(self, keys: Sequence[str], found: dict[str, bytes]) -> list[str]:
        """Put the whole values into `found`, drop the damaged ones, and give those that somebody has just changed."""
        changed, used, now = [], [], time.time()
        for key, row, mode, filename, value, access in self._select(
            "key, rowid, mode, filename, value, access_time", keys
        ):
            try:
                found[key] = unsealed(key, self._cache.disk.fetch(mode, filename, value, False))
            except (ValueError, OSError) as error:
                if not self._drop(key, row, filename, error):
                    changed.append(key)
            else:
                if access < now - USED_EVERY:
                    used.append(row)
        if used:
            marks = ",".join(map(str, used))
            with contextlib.suppress(sqlite3.Error):  # a full disk must not hinder reading
                self._cache._sql(f"UPDATE Cache SET access_time = ? WHERE rowid IN ({marks})", (now,))  # noqa: S608
        return changed

    def _drop(self, key: str, row: int, filename: str | None, why: Exception) -> bool:
        """Remove a damaged entry, unless it is another one by now: then nothing happens, and False comes back."""
        gone = self._cache._sql("DELETE FROM Cache WHERE rowid = ? AND filename IS ?", (row, filename)).rowcount
        if gone:
            self._cache.disk.remove(filename)
            _LOG.warning("A damaged entry was removed from the cache in %s: %s: %s", self._folder.name, key, why)
        return bool(gone)

    def _make_room(self, size: int) -> None:
        """Keep the limit, and keep the disk from filling; raises StorageError where nothing is left to remove."""
        over = self._cache.volume() + size - self._limit
        if over > 0:
            self._evict(over + self._limit // 200)
        short = size + self._min_free - shutil.disk_usage(self._folder).free
        if short > 0 and self._evict(short) < short:
            raise StorageError(
                f"The disk that holds {self._folder} is full: less than {self._min_free / 2**20:.0f} MB are free.",
                "Make space on it, or set NINEPATCH_HOME to a folder on another one.",
            )

    def _evict(self, goal: int) -> int:
        """Remove what has expired, then what was not used for longest, until `goal` bytes are freed; how many were."""
        self._sweep()
        entries, freed = self._cache.expire(), 0
        while freed < goal:
            with self._cache.transact():
                rows = self._cache._sql(
                    f"SELECT rowid, filename, {_BYTES} FROM Cache ORDER BY access_time LIMIT ?",  # noqa: S608 - ours
                    (_BATCH,),
                ).fetchall()
                self._forget(rows)
            freed += self._unlink(rows)
            entries += len(rows)
            if len(rows) < _BATCH:
                break
        _LOG.info("The cache in %s made room: %d entries, %.1f MB.", self._folder.name, entries, freed / 1e6)
        return freed

    def _forget(self, rows: Sequence[tuple[int, str | None, int]]) -> None:
        """Take rows out of the table, in a transaction; their files are removed after it."""
        marks = ",".join(str(row) for row, _, _ in rows)
        self._cache._sql(f"DELETE FROM Cache WHERE rowid IN ({marks})")  # noqa: S608 - numbers

    def _unlink(self, rows: Sequence[tuple[int, str | None, int]]) -> int:
        """Remove the files of rows that are gone; the bytes of all these values."""
        for _, filename, _ in rows:
            self._cache.disk.remove(filename)
        return sum(size for _, _, size in rows)

    def _sweep(self) -> None:
        """Once in a process, before anything else makes room: the files that killed processes left behind."""
        if not self._swept:
            self._swept = True
            named = {name for (name,) in self._cache._sql("SELECT filename FROM Cache WHERE filename IS NOT NULL")}
            self._cache.disk.remove_others(named, time.time() - SWEPT_AFTER)

    @contextlib.contextmanager
    def _translated(self, done: str) -> Iterator[None]:
        """What diskcache, SQLite and the disk raise, as a sentence."""
        try:
            yield
        except (sqlite3.Error, diskcache.Timeout, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise StorageError(
                f"The cache in {self._folder} cannot be {done}: {reason or type(error).__name__}.",
                "Make space on its disk and see that the folder can be written; if its table is damaged, remove the "
                "folder, and what was in it is fetched again.",
            ) from error


def _chunks(keys: Sequence[str], size: int) -> Iterator[list[str]]:
    """The keys in lists of at most `size`."""
    return (list(keys[start : start + size]) for start in range(0, len(keys), size))

"""Byte store: bytes under text keys on the disk, shared by threads and processes; diskcache, hardened.

Nothing is pickled or unpickled, each value carries a checksum, and what makes room is said in the log. A value is
written without fsync: after a loss of power it may be short, and is then found damaged and missing.
"""

import contextlib
import logging
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import diskcache
import numpy as np

from services.errors import StorageError
from services.storage.bytes_disk import SEAL, BytesDisk, number_of, sealed, unsealed
from services.storage.disk import require_local
from services.storage.reservation import Reservation, Reservations, is_pinned

MIN_FREE = 64 * 2**20
"""Bytes of the disk that are left free: SQLite cannot even delete on a disk that is wholly full."""
_PART_FREE = 40
"""On a small disk it is one part of so many."""
_OVERHEAD = 2048
"""Bytes on the disk that an entry takes beside its own, about: its row, and the end of its file's last block."""
_TRIES = 4
"""How often a reserved value is written, each time with more of the reservation given back."""
SWEPT_AFTER = 3600.0
"""Seconds after which a value's file that no row names is left over from a process that was killed."""
USED_EVERY = 3600.0
"""Seconds: how exactly it is known when an entry was last used; reading writes no more often."""
_CHUNK = 500
"""Keys in one query; the smallest limit of SQLite's builds is 999."""
_MANY = 5000
"""Keys in one query for all."""
_BREATH = 0.005
"""Seconds between two of them where nobody waits for the whole."""
_BYTES = "size + ifnull(length(value), 0)"
"""Bytes of a value, in a file or in the table."""
_BATCH = 64
"""Entries that are removed in one transaction."""
_LEAST_USED = (
    f"SELECT rowid, filename, {_BYTES}, key, access_time FROM Cache"  # noqa: S608 - ours
    " WHERE (access_time, rowid) > (?, ?) ORDER BY access_time, rowid LIMIT ?"
)
_COUNT = "(SELECT value FROM Settings WHERE key = 'count')"
_STATE = f"SELECT {_COUNT}, rowid, store_time FROM Cache ORDER BY rowid DESC LIMIT 1"  # noqa: S608 - ours
_NEWS = f"SELECT {_COUNT}, rowid, key, store_time FROM Cache WHERE rowid >= ? ORDER BY rowid LIMIT ?"  # noqa: S608
_Row = tuple[int, str | None, int, str]
"""Of the table: its number, the file, the bytes of the value, the key."""
_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class KeyIndex(Protocol):
    """Tables of what the keys mean, beside that of the values, kept in the transactions that store and remove them.

    `sql` runs a statement with its values in the open transaction.
    """

    def create(self, sql: Callable[..., Any]) -> None:
        """Make the tables where they are not there."""

    def behind(self, sql: Callable[..., Any]) -> bool:
        """Whether keys are not entered that another program stored, or one of before there was an index."""

    def follow(self, sql: Callable[..., Any]) -> None:
        """Enter keys that have been stored since the last time, some of them where there are many."""

    def removed(self, sql: Callable[..., Any], keys: Iterable[str]) -> None:
        """Strike out keys that have just been removed."""


class ByteStore:
    """Bytes under text keys in one folder, at most `size_limit` bytes of them; the least recently used make room.

    Raises StorageError where the folder cannot be used, here and in every method.
    """

    def __init__(
        self, folder: Path, size_limit: int, *, min_free: int = MIN_FREE, index: KeyIndex | None = None
    ) -> None:
        self._folder = folder
        self._index = index
        self._limit = size_limit
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
            self._min_free = min(min_free, shutil.disk_usage(folder).total // _PART_FREE)
            self._reservations = Reservations(folder / "reserved")
            if index is not None:
                with self._cache.transact():
                    index.create(self._cache._sql)

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

    def put_many(
        self, entries: Mapping[str, bytes], expire: float | None = None, reserved: Reservation | None = None
    ) -> None:
        """Store values in one transaction: all of them or none.

        What has `reserved` its space goes there, and is stored also where the disk is full by now.
        """
        values = {key: sealed(key, data) for key, data in entries.items()}
        size = sum(map(len, values.values()))
        with self._translated("written"), self._turn:
            if reserved is None:
                self._make_room(size, size)
                self._write(values, expire)
            else:
                with contextlib.suppress(StorageError):  # it was paid for, and its space is there
                    self._make_room(size, 0)
                self._write_reserved(values, reserved, size + _OVERHEAD * len(values))

    def make_room(self, size: int) -> None:
        """For so many bytes whose space on the disk is reserved: before they are asked for.

        Raises StorageError where the limit is reached or the disk nearly full, and nothing may make room.
        """
        with self._translated("written"), self._turn:
            self._make_room(size, 0)

    @contextlib.contextmanager
    def reserving(self, keys: Iterable[str]) -> Iterator[Reservation]:
        """Values under these keys, there or to come, do not make room meanwhile, whoever needs it."""
        with contextlib.ExitStack() as stack:
            with self._translated("written"):
                reservation = stack.enter_context(self._reservations.reserving(keys))
            yield reservation

    def claimed(self) -> int:
        """Bytes that reservations count on."""
        with self._translated("read"), self._reservations.alone():
            return self._reservations.taken()

    def remove(self, key: str) -> None:
        """Forget a value; nothing happens where there is none."""
        self.remove_many([key])

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
                found.update((key, size - SEAL.size) for key, size in self._select(f"key, {_BYTES}", chunk))
        return found

    def entries(self) -> Iterator[tuple[str, int]]:
        """All keys with the bytes of their values, the first that was stored first."""
        last, query = -1, f"SELECT rowid, key, {_BYTES} FROM Cache WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
        with self._translated("read"):
            while rows := self._cache._sql(query, (last, _MANY)).fetchall():
                yield from ((key, size) for _, key, size in rows)
                last = rows[-1][0]

    def indexed(self, read: Callable[[Callable[..., Any]], T]) -> T:
        """What `read` makes of the index, brought up to date first, in steps between which others write."""
        with self._translated("read"):
            while self._index is not None and self._index.behind(self._cache._sql):
                with self._turn, self._cache.transact():
                    self._index.follow(self._cache._sql)
            return read(self._cache._sql)

    def state(self) -> tuple[int, int, float]:
        """The same as long as the same keys are there: how many, and the number and time of the newest row."""
        with self._translated("read"):
            return self._cache._sql(_STATE).fetchone() or (0, 0, 0.0)

    def news(self, since: int, limit: int) -> tuple[int, list[tuple[int, str, float]]]:
        """How many keys there are, and number, key and time of the rows from that number on, at most so many, all as
        they are at one moment; of no row nothing is known, and 0 comes back."""
        with self._translated("read"):
            rows = self._cache._sql(_NEWS, (since, limit)).fetchall()
            return (rows[0][0] if rows else 0), [row[1:] for row in rows]

    def remove_many(self, keys: Iterable[str]) -> tuple[int, int]:
        """Forget these values; how many there were, and their bytes."""
        entries = freed = 0
        with self._translated("written"):
            for chunk in _chunks(list(keys), _BATCH):
                with self._turn, self._cache.transact():
                    rows = list(self._select(f"rowid, filename, {_BYTES}, key", chunk))
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
        with self._cache.transact():
            gone = self._cache._sql("DELETE FROM Cache WHERE rowid = ? AND filename IS ?", (row, filename)).rowcount
            self._strike_out([key] if gone else [])
        if gone:
            self._cache.disk.remove(filename)
            _LOG.warning("A damaged entry was removed from the cache in %s: %s: %s", self._folder.name, key, why)
        return bool(gone)

    def _write(self, values: Mapping[str, bytes], expire: float | None = None) -> None:
        with self._cache.disk.taken_back_on_error(), self._cache.transact():
            for key, value in values.items():
                self._cache.set(key, value, expire=expire)
            if self._index is not None:
                self._index.follow(self._cache._sql)

    def _write_reserved(self, values: Mapping[str, bytes], reserved: Reservation, size: int) -> None:
        """Where another program takes what is given back for it, more of the reservation is."""
        for tried in range(_TRIES):
            given = reserved.spend(size << tried)
            try:
                return self._write(values)
            except (sqlite3.OperationalError, OSError):
                if not given or tried == _TRIES - 1:
                    raise
                with contextlib.suppress(sqlite3.Error):  # a commit that failed may have left its transaction open
                    self._cache._sql("ROLLBACK")

    def _make_room(self, size: int, on_disk: int) -> None:
        """Keep the limit, and keep the disk from filling; raises StorageError where nothing is left to remove."""
        over = self._cache.volume() + size - self._limit
        if over > 0:
            freed, needed = self._evict(over + self._limit // 200)
            if needed and freed < over:
                raise StorageError(
                    f"The cache of {self._folder.name} is full: running jobs need what is in it, and its limit is "
                    f"{self._limit / 1e6:,.0f} MB.",
                    "Start again when they have ended, or raise its limit in the settings.",
                )
        short = on_disk + self._min_free - shutil.disk_usage(self._folder).free
        if short > 0 and self._evict(short)[0] < short:
            least = f"{self._min_free / 2**20:.0f} MB"
            raise StorageError(
                f"The disk that holds the {self._folder.name} is full: less than {least} are free.",
                "Make space on it, and start again: what has been fetched is kept.",
            )

    def _evict(self, goal: int) -> tuple[int, bool]:
        """Remove what has expired, then what was not used for longest, until `goal` bytes are freed.

        How many were, and whether something stayed because a job that runs needs it.
        """
        self._sweep()
        entries, freed, needed, last = self._cache.expire(), 0, False, (-1.0, -1)
        with self._reservations.alone():
            pins = self._reservations.pins()
            while freed < goal:
                with self._cache.transact():
                    rows = self._cache._sql(_LEAST_USED, (*last, _BATCH)).fetchall()
                    loose = [row[:4] for row in rows if not is_pinned(row[3], pins)]
                    self._forget(loose)
                freed += self._unlink(loose)
                entries, needed = entries + len(loose), needed or len(loose) < len(rows)
                if len(rows) < _BATCH:
                    break
                last = rows[-1][4], rows[-1][0]
        _LOG.info("The cache in %s made room: %d entries, %.1f MB.", self._folder.name, entries, freed / 1e6)
        return freed, needed

    def _forget(self, rows: Sequence[_Row]) -> None:
        """Take rows out of the table, in a transaction; their files are removed after it."""
        marks = ",".join(str(row[0]) for row in rows)
        self._cache._sql(f"DELETE FROM Cache WHERE rowid IN ({marks})")  # noqa: S608 - numbers
        self._strike_out([row[3] for row in rows])

    def _strike_out(self, keys: Sequence[str]) -> None:
        if self._index is not None and keys:
            self._index.removed(self._cache._sql, keys)

    def _unlink(self, rows: Sequence[_Row]) -> int:
        """Remove the files of rows that are gone; the bytes of all these values."""
        for row in rows:
            self._cache.disk.remove(row[1])
        return sum(row[2] for row in rows)

    def _sweep(self) -> None:
        """Once in a process, when something makes room first: the files that killed processes left behind.

        In a thread and in steps, for a large table takes a while, and nobody waits for it.
        """
        if not self._swept:
            self._swept = True
            threading.Thread(target=self._remove_unnamed, name="sweep", daemon=True).start()

    def _remove_unnamed(self) -> None:
        query = "SELECT rowid, filename FROM Cache WHERE rowid > ? AND filename IS NOT NULL ORDER BY rowid LIMIT ?"
        last, named, before = -1, [np.empty(0, np.uint64)], time.time() - SWEPT_AFTER
        try:
            while rows := self._cache._sql(query, (last, _MANY)).fetchall():
                named.append(np.array([number_of(name) for _, name in rows], np.uint64))
                last = rows[-1][0]
                time.sleep(_BREATH)
            self._cache.disk.remove_others(np.unique(np.concatenate(named)), before)
        except (sqlite3.Error, diskcache.Timeout, OSError) as error:
            _LOG.warning("The cache in %s was not swept: %s", self._folder.name, error)
        finally:
            self._cache.close()

    @contextlib.contextmanager
    def _translated(self, done: str) -> Iterator[None]:
        """What diskcache, SQLite and the disk raise, as a sentence."""
        try:
            yield
        except (sqlite3.Error, diskcache.Timeout, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise StorageError(
                f"The cache cannot be {done}: {reason or type(error).__name__}.",
                "Make space on its disk and see that the folder can be written; if its table is damaged, remove the "
                "folder, and what was in it is fetched again.",
                self._folder,
            ) from error


def _chunks(keys: Sequence[str], size: int) -> Iterator[list[str]]:
    """The keys in lists of at most `size`."""
    return (list(keys[start : start + size]) for start in range(0, len(keys), size))

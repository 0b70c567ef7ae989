"""The embedded engine: one SQLite file in WAL mode, on a local disk.

A commit is on the disk when it returns (`synchronous=FULL`). WAL needs shared memory (SQLite, "Write-Ahead Logging",
section 1).
"""

import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from services.errors import StorageError
from services.storage.ballast import Ballast
from services.storage.file_lock import FileLocks, lock, unusable

FILE = "jobs.sqlite"
WAIT_SECONDS = 30
"""How long a transaction waits for another's to end."""
COPIES = "backups"
"""The folder of copies under the home."""
_MADE = b"made\n"
"""What the lock's file says once there is a database: one that is gone is then no empty one."""


def newest_copy(home: Path) -> Path | None:
    """Of the database, where there is one."""
    return max((home / COPIES).glob("*.sqlite"), key=lambda path: path.stat().st_mtime, default=None)


class SqliteFile:
    """The file under `home`. Threads and processes may share it."""

    now = "SELECT (julianday('now') - 2440587.5) * 86400.0"
    """Seconds since 1970."""

    def __init__(self, home: Path) -> None:
        self.home, self.path = home, home / FILE
        self._ballast = Ballast(home)
        self.name = f"The file {FILE}"
        self._engine = sa.create_engine(
            f"sqlite:///{self.path}", connect_args={"timeout": WAIT_SECONDS}, poolclass=sa.pool.NullPool
        )

    @contextmanager
    def opening(self) -> Iterator[None]:
        """One at a time opens the file: who changes its mode is refused, and does not wait, where another reads it."""
        try:
            with (self.home / "jobs.lock").open("ab") as file:
                lock(file)
                if file.tell() and not (self.path.is_file() and self.path.stat().st_size):
                    raise self._lost("The job database is gone or empty, and it was there before.")
                self._use_wal()
                yield
                if not file.tell():
                    file.write(_MADE)
        except OSError as error:
            raise unusable(self.home, error) from error
        self._keep_open()

    @contextmanager
    def connected(self) -> Iterator[sa.Connection]:
        """A connection whose statements are transactions of their own."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA synchronous=FULL")
            yield connection

    def locks(self, home: Path) -> FileLocks:
        """Files under the home: all who use the database are on this machine."""
        return FileLocks(home)

    def begin(self, connection: sa.Connection, *, alone: bool = True) -> None:  # noqa: ARG002 - it has no other
        """A transaction that excludes all others that write."""
        self._ballast.see_to()
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def turn(self, connection: sa.Connection, name: str) -> None:
        """Whoever writes is alone already."""

    def version(self, connection: sa.Connection) -> int:
        """How many steps it has taken."""
        return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())

    def put_version(self, connection: sa.Connection, version: int) -> None:
        """Write it down."""
        connection.exec_driver_sql(f"PRAGMA user_version={version}")

    def statement(self, step: str) -> str:
        """A step's statement in SQLite's words, which it is written in."""
        return step

    def whole(self, connection: sa.Connection) -> bool:
        """Whether SQLite finds no damage; reads all of the file."""
        return bool(connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok")

    def unusable(self, error: Exception) -> StorageError:
        """What is wrong with it."""
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        if type(cause) is sqlite3.DatabaseError:  # not of a kind below it: no database, or malformed
            return self._lost(f"The job database is damaged: {cause}.")
        return StorageError(
            f"The job database cannot be used: {type(error).__name__}.",
            "Check that the disk has space and the folder can be written.",
            self.path,
        )

    def copy(self, _connection: sa.Connection, path: Path, _steps: Sequence[str]) -> None:
        """Write what is committed into a file, while others read and write. Raises StorageError."""
        try:
            with (
                closing(sqlite3.connect(self.path, timeout=WAIT_SECONDS)) as source,
                closing(sqlite3.connect(path)) as to,
            ):
                source.backup(to)
                to.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.Error as error:
            raise self.unusable(error) from error

    def _lost(self, cause: str) -> StorageError:
        """Never an empty one in its place: the ledger would begin anew, and everything could be paid twice."""
        copy = newest_copy(self.home)
        where = copy.relative_to(self.home) if copy else ""
        newest = f"Restore the newest copy, {where} of the same folder, by python cli.py restore --force."
        begin = f"Restore a backup by python cli.py restore, or remove {FILE} and jobs.lock to begin with an empty one."
        return StorageError(cause, newest if copy else begin, self.path)

    def _use_wal(self) -> None:
        try:
            with self.connected() as connection:
                if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        except SQLAlchemyError as error:
            raise self.unusable(error) from error

    def _keep_open(self) -> None:
        """Hold an idle connection: where the last one closes, SQLite empties the log into the file, at each commit."""
        try:
            idle = sqlite3.connect(self.path, timeout=WAIT_SECONDS, check_same_thread=False)
            weakref.finalize(self, idle.close)
            idle.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise self.unusable(error) from error

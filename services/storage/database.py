"""The team's database: one SQLite file in WAL mode that holds jobs, ledger and library, and knows its own version.

A commit is on the disk when it returns (`synchronous=FULL`). The file must lie on a local disk: WAL needs shared
memory (SQLite, "Write-Ahead Logging", section 1).
"""

import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_type_hints

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from services.errors import StorageError
from services.settings import Settings
from services.storage.ballast import Ballast
from services.storage.disk import require_local
from services.storage.file_lock import lock, unusable

FILE = "jobs.sqlite"
WAIT_SECONDS = 30
"""How long a transaction waits for another's to end."""
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE IF NOT EXISTS jobs (
            id VARCHAR NOT NULL PRIMARY KEY, kind VARCHAR NOT NULL, recipe TEXT NOT NULL, state VARCHAR NOT NULL,
            phase TEXT NOT NULL, done INTEGER NOT NULL, total INTEGER NOT NULL, units FLOAT NOT NULL,
            bytes INTEGER NOT NULL, cause TEXT NOT NULL, remedy TEXT NOT NULL, cancel BOOLEAN NOT NULL,
            worker VARCHAR NOT NULL, created FLOAT NOT NULL, started FLOAT, finished FLOAT)""",
        "CREATE INDEX IF NOT EXISTS ix_jobs_state ON jobs (state)",
    ),
    (
        "ALTER TABLE jobs ADD COLUMN member VARCHAR NOT NULL DEFAULT ''",
        "ALTER TABLE jobs ADD COLUMN run VARCHAR NOT NULL DEFAULT ''",
        "ALTER TABLE jobs ADD COLUMN waiting TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE jobs ADD COLUMN dates INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN dates_done INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN expected INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN beat FLOAT",
        "CREATE INDEX ix_jobs_created ON jobs (kind, created)",
    ),
    (
        """CREATE TABLE requests (
            id INTEGER NOT NULL PRIMARY KEY, time FLOAT NOT NULL, month VARCHAR NOT NULL, member VARCHAR NOT NULL,
            recipe VARCHAR NOT NULL, run VARCHAR NOT NULL, provider VARCHAR NOT NULL, acquisition VARCHAR NOT NULL,
            pixels INTEGER NOT NULL, tiles INTEGER NOT NULL, planes VARCHAR NOT NULL, estimated FLOAT NOT NULL,
            units FLOAT, bytes INTEGER NOT NULL, seconds FLOAT NOT NULL, tries INTEGER NOT NULL,
            status INTEGER NOT NULL, error VARCHAR NOT NULL)""",
        "CREATE INDEX ix_requests_month ON requests (provider, month, member, units, estimated, error)",
        "CREATE INDEX ix_requests_run ON requests (run, units, estimated)",
        """CREATE TABLE fetches (
            id INTEGER NOT NULL PRIMARY KEY, time FLOAT NOT NULL, month VARCHAR NOT NULL, member VARCHAR NOT NULL,
            recipe VARCHAR NOT NULL, run VARCHAR NOT NULL, provider VARCHAR NOT NULL, wanted INTEGER NOT NULL,
            saved INTEGER NOT NULL, price FLOAT NOT NULL, saved_units FLOAT NOT NULL)""",
        "CREATE INDEX ix_fetches_recipe ON fetches (recipe, time)",
    ),
    (
        """CREATE TABLE library (
            id VARCHAR NOT NULL PRIMARY KEY, name VARCHAR NOT NULL, folded VARCHAR NOT NULL, member VARCHAR NOT NULL,
            saved FLOAT NOT NULL, used FLOAT NOT NULL, area_km2 FLOAT NOT NULL, longitude FLOAT NOT NULL,
            latitude FLOAT NOT NULL, path TEXT NOT NULL, area TEXT NOT NULL,
            size INTEGER NOT NULL)""",
        "CREATE INDEX ix_library_used ON library (used)",
        "CREATE INDEX ix_library_folded ON library (folded)",
    ),
    ("ALTER TABLE jobs ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0",),
    (
        "ALTER TABLE requests ADD COLUMN requests INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE requests ADD COLUMN expected_bytes INTEGER NOT NULL DEFAULT 0",
        "UPDATE requests SET requests = 1 WHERE error = '' AND status != 0",
        "ALTER TABLE fetches ADD COLUMN price_bytes INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE fetches ADD COLUMN saved_bytes INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN requests INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN expected_requests INTEGER NOT NULL DEFAULT 0",
        "UPDATE jobs SET requests = done, expected_requests = total",
        "DROP INDEX ix_requests_month",
        """CREATE INDEX ix_requests_month ON requests (
            provider, month, member, units, estimated, error, bytes, expected_bytes, requests)""",
        "DROP INDEX ix_requests_run",
        "CREATE INDEX ix_requests_run ON requests (run, units, estimated, bytes, expected_bytes, requests)",
    ),
    (
        """CREATE TABLE members (
            id VARCHAR NOT NULL PRIMARY KEY, role VARCHAR NOT NULL, units FLOAT, gb FLOAT, added FLOAT NOT NULL,
            added_by VARCHAR NOT NULL)""",
        """CREATE TABLE audit (
            id INTEGER NOT NULL PRIMARY KEY, time FLOAT NOT NULL, actor VARCHAR NOT NULL, role VARCHAR NOT NULL,
            action VARCHAR NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL)""",
        "CREATE INDEX ix_audit_subject ON audit (action, subject, time)",
    ),
    ("CREATE TABLE log_outs (id VARCHAR NOT NULL PRIMARY KEY, until FLOAT NOT NULL)",),
)
"""What makes a file of version n + 1 out of one of version n. A step that was released is never changed.

The first one makes what files without a version have already.
"""


_TYPES: dict[object, type[sa.types.TypeEngine[Any]]] = {
    str: sa.String,
    int: sa.Integer,
    float: sa.Float,
    float | None: sa.Float,
    bool: sa.Boolean,
    tuple[str, ...]: sa.String,
}


def table_of(name: str, row: type, **besides: type) -> sa.Table:
    """The table whose columns are the fields of a dataclass and some besides; STEPS make it. Its key is `id`."""
    kinds = {**besides, **get_type_hints(row)}
    columns = [sa.Column(column, _TYPES[kind], primary_key=column == "id") for column, kind in kinds.items()]
    return sa.Table(name, sa.MetaData(), *columns)


class Database:
    """The file under `home`, brought to the present version. Threads and processes may share it.

    Raises StorageError where it cannot be used, is damaged, lies on a network disk, or was made by a newer program.
    """

    def __init__(self, home: Path) -> None:
        self.home, self.path, self._ballast = home, home / FILE, Ballast(home)
        require_local(home)
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"The folder {home} cannot be made: {error.strerror}.", "Set NINEPATCH_HOME to one that can be written."
            ) from error
        self._engine = sa.create_engine(
            f"sqlite:///{self.path}", connect_args={"timeout": WAIT_SECONDS}, poolclass=sa.pool.NullPool
        )
        with self._alone(home):
            with self.transaction() as connection:
                if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                version = _version(connection)
            if version != len(STEPS):
                self._migrate()
            self._keep_open()

    @classmethod
    def of(cls, settings: Settings) -> "Database":
        """The one that the settings name."""
        return cls(settings.home)

    @contextmanager
    def _alone(self, home: Path) -> Iterator[None]:
        """One at a time opens the file: who changes its mode is refused, and does not wait, where another reads it."""
        try:
            with (home / "jobs.lock").open("ab") as file:
                lock(file)
                yield
        except OSError as error:
            raise unusable(home, error) from error

    @contextmanager
    def transaction(self, *, write: bool = False) -> Iterator[sa.Connection]:
        """A connection; with `write` all of what happens inside is kept, or nothing where it raises."""
        if write:
            self._ballast.see_to()
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA synchronous=FULL")
                if write:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    if write:
                        connection.exec_driver_sql("ROLLBACK")
                    raise
                if write:
                    connection.exec_driver_sql("COMMIT")
        except SQLAlchemyError as error:
            raise self._unusable(error) from error

    def whole(self) -> bool:
        """Whether SQLite finds no damage; reads all of the file."""
        with self.transaction() as connection:
            return bool(connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok")

    def _keep_open(self) -> None:
        """Hold an idle connection: where the last one closes, SQLite empties the log into the file, at each commit."""
        try:
            idle = sqlite3.connect(self.path, timeout=WAIT_SECONDS, check_same_thread=False)
            weakref.finalize(self, idle.close)
            idle.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> StorageError:
        return StorageError(
            f"The job database {self.path} cannot be used: {type(error).__name__}.",
            "Check that the disk has space and the folder can be written.",
        )

    def _migrate(self) -> None:
        """Take the steps that are left, all or none; another process may have taken them meanwhile."""
        with self.transaction(write=True) as connection:
            version = _version(connection)
            if version > len(STEPS):
                raise StorageError(
                    f"The job database {self.path} has version {version}, and {len(STEPS)} is known here.",
                    "Use the newer program that made it, or another NINEPATCH_HOME.",
                )
            for statement in (statement for step in STEPS[version:] for statement in step):
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"PRAGMA user_version={len(STEPS)}")


def _version(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())

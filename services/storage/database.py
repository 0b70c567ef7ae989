"""The team's database: jobs, ledger and library, in tables that know their own version.

It is one SQLite file under the home, or a PostgreSQL server that the setting `database_url` names; the stores write
the same SQLAlchemy for both. Transactions that write exclude each other.

With the file all processes are on one machine: a worker lives as long as it holds a lock of the kernel's on a file
under the home, and so do the flights and the rate limit. With a server they are locks of its sessions, and the rate
limit a row on its clock, so that several machines may work; each has a home of its own on a local disk, and frames
reach all of them where the setting `store` names a bucket (`docs/decisions/0033-several-machines.md`).
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, get_type_hints

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from services.errors import StorageError
from services.settings import Settings
from services.storage.atomic_file import write_beside
from services.storage.copies import BEFORE, DAILY, MIGRATIONS, check_copy, counts, keep_newest, pour, stamp
from services.storage.disk import require_local
from services.storage.file_lock import Locks
from services.storage.postgres import PostgresServer, server
from services.storage.sqlite_file import COPIES, SqliteFile

TRIES = 3
"""How often an act is done whose connection is lost each time."""
_TOTALS = """SUM(CAST(ROUND(COALESCE(units, estimated) * 1000000000) AS INTEGER)),
    SUM(CASE WHEN requests > 1 THEN requests ELSE 1 END),
    SUM(CASE WHEN units IS NULL THEN expected_bytes ELSE bytes END),
    SUM(CASE WHEN error = 'QuotaSpent' THEN 1 ELSE 0 END)"""
"""Of rows of the ledger, in whole numbers that add up in any order."""
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
    (
        """CREATE TABLE gallery (
            id VARCHAR NOT NULL PRIMARY KEY, digest VARCHAR NOT NULL, name VARCHAR NOT NULL, notes TEXT NOT NULL,
            member VARCHAR NOT NULL, made FLOAT NOT NULL, recipe TEXT NOT NULL, question TEXT NOT NULL,
            view VARCHAR NOT NULL, simulated BOOLEAN NOT NULL, state VARCHAR NOT NULL, folded VARCHAR NOT NULL,
            place VARCHAR NOT NULL, begins VARCHAR NOT NULL, found TEXT NOT NULL)""",
        "CREATE INDEX ix_gallery_made ON gallery (state, made)",
        "CREATE TABLE gallery_stars (id VARCHAR NOT NULL PRIMARY KEY, entry VARCHAR NOT NULL, member VARCHAR NOT NULL)",
        "CREATE INDEX ix_gallery_stars_member ON gallery_stars (member, entry)",
    ),
    (
        """CREATE TABLE orders (
            id VARCHAR NOT NULL PRIMARY KEY, spec TEXT NOT NULL, name VARCHAR NOT NULL, member VARCHAR NOT NULL,
            run VARCHAR NOT NULL, state VARCHAR NOT NULL, waiting TEXT NOT NULL, until FLOAT NOT NULL,
            cause TEXT NOT NULL, remedy TEXT NOT NULL, cap FLOAT NOT NULL, share FLOAT NOT NULL, units FLOAT NOT NULL,
            requests INTEGER NOT NULL, bytes INTEGER NOT NULL, parts INTEGER NOT NULL, tiles INTEGER NOT NULL,
            created FLOAT NOT NULL, started FLOAT, beat FLOAT, finished FLOAT, worker VARCHAR NOT NULL,
            attempts INTEGER NOT NULL, cancel BOOLEAN NOT NULL, pause BOOLEAN NOT NULL,
            link VARCHAR NOT NULL)""",
        "CREATE INDEX ix_orders_state ON orders (state, created)",
        """CREATE TABLE order_parts (
            id VARCHAR NOT NULL PRIMARY KEY, order_id VARCHAR NOT NULL, number INTEGER NOT NULL, epsg INTEGER NOT NULL,
            x INTEGER NOT NULL, y INTEGER NOT NULL, columns INTEGER NOT NULL, rows INTEGER NOT NULL,
            tiles INTEGER NOT NULL, state VARCHAR NOT NULL, attempts INTEGER NOT NULL, units FLOAT NOT NULL,
            requests INTEGER NOT NULL, cause TEXT NOT NULL, remedy TEXT NOT NULL, receipt TEXT NOT NULL,
            finished FLOAT)""",
        "CREATE INDEX ix_order_parts_state ON order_parts (order_id, state, number)",
    ),
    (
        """CREATE TABLE month_totals (
            provider VARCHAR NOT NULL, month VARCHAR NOT NULL, member VARCHAR NOT NULL, nano_units INTEGER NOT NULL,
            requests INTEGER NOT NULL, bytes INTEGER NOT NULL, refused INTEGER NOT NULL,
            PRIMARY KEY (provider, month, member))""",
        """CREATE TABLE run_totals (
            run VARCHAR NOT NULL PRIMARY KEY, nano_units INTEGER NOT NULL, requests INTEGER NOT NULL,
            bytes INTEGER NOT NULL, refused INTEGER NOT NULL)""",
        f"INSERT INTO month_totals SELECT provider, month, member, {_TOTALS} FROM requests GROUP BY 1, 2, 3",  # noqa: S608 - ours
        f"INSERT INTO run_totals SELECT run, {_TOTALS} FROM requests GROUP BY run",  # noqa: S608 - ours
        "DROP INDEX ix_requests_month",
        "CREATE INDEX ix_requests_provider ON requests (provider, id)",
        "DROP INDEX ix_jobs_state",
        "CREATE INDEX ix_jobs_turn ON jobs (state, kind, member, started, created, id)",
    ),
    (
        """CREATE TABLE packs (
            id INTEGER NOT NULL PRIMARY KEY, object VARCHAR NOT NULL, sheet VARCHAR NOT NULL, west INTEGER NOT NULL,
            south INTEGER NOT NULL, acquisition VARCHAR NOT NULL, size INTEGER NOT NULL, stored FLOAT NOT NULL,
            frames BLOB NOT NULL, ranges BLOB NOT NULL)""",
        "CREATE INDEX ix_packs_place ON packs (sheet, west, south, acquisition)",
        "CREATE UNIQUE INDEX ix_packs_object ON packs (object)",
        "CREATE TABLE workers (id VARCHAR NOT NULL PRIMARY KEY, machine VARCHAR NOT NULL, since FLOAT NOT NULL)",
        """CREATE TABLE pace (
            id VARCHAR NOT NULL PRIMARY KEY, requests_full FLOAT NOT NULL, units_full FLOAT NOT NULL,
            held_until FLOAT NOT NULL, holds INTEGER NOT NULL)""",
    ),
    (
        "ALTER TABLE orders ADD COLUMN stored INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX ix_packs_size ON packs (size)",
    ),
    ("CREATE INDEX ix_orders_area ON orders (name, tiles, created)",),
)
"""What makes a database of version n + 1 out of one of version n. A step that was released is never changed.

The words are SQLite's, and only those that `postgres` knows to say: VARCHAR, TEXT, INTEGER, FLOAT, BOOLEAN,
BLOB.

The first one makes what files without a version have already.
"""


_TYPES: dict[object, type[sa.types.TypeEngine[Any]]] = {
    str: sa.String,
    int: sa.BigInteger,
    float: sa.Float,
    float | None: sa.Float,
    bool: sa.Boolean,
    bytes: sa.LargeBinary,
    tuple[str, ...]: sa.String,
}


def table_of(name: str, row: type, **besides: type) -> sa.Table:
    """The table whose columns are the fields of a dataclass and some besides; STEPS make it. Its key is `id`."""
    kinds = {**besides, **get_type_hints(row)}
    columns = [sa.Column(column, _TYPES[kind], primary_key=column == "id") for column, kind in kinds.items()]
    return sa.Table(name, sa.MetaData(), *columns)


class ConnectionLost(StorageError):
    """A server went away before anything of the transaction was kept: it may be done again."""


P = ParamSpec("P")
R = TypeVar("R")


def going_on(act: Callable[P, R]) -> Callable[P, R]:
    """An act of one transaction that is done again where its connection was lost: the server is started again.

    What was lost while it was being kept is not: it may have been.
    """

    @functools.wraps(act)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(TRIES - 1):
            with suppress(ConnectionLost):
                return act(*args, **kwargs)
        return act(*args, **kwargs)

    return again


class Database:
    """That of a team whose data lies under `home`, brought to the present version. Threads and processes may share it.

    Raises StorageError where it cannot be used, is damaged or gone, lies on a network disk, or was made by a newer
    program, and SettingsError where `url` is no address.
    """

    def __init__(self, home: Path, url: str = "") -> None:
        self.home = home
        require_local(home)
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"The folder of all data cannot be made: {error.strerror}.",
                "Set NINEPATCH_HOME to one that can be written.",
                home,
            ) from error
        self._engine: SqliteFile | PostgresServer = server(url) if url else SqliteFile(home)
        with self._engine.opening():
            with self.transaction() as connection:
                version = self._engine.version(connection)
            if version != len(STEPS):
                self._migrate()

    @classmethod
    def of(cls, settings: Settings) -> "Database":
        """The one that the settings name."""
        return cls(settings.home, settings.database_url.get_secret_value())

    @contextmanager
    def transaction(self, *, write: bool = False, alone: bool = True) -> Iterator[sa.Connection]:
        """A connection; with `write` all of what happens inside is kept, or nothing where it raises.

        Those that write exclude each other, but for one that is not `alone`: a server then locks the rows it names.
        """
        keeping = False
        try:
            with self._engine.connected() as connection:
                if write:
                    self._engine.begin(connection, alone=alone)
                try:
                    yield connection
                except BaseException:
                    if write:
                        with suppress(SQLAlchemyError):  # a connection that broke has nothing to take back
                            connection.exec_driver_sql("ROLLBACK")
                    raise
                keeping = write
                if write:
                    connection.exec_driver_sql("COMMIT")
        except SQLAlchemyError as error:
            told = self._engine.unusable(error)
            if isinstance(error, DBAPIError) and error.connection_invalidated and not keeping:
                raise ConnectionLost(told.cause, told.remedy) from error
            raise told from error

    def turn(self, connection: sa.Connection, name: str) -> None:
        """Wait, in a transaction that is not `alone`, for others that took a turn of that name in theirs."""
        self._engine.turn(connection, name)

    @functools.cached_property
    def locks(self) -> Locks:
        """By which workers live, and by which one at a time fetches: of this machine, or of all that share a server."""
        return self._engine.locks(self.home)

    def whole(self) -> bool:
        """Whether no damage is found; of a file all is read."""
        with self.transaction() as connection:
            return self._engine.whole(connection)

    def _migrate(self) -> None:
        """Take the steps that are left, all or none, and copy first what there is.

        Another process may have taken them meanwhile.
        """
        with self.transaction(write=True) as connection:
            version = self._engine.version(connection)
            if version > len(STEPS):
                raise StorageError(
                    f"The job database has version {version}, and {len(STEPS)} is known here.",
                    "Use the newer program that made it, or another database.",
                )
            if sa.inspect(connection).has_table("jobs"):
                self._copy(connection, self.home / COPIES / f"{BEFORE}-{version}-{stamp()}.sqlite", version)
                keep_newest(self.home, BEFORE, MIGRATIONS)
            for statement in (statement for step in STEPS[version:] for statement in step):
                connection.exec_driver_sql(self._engine.statement(statement))
            self._engine.put_version(connection, len(STEPS))

    def copy(self, path: Path) -> dict[str, int]:
        """Write all rows of one moment into a SQLite file, whatever the engine, and check it; how many of each table.

        Others read and write meanwhile. Raises StorageError.
        """
        with self.transaction() as connection:
            return self._copy(connection, path, self._engine.version(connection))

    def _copy(self, connection: sa.Connection, path: Path, version: int) -> dict[str, int]:
        steps = [statement for step in STEPS[:version] for statement in step]

        def write(beside: Path) -> None:
            self._engine.copy(connection, beside, [*steps, f"PRAGMA user_version={version}"])
            beside.chmod(0o600)

        write_beside(path, write)
        return check_copy(path)

    def take(self, other: "Database") -> None:
        """Put another's rows in the place of one's own, all or none."""
        with other.transaction() as source, self.transaction(write=True) as target:
            pour(source, target)

    @property
    def name(self) -> str:
        """Which it is, without a password."""
        return self._engine.name

    def clock(self) -> float:
        """Seconds since 1970 where it is."""
        with self.transaction() as connection:
            return self.now(connection)

    def now(self, connection: sa.Connection) -> float:
        """The same within a transaction, at that moment of it."""
        return float(connection.exec_driver_sql(self._engine.now).scalar_one())

    def counts(self) -> dict[str, int]:
        """Rows of each table."""
        with self.transaction() as connection:
            return counts(connection)

    def keep_daily(self, most: int) -> None:
        """Today's copy, where there is none yet; of them the newest `most` are kept. Raises StorageError."""
        path = self.home / COPIES / f"{DAILY}-{stamp()[:8]}.sqlite"
        if most and not path.exists():
            self.copy(path)
            keep_newest(self.home, DAILY, most)

"""Copies of the database: SQLite files whatever the engine, checked before they count, and the newest few are kept."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from services.errors import StorageError
from services.storage.sqlite_file import COPIES

BEFORE, DAILY = "before", "daily"
"""What their names begin with: taken before a migration of that version, and each day."""
MIGRATIONS = 3
"""Copies of before a migration that are kept."""
_ROWS = 1000
"""Read and written at once."""


def stamp() -> str:
    """Now in a file's name, UTC: names sort by their time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def tables_of(connection: sa.Connection) -> list[sa.Table]:
    """Those of the team; the one that holds a server's version is none of them."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "schema_version"]


def counts(connection: sa.Connection) -> dict[str, int]:
    """Rows of each table."""
    return {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in tables_of(connection)
    }


def pour(source: sa.Connection, target: sa.Connection) -> None:
    """Put the rows of one database in the place of another's, of the same version; either may be of either engine."""
    server = next((one for one in (target, source) if one.dialect.name == "postgresql"), source)
    for table in tables_of(server):
        target.execute(sa.delete(table))
        rows = source.execute(sa.select(table), execution_options={"yield_per": _ROWS}).mappings()
        for some in rows.partitions():
            target.execute(sa.insert(table), [dict(row) for row in some])
        key = table.columns.get("id")
        if target is server and key is not None and isinstance(key.type, sa.BigInteger):
            last = sa.select(sa.func.coalesce(sa.func.max(key), 0) + 1).scalar_subquery()
            numbers = sa.func.pg_get_serial_sequence(table.name, "id")
            target.execute(sa.select(sa.func.setval(numbers, last, False)))


def check_copy(path: Path) -> dict[str, int]:
    """Rows of each table of a copy. Raises StorageError where it is damaged."""
    damaged = f"The copy {path.name} is damaged"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            queries = {name: f'SELECT count(*) FROM "{name}"' for name in names}  # noqa: S608 - names of its tables
            found = {name: int(connection.execute(query).fetchone()[0]) for name, query in queries.items()}
    except sqlite3.Error as error:
        raise StorageError(f"{damaged}: {error}.", "Use another one.") from error
    if not sound:
        raise StorageError(f"{damaged}.", "Use another one.")
    return found


def keep_newest(home: Path, kind: str, most: int) -> None:
    """Remove the older ones of a kind."""
    for old in sorted((home / COPIES).glob(f"{kind}-*.sqlite"), key=lambda path: path.stat().st_mtime)[:-most]:
        old.unlink(missing_ok=True)

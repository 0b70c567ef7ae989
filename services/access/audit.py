"""Audit log: who did what to others' work or to the team's own, written in the same act, and only ever added to."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa

from services.access.actor import Actor, Role
from services.storage import Database, table_of
from services.text import csv_text

READ = "read the audit log"
_ROWS = 1000
"""Of the CSV, read at once."""
_LONGEST = 400
"""Characters of a detail."""
_AGAIN_SECONDS = 600
"""A login that is refused again within these is no row more: strangers do not fill the disk."""


class Action(StrEnum):
    """What is recorded."""

    JOB_STOPPED = "job stopped"
    JOB_RESUMED = "job resumed"
    ORDER_STOPPED = "order stopped"
    ORDER_PAUSED = "order paused"
    ORDER_RESUMED = "order resumed"
    ORDER_REMOVED = "order removed"
    CACHE_CLEARED = "cache cleared"
    AREA_DELETED = "area deleted"
    AREA_RENAMED = "area renamed"
    PICTURE_CHANGED = "picture changed"
    PICTURE_REMOVED = "picture removed"
    MEMBER_ADDED = "member added"
    MEMBER_CHANGED = "member changed"
    MEMBER_REMOVED = "member removed"
    BUDGET_CHANGED = "budget changed"
    LOGIN_REFUSED = "login refused"


@dataclass(frozen=True)
class Record:
    """One row."""

    id: int
    """Grows with each row."""
    time: float
    """Seconds since 1970."""
    actor: str
    """Name of who did it; of a refused login whoever it was that came."""
    role: str
    """What they were then; empty where they had none."""
    action: str
    """One of Action."""
    subject: str
    """What it was done to: number of a job, name of an area, address of a member."""
    detail: str
    """What else there is to know, a sentence or some words; a user's words may be among them."""

    @property
    def moment(self) -> str:
        """`2026-11-29T20:15:00+00:00`."""
        return datetime.fromtimestamp(self.time, UTC).isoformat(timespec="seconds")


_rows = table_of("audit", Record)
COLUMNS = ("time", "actor", "role", "action", "subject", "detail")
"""Of the CSV."""


def record(connection: sa.Connection, actor: Actor, action: Action, subject: str, detail: str = "") -> None:
    """Write a row in the transaction of the act itself, so that there is never one without the other."""
    _insert(connection, time.time(), (actor.name, actor.role.title), action, subject, detail)


class AuditLog:
    """The table. Every method raises StorageError where the database fails."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def add(self, actor: Actor, action: Action, subject: str, detail: str = "") -> None:
        """Of an act outside the database, before it is done."""
        with self._database.transaction(write=True) as connection:
            _insert(connection, self._clock(), (actor.name, actor.role.title), action, subject, detail)

    def refused(self, name: str, why: str) -> None:
        """Somebody proved to be `name` and was not let in; not again where that was written a moment ago."""
        rows, since = _rows.c, self._clock() - _AGAIN_SECONDS
        same = sa.select(rows.id).where(rows.action == Action.LOGIN_REFUSED, rows.subject == name, rows.time > since)
        with self._database.transaction(write=True) as connection:
            if connection.scalar(same.limit(1)) is None:
                _insert(connection, self._clock(), (name, ""), Action.LOGIN_REFUSED, name, why)

    def recent(self, actor: Actor, limit: int = 50) -> tuple[Record, ...]:
        """The newest first. Raises NotAllowed."""
        actor.require(Role.ADMINISTRATOR, READ)
        query = sa.select(_rows).order_by(_rows.c.id.desc()).limit(limit)
        with self._database.transaction() as connection:
            return tuple(Record(**row) for row in connection.execute(query).mappings())

    def csv_lines(self, actor: Actor) -> Iterator[str]:
        """All of it as a table that a spreadsheet opens, the oldest first, a few rows at a time. Raises NotAllowed."""
        actor.require(Role.ADMINISTRATOR, READ)
        yield csv_text(COLUMNS, ())
        last = 0
        while rows := self._after(last):
            yield csv_text((), (_cells(row) for row in rows))
            last = rows[-1].id

    def _after(self, number: int) -> list[Record]:
        query = sa.select(_rows).where(_rows.c.id > number).order_by(_rows.c.id).limit(_ROWS)
        with self._database.transaction() as connection:
            return [Record(**row) for row in connection.execute(query).mappings()]


def _cells(row: Record) -> tuple[object, ...]:
    plain = asdict(row) | {"time": row.moment}
    return tuple(plain[column] for column in COLUMNS)


def _insert(
    connection: sa.Connection, now: float, who: tuple[str, str], action: Action, subject: str, detail: str
) -> None:
    name, role = who
    values = {"time": now, "actor": name, "role": role, "action": action.value}
    connection.execute(sa.insert(_rows).values(values | {"subject": subject, "detail": detail[:_LONGEST]}))

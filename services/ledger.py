"""The ledger: what every Process request cost and what the cache saved, by member, month and recipe. No secrets.

A row is written before its request is sent, so that a killed process leaves it behind: open, and counted at its
estimate, because it may have been charged.
"""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.database import Database
from services.entry import Asker, Entry
from services.errors import QuotaSpent
from services.sheet import sheet
from services.sums import CHARGED, FETCHES, PLANES, REQUESTS, Sum, sums

__all__ = ["Asker", "Entry", "Ledger", "Spending", "Sum", "month_of"]
COLUMNS = (
    *("time", "member", "recipe", "provider", "acquisition", "pixels", "tiles", "planes"),
    *("estimated", "units", "bytes", "seconds", "tries", "status", "error"),
)
"""Of the CSV, as Entry's fields."""

_ROWS = 1000
"""Of the CSV, read at once."""


@dataclass(frozen=True)
class Spending:
    """Processing units that are spent, open requests at their estimate."""

    run: float
    """By this attempt to carry out a job."""
    member: float
    """By the member at the provider, this month."""
    team: float
    """By all at the provider, this month."""
    refused: int
    """Requests at the provider this month that were answered with a spent quota."""


def month_of(seconds: float) -> str:
    """`2026-11`: the UTC month of a time since 1970."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m}"


class Ledger:
    """The rows under `home`. Every method raises StorageError where the database fails."""

    def __init__(self, home: Path, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = Database(home), clock

    @property
    def month(self) -> str:
        """The present one."""
        return month_of(self._clock())

    def record(self, entry: Entry) -> int:
        """Write a row as it is; its number."""
        return self.reserve(entry, None)

    def reserve(self, entry: Entry, allow: Callable[[Spending], None] | None) -> int:
        """Write a row before its request is sent, in the transaction in which `allow` sees what is spent.

        What `allow` raises comes through, and then nothing is written. Gives the row's number.
        """
        now = self._clock()
        values = asdict(entry) | {"planes": ",".join(entry.planes), "time": now, "month": month_of(now)}
        with self._database.transaction(write=True) as connection:
            if allow is not None:
                asker = Asker(entry.provider, entry.member, entry.recipe, entry.run)
                allow(_spending(connection, asker, month_of(now)))
            return int(connection.execute(sa.insert(REQUESTS).values(values).returning(REQUESTS.c.id)).scalar_one())

    def settle(self, number: int, entry: Entry) -> None:
        """What became of a request; a row whose request was never sent is taken out again."""
        ours = REQUESTS.c.id == number
        names = ("units", "bytes", "seconds", "tries", "status", "error")
        with self._database.transaction(write=True) as connection:
            if entry.tries:
                values = {name: getattr(entry, name) for name in names}
                connection.execute(sa.update(REQUESTS).where(ours).values(values))
            else:
                connection.execute(sa.delete(REQUESTS).where(ours))

    def spending(self, asker: Asker) -> Spending:
        """What is spent so far."""
        with self._database.transaction() as connection:
            return _spending(connection, asker, self.month)

    def save(self, asker: Asker, wanted: int, price: float) -> None:
        """A fetch of `wanted` planes, worth `price` units from an empty cache, is done: what was not asked is saved.

        So planes that the cache had when it was planned, and those that somebody else fetched meanwhile, count alike.
        """
        now = self._clock()
        values: dict[str, Any] = {"time": now, "month": month_of(now), "wanted": wanted, "price": price}
        answered = (REQUESTS.c.run == asker.run, REQUESTS.c.error == "", REQUESTS.c.status != 0)
        asked = sa.select(sa.func.sum(PLANES), sa.func.sum(REQUESTS.c.estimated)).where(*answered)
        with self._database.transaction(write=True) as connection:
            planes, units = connection.execute(asked).one()
            saved = max(0, wanted - (planes or 0))
            values |= {"saved": saved, "saved_units": max(0.0, price - (units or 0.0)) if saved else 0.0}
            connection.execute(sa.insert(FETCHES).values(asdict(asker) | values))

    def save_again(self, asker: Asker) -> None:
        """A finished result was asked for again: all that it took was saved. Nothing where its fetch is not known."""
        last = sa.select(FETCHES.c.wanted, FETCHES.c.price).where(FETCHES.c.recipe == asker.recipe)
        with self._database.transaction() as connection:
            found = connection.execute(last.order_by(FETCHES.c.time.desc()).limit(1)).one_or_none()
        if found is not None:
            self.save(asker, found.wanted, found.price)

    def month_units(self, provider: str, month: str = "") -> float:
        """Processing units charged by a provider in a month, the present one unless told."""
        ours = (REQUESTS.c.provider == provider, REQUESTS.c.month == (month or self.month))
        with self._database.transaction() as connection:
            return float(connection.scalar(sa.select(sa.func.sum(CHARGED)).where(*ours)) or 0.0)

    def entries(self, month: str = "") -> tuple[Entry, ...]:
        """The rows of a month, or all; oldest first."""
        query = sa.select(REQUESTS).order_by(REQUESTS.c.id)
        if month:
            query = query.where(REQUESTS.c.month == month)
        with self._database.transaction() as connection:
            return tuple(_entry(row) for row in connection.execute(query).mappings())

    def sums(self, by: str, month: str = "") -> tuple[Sum, ...]:
        """By one of GROUPS, of a month or of all; the dearest first, months the newest first. Raises InputError."""
        with self._database.transaction() as connection:
            return sums(connection, by, month)

    def saved(self, runs: Collection[str]) -> dict[str, float]:
        """Processing units that the cache saved each of these attempts, where its end is known."""
        query = sa.select(FETCHES.c.run, sa.func.sum(FETCHES.c.saved_units)).group_by(FETCHES.c.run)
        with self._database.transaction() as connection:
            return {run: float(units) for run, units in connection.execute(query.where(FETCHES.c.run.in_(runs)))}

    def csv(self, month: str = "") -> str:
        """The rows as a table that a spreadsheet opens."""
        return "".join(self.csv_lines(month))

    def csv_lines(self, month: str = "") -> Iterator[str]:
        """The same a few rows at a time: the whole is never in memory."""
        yield sheet(COLUMNS, ())
        last = 0
        while rows := self._after(last, month):
            yield sheet((), (_cells(entry) for _, entry in rows))
            last = rows[-1][0]

    def _after(self, number: int, month: str) -> list[tuple[int, Entry]]:
        """The next rows, with their numbers."""
        query = sa.select(REQUESTS).where(REQUESTS.c.id > number).order_by(REQUESTS.c.id).limit(_ROWS)
        if month:
            query = query.where(REQUESTS.c.month == month)
        with self._database.transaction() as connection:
            return [(row["id"], _entry(row)) for row in connection.execute(query).mappings()]


def _cells(entry: Entry) -> tuple[object, ...]:
    moment = datetime.fromtimestamp(entry.time, UTC).isoformat(timespec="seconds")
    plain = asdict(entry) | {"time": moment, "planes": " ".join(entry.planes)}
    return tuple(plain[column] for column in COLUMNS)


def _spending(connection: sa.Connection, asker: Asker, month: str) -> Spending:
    mine = sa.case((REQUESTS.c.member == asker.member, CHARGED), else_=0.0)
    ours = (REQUESTS.c.provider == asker.provider, REQUESTS.c.month == month)
    refused = sa.func.sum(sa.case((REQUESTS.c.error == QuotaSpent.__name__, 1), else_=0))
    all_units = sa.select(sa.func.sum(CHARGED), sa.func.sum(mine), refused)
    team, member, no = connection.execute(all_units.where(*ours)).one()
    run = connection.scalar(sa.select(sa.func.sum(CHARGED)).where(REQUESTS.c.run == asker.run))
    return Spending(run or 0.0, member or 0.0, team or 0.0, no or 0)


def _entry(row: sa.RowMapping) -> Entry:
    values = {name: value for name, value in row.items() if name != "id"}
    return replace(Entry(**values), planes=tuple(row["planes"].split(",")))

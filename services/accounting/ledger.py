"""Ledger: what every Process request cost and what the cache saved, by member, month and recipe. No secrets.

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

from services.errors import InputError, QuotaSpent
from services.plan import BlockRequest
from services.storage import Database, table_of
from services.text import csv_text, quoted


@dataclass(frozen=True)
class Requester:
    """On whose account something is asked."""

    provider: str
    """Name of the provider."""
    member: str
    """Name of who asks."""
    recipe: str
    """Digest of the recipe."""
    run: str
    """One attempt to carry out a job: the same over the workers that take it over, another after a resume."""


@dataclass(frozen=True)
class Entry:
    """One Process request: what it asks for, and what became of it."""

    provider: str
    """Name of the provider."""
    acquisition: str
    """Its key."""
    pixels: int
    """Width × height."""
    tiles: int
    planes: tuple[str, ...]
    """Bands, SCL, dataMask."""
    estimated: float
    """Processing units by the service's formula."""
    units: float | None = None
    """Processing units as the service's header says, of all tries; None while nothing has been heard."""
    bytes: int = 0
    """Bytes that came, of all tries."""
    seconds: float = 0.0
    """From the first try to the end, with all waits."""
    tries: int = 0
    """How often it was sent, those included that were answered with 429."""
    status: int = 0
    """HTTP status of the last answer; 0 where none came."""
    error: str = ""
    """Kind of the error that ended it: `ServiceFailed`; empty where it was answered as asked."""
    member: str = ""
    """Name of who asks."""
    recipe: str = ""
    """Digest of the recipe."""
    run: str = ""
    """See Requester."""
    time: float = 0.0
    """Seconds since 1970, when it was written."""
    month: str = ""
    """`2026-11`, UTC."""

    @classmethod
    def of(cls, block: BlockRequest, requester: Requester) -> "Entry":
        """Of a request that has not been sent."""
        return cls(
            provider=requester.provider,
            acquisition=block.acquisition.key,
            pixels=block.pixels,
            tiles=block.columns * block.rows,
            planes=block.planes,
            estimated=block.units,
            member=requester.member,
            recipe=requester.recipe,
            run=requester.run,
        )


GROUPS = ("member", "month", "recipe")
"""What the ledger can be summed by."""
REQUESTS = table_of("requests", Entry, id=int)
FETCHES = table_of(
    "fetches", Requester, id=int, time=float, month=str, wanted=int, saved=int, price=float, saved_units=float
)
CHARGED = sa.func.coalesce(REQUESTS.c.units, REQUESTS.c.estimated)
"""Units of a request; of an open one what it was expected to cost."""
_commas = sa.func.length(REQUESTS.c.planes) - sa.func.length(sa.func.replace(REQUESTS.c.planes, ",", ""))
PLANES = REQUESTS.c.tiles * (_commas + 1)
"""Planes of a request, each of one tile."""


@dataclass(frozen=True)
class UsageSummary:
    """What a member, month or recipe comes to."""

    key: str
    requests: int
    failed: int
    """Of them: not answered as asked."""
    estimated: float
    """Processing units by the formula."""
    units: float
    """Processing units charged."""
    bytes: int
    planes: int
    """Planes asked for, each of one tile."""
    saved: int
    """Planes that were not asked for: the cache had them, or somebody else fetched them meanwhile."""
    saved_units: float
    """Processing units that they would have cost."""


def sums(connection: sa.Connection, by: str, month: str) -> tuple[UsageSummary, ...]:
    """See Ledger.sums."""
    if by not in GROUPS:
        raise InputError(f"The ledger cannot be summed by {quoted(by)}.", f"Choose one of {', '.join(GROUPS)}.")
    asked = {row.key: row for row in connection.execute(_asked(by, month))}
    saved = {row.key: row for row in connection.execute(_saved(by, month))}
    found = [_sum(key, asked.get(key), saved.get(key)) for key in asked.keys() | saved.keys()]
    if by == "month":
        return tuple(sorted(found, key=lambda one: one.key, reverse=True))
    return tuple(sorted(found, key=lambda one: (-one.units, -one.saved_units, one.key)))


def _asked(by: str, month: str) -> "sa.Select[Any]":
    rows = REQUESTS.c
    failed = sa.case((sa.or_(rows.error != "", rows.status == 0), 1), else_=0)
    query = sa.select(
        rows[by].label("key"),
        sa.func.count().label("requests"),
        sa.func.sum(failed).label("failed"),
        sa.func.sum(rows.estimated).label("estimated"),
        sa.func.sum(CHARGED).label("units"),
        sa.func.sum(rows.bytes).label("bytes"),
        sa.func.sum(PLANES).label("planes"),
    ).group_by(rows[by])
    return query.where(rows.month == month) if month else query


def _saved(by: str, month: str) -> "sa.Select[Any]":
    rows = FETCHES.c
    saved, units = sa.func.sum(rows.saved).label("saved"), sa.func.sum(rows.saved_units).label("saved_units")
    query = sa.select(rows[by].label("key"), saved, units).group_by(rows[by])
    return query.where(rows.month == month) if month else query


def _sum(key: str, asked: Any, saved: Any) -> UsageSummary:
    return UsageSummary(
        key=key,
        requests=asked.requests if asked else 0,
        failed=asked.failed if asked else 0,
        estimated=asked.estimated if asked else 0.0,
        units=asked.units if asked else 0.0,
        bytes=asked.bytes if asked else 0,
        planes=asked.planes if asked else 0,
        saved=saved.saved if saved else 0,
        saved_units=saved.saved_units if saved else 0.0,
    )


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

    def reserve(self, entry: Entry, allow: Callable[[Spending], None] | None = None) -> int:
        """Write a row before its request is sent, in the transaction in which `allow` sees what is spent.

        What `allow` raises comes through, and then nothing is written. Gives the row's number.
        """
        now = self._clock()
        values = asdict(entry) | {"planes": ",".join(entry.planes), "time": now, "month": month_of(now)}
        with self._database.transaction(write=True) as connection:
            if allow is not None:
                requester = Requester(entry.provider, entry.member, entry.recipe, entry.run)
                allow(_spending(connection, requester, month_of(now)))
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

    def spending(self, requester: Requester) -> Spending:
        """What is spent so far."""
        with self._database.transaction() as connection:
            return _spending(connection, requester, self.month)

    def save(self, requester: Requester, wanted: int, price: float) -> None:
        """A fetch of `wanted` planes, worth `price` units from an empty cache, is done: what was not asked is saved.

        So planes that the cache had when it was planned, and those that somebody else fetched meanwhile, count alike.
        """
        now = self._clock()
        values: dict[str, Any] = {"time": now, "month": month_of(now), "wanted": wanted, "price": price}
        answered = (REQUESTS.c.run == requester.run, REQUESTS.c.error == "", REQUESTS.c.status != 0)
        asked = sa.select(sa.func.sum(PLANES), sa.func.sum(REQUESTS.c.estimated)).where(*answered)
        with self._database.transaction(write=True) as connection:
            planes, units = connection.execute(asked).one()
            saved = max(0, wanted - (planes or 0))
            values |= {"saved": saved, "saved_units": max(0.0, price - (units or 0.0)) if saved else 0.0}
            connection.execute(sa.insert(FETCHES).values(asdict(requester) | values))

    def save_again(self, requester: Requester) -> None:
        """A finished result was asked for again: all that it took was saved. Nothing where its fetch is not known."""
        last = sa.select(FETCHES.c.wanted, FETCHES.c.price).where(FETCHES.c.recipe == requester.recipe)
        with self._database.transaction() as connection:
            found = connection.execute(last.order_by(FETCHES.c.time.desc()).limit(1)).one_or_none()
        if found is not None:
            self.save(requester, found.wanted, found.price)

    def month_units(self, provider: str, month: str = "") -> float:
        """Processing units charged by a provider in a month, the present one unless told."""
        ours = (REQUESTS.c.provider == provider, REQUESTS.c.month == (month or self.month))
        with self._database.transaction() as connection:
            return float(connection.scalar(sa.select(sa.func.sum(CHARGED)).where(*ours)) or 0.0)

    def sums(self, by: str, month: str = "") -> tuple[UsageSummary, ...]:
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
        yield csv_text(COLUMNS, ())
        last = 0
        while rows := self._after(last, month):
            yield csv_text((), (_cells(entry) for _, entry in rows))
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


def _spending(connection: sa.Connection, requester: Requester, month: str) -> Spending:
    mine = sa.case((REQUESTS.c.member == requester.member, CHARGED), else_=0.0)
    ours = (REQUESTS.c.provider == requester.provider, REQUESTS.c.month == month)
    refused = sa.func.sum(sa.case((REQUESTS.c.error == QuotaSpent.__name__, 1), else_=0))
    all_units = sa.select(sa.func.sum(CHARGED), sa.func.sum(mine), refused)
    team, member, no = connection.execute(all_units.where(*ours)).one()
    run = connection.scalar(sa.select(sa.func.sum(CHARGED)).where(REQUESTS.c.run == requester.run))
    return Spending(run or 0.0, member or 0.0, team or 0.0, no or 0)


def _entry(row: sa.RowMapping) -> Entry:
    values = {name: value for name, value in row.items() if name != "id"}
    return replace(Entry(**values), planes=tuple(row["planes"].split(",")))

"""Ledger: what every request cost and what the cache saved, by member, month and recipe. No secrets.

Requests are of pixels, a row a block, or of the catalogue, a row a page; those have no planes. Requests for tokens have
no row: no service counts them among those of a month (`services.providers.sentinelhub.cost`).

A row is written before its request is sent, so that a killed process leaves it behind: open, and counted at its
estimate, because it may have been charged.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from services.access import Actor, Role
from services.accounting import totals
from services.accounting.entry import (
    ANSWERED,
    CAME,
    CHARGED,
    FETCHES,
    OF_PIXELS,
    PLANES,
    QUESTIONS,
    REQUESTS,
    Entry,
    Requester,
)
from services.accounting.totals import Totals
from services.errors import InputError
from services.plan import Cost
from services.storage import Database, going_on
from services.text import csv_text, quoted

GROUPS = ("member", "month", "recipe")
"""What the ledger can be summed by."""


@dataclass(frozen=True)
class UsageSummary:
    """What a member, month or recipe comes to."""

    key: str
    requests: int
    """Questions over HTTP, of pixels and of the catalogue."""
    failed: int
    """Requests that were not answered as asked."""
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
    expected_bytes: int
    """Bytes that were expected, of the requests that `bytes` came of."""
    saved_bytes: int
    """Bytes that did not come for them."""
    catalogue: int
    """Of the questions: those to the catalogue."""

    @property
    def counts_units(self) -> bool:
        """Whether a provider that counts units had part in it."""
        return bool(self.estimated or self.units or self.saved_units)


def sums(connection: sa.Connection, by: str, actor: Actor, month: str) -> tuple[UsageSummary, ...]:
    """See Ledger.sums."""
    if by not in GROUPS:
        raise InputError(f"The ledger cannot be summed by {quoted(by)}.", f"Choose one of {', '.join(GROUPS)}.")
    asked = {row.key: row for row in connection.execute(_seen(_asked(by), REQUESTS, actor, month))}
    saved = {row.key: row for row in connection.execute(_seen(_saved(by), FETCHES, actor, month))}
    found = [_sum(key, asked.get(key), saved.get(key)) for key in asked.keys() | saved.keys()]
    if by == "month":
        return tuple(sorted(found, key=lambda one: one.key, reverse=True))
    return tuple(sorted(found, key=lambda one: (-one.units, -one.bytes, -one.saved_units, one.key)))


def _seen(query: "sa.Select[Any]", table: sa.Table, actor: Actor, month: str) -> "sa.Select[Any]":
    """What of it the actor may see, of a month or of all: an administrator everybody's rows, others their own."""
    if actor.role < Role.ADMINISTRATOR:
        query = query.where(table.c.member == actor.name)
    return query.where(table.c.month == month) if month else query


def _asked(by: str) -> "sa.Select[Any]":
    rows = REQUESTS.c
    failed = sa.case((ANSWERED, 0), else_=1)
    return sa.select(
        rows[by].label("key"),
        sa.func.sum(QUESTIONS).label("requests"),
        sa.func.sum(failed).label("failed"),
        sa.func.sum(rows.estimated).label("estimated"),
        sa.func.sum(CHARGED).label("units"),
        sa.func.sum(rows.bytes).label("bytes"),
        sa.func.sum(rows.expected_bytes).label("expected_bytes"),
        sa.func.sum(PLANES).label("planes"),
        sa.func.sum(sa.case((OF_PIXELS, 0), else_=QUESTIONS)).label("catalogue"),
    ).group_by(rows[by])


def _saved(by: str) -> "sa.Select[Any]":
    rows = FETCHES.c
    saved = (sa.func.sum(rows[name]).label(name) for name in ("saved", "saved_units", "saved_bytes"))
    return sa.select(rows[by].label("key"), *saved).group_by(rows[by])


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
        expected_bytes=asked.expected_bytes if asked else 0,
        saved_bytes=saved.saved_bytes if saved else 0,
        catalogue=asked.catalogue if asked else 0,
    )


COLUMNS = (
    *("time", "member", "recipe", "provider", "acquisition", "pixels", "tiles", "planes"),
    *("estimated", "units", "bytes", "seconds", "tries", "status", "error", "requests", "expected_bytes"),
    "kind",
)
"""Of the CSV, as Entry has them."""

_ROWS = 1000
"""Of the CSV, read at once."""


@dataclass(frozen=True)
class Spending:
    """What is spent, open requests at their estimate."""

    run: Cost
    """By this attempt to carry out a job."""
    member: Cost
    """By the member at the provider, this month."""
    team: Cost
    """By all at the provider, this month."""
    refused: int
    """Requests at the provider this month that were answered with a spent quota."""


def month_of(seconds: float) -> str:
    """`2026-11`: the UTC month of a time since 1970."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m}"


class Ledger:
    """The rows. Every method raises StorageError where the database fails."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    @property
    def month(self) -> str:
        """The present one."""
        return month_of(self._clock())

    @going_on
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
            totals.count(connection, values, Totals.of_row(values))
            return int(connection.execute(sa.insert(REQUESTS).values(values).returning(REQUESTS.c.id)).scalar_one())

    @going_on
    def settle(self, number: int, entry: Entry) -> None:
        """What became of a request; a row whose request was never sent is taken out again."""
        ours = REQUESTS.c.id == number
        names = ("units", "bytes", "seconds", "tries", "status", "error", "requests")
        with self._database.transaction(write=True) as connection:
            before = totals.row_of(connection, number)
            now = Totals()
            if entry.tries:
                values = {name: getattr(entry, name) for name in names}
                connection.execute(sa.update(REQUESTS).where(ours).values(values))
                now = Totals.of_row({**before, **values})
            else:
                connection.execute(sa.delete(REQUESTS).where(ours))
            totals.count(connection, before, now - Totals.of_row(before))

    @going_on
    def spending(self, requester: Requester) -> Spending:
        """What is spent so far."""
        with self._database.transaction() as connection:
            return _spending(connection, requester, self.month)

    def of_run(self, run: str) -> Cost:
        """What an attempt to carry out a job has spent, of any month, open requests at their estimate."""
        with self._database.transaction() as connection:
            return totals.of_run(connection, run).cost

    def fetched(self, run: str) -> tuple[Cost, int]:
        """What an attempt spent on pixels so far, and how many planes it was given, each of one tile."""
        came = sa.func.sum(sa.case((ANSWERED, PLANES), else_=0))
        query = sa.select(*_summed(), came).where(REQUESTS.c.run == run, OF_PIXELS)
        with self._database.transaction() as connection:
            *sums, planes = connection.execute(query).one()
        return _cost(sums), planes or 0

    def lost(self, run: str, before: float) -> Cost:
        """What of an attempt was on its way when a worker of it ended, before that time: nobody knows what became of
        it, so that it is asked again, and counts at its estimate."""
        query = sa.select(*_summed()).where(
            REQUESTS.c.run == run, OF_PIXELS, REQUESTS.c.units.is_(None), REQUESTS.c.time < before
        )
        with self._database.transaction() as connection:
            return _cost(connection.execute(query).one())

    @going_on
    def save(self, requester: Requester, wanted: int, price: Cost) -> None:
        """A fetch of `wanted` planes, of that price from an empty cache, is done: what was not asked is saved.

        So planes that the cache had when it was planned, and those that somebody else fetched meanwhile, count alike.
        """
        now, rows = self._clock(), REQUESTS.c
        values: dict[str, Any] = {"time": now, "month": month_of(now), "wanted": wanted}
        values |= {"price": price.units, "price_bytes": price.bytes}
        least = sa.case((rows.bytes < rows.expected_bytes, rows.bytes), else_=rows.expected_bytes)
        parts = PLANES, rows.estimated, least
        asked = sa.select(*(sa.func.coalesce(sa.func.sum(part), 0) for part in parts))
        asked = asked.where(rows.run == requester.run, OF_PIXELS, ANSWERED)
        with self._database.transaction(write=True) as connection:
            planes, units, size = connection.execute(asked).one()
            saved = max(0, wanted - planes)
            values |= {"saved": saved, "saved_units": max(0.0, price.units - units) if saved else 0.0}
            values |= {"saved_bytes": max(0, price.bytes - size) if saved else 0}
            connection.execute(sa.insert(FETCHES).values(asdict(requester) | values))

    @going_on
    def save_again(self, requester: Requester) -> None:
        """A finished result was asked for again: all that it took was saved. Nothing where its fetch is not known."""
        last = sa.select(FETCHES).where(FETCHES.c.recipe == requester.recipe)
        with self._database.transaction() as connection:
            found = connection.execute(last.order_by(FETCHES.c.time.desc()).limit(1)).one_or_none()
        if found is not None:
            self.save(requester, found.wanted, Cost(found.price, bytes=found.price_bytes))

    def month_cost(self, provider: str, month: str = "") -> Cost:
        """What a provider was asked for in a month, the present one unless told; open requests at their estimate."""
        ours = (REQUESTS.c.provider == provider, REQUESTS.c.month == (month or self.month))
        with self._database.transaction() as connection:
            return _cost(connection.execute(sa.select(*_summed()).where(*ours)).one())

    def sums(self, by: str, actor: Actor, month: str = "") -> tuple[UsageSummary, ...]:
        """By one of GROUPS, of a month or of all; the dearest first, months the newest first. Raises InputError.

        An administrator gets everybody's, others their own; as with the tables below.
        """
        with self._database.transaction() as connection:
            return sums(connection, by, actor, month)

    def saved(self, runs: Collection[str]) -> dict[str, Cost]:
        """Units and bytes that the cache saved each of these attempts, where its end is known."""
        rows = FETCHES.c
        query = sa.select(rows.run, sa.func.sum(rows.saved_units), sa.func.sum(rows.saved_bytes)).group_by(rows.run)
        with self._database.transaction() as connection:
            found = connection.execute(query.where(rows.run.in_(runs)))
            return {run: Cost(float(units), bytes=size) for run, units, size in found}

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A connection for questions of others to the rows."""
        return self._database.transaction()

    def cost_again(self, planes: Mapping[str, int]) -> dict[str, Cost]:
        """What so many planes of each provider would cost, as those that were asked did; without who never answered."""
        rows = REQUESTS.c
        sums = (sa.func.sum(part) for part in (PLANES, CHARGED, rows.bytes))
        query = sa.select(rows.provider, *sums).where(rows.error == "", rows.status != 0, rows.planes != "")
        with self._database.transaction() as connection:
            found = connection.execute(query.group_by(rows.provider)).all()
        parts = ((name, planes.get(name, 0) / asked, units, size) for name, asked, units, size in found)
        return {name: Cost(part * units, bytes=round(part * size)) for name, part, units, size in parts if part}

    def csv(self, actor: Actor, month: str = "") -> str:
        """The rows as a table that a spreadsheet opens."""
        return "".join(self.csv_lines(actor, month))

    def csv_lines(self, actor: Actor, month: str = "") -> Iterator[str]:
        """The same a few rows at a time: the whole is never in memory."""
        yield csv_text(COLUMNS, ())
        last = 0
        while rows := self._after(last, actor, month):
            yield csv_text((), (_cells(entry) for _, entry in rows))
            last = rows[-1][0]

    def _after(self, number: int, actor: Actor, month: str) -> list[tuple[int, Entry]]:
        """The next rows, with their numbers."""
        query = sa.select(REQUESTS).where(REQUESTS.c.id > number).order_by(REQUESTS.c.id).limit(_ROWS)
        query = _seen(query, REQUESTS, actor, month)
        with self._database.transaction() as connection:
            return [(row["id"], _entry(row)) for row in connection.execute(query).mappings()]


def _cells(entry: Entry) -> tuple[object, ...]:
    moment = datetime.fromtimestamp(entry.time, UTC).isoformat(timespec="seconds")
    plain = asdict(entry) | {"time": moment, "planes": " ".join(entry.planes), "kind": entry.kind}
    return tuple(plain[column] for column in COLUMNS)


def _spending(connection: sa.Connection, requester: Requester, month: str) -> Spending:
    members = totals.of_month(connection, requester.provider, month)
    team = sum(members.values(), Totals())
    return Spending(
        run=totals.of_run(connection, requester.run).cost,
        member=members.get(requester.member, Totals()).cost,
        team=team.cost,
        refused=team.refused,
    )


def _summed() -> "list[sa.ColumnElement[Any]]":
    """Units, questions and bytes."""
    return [sa.func.sum(part) for part in (CHARGED, QUESTIONS, CAME)]


def _cost(sums: Sequence[Any]) -> Cost:
    units, requests, size = (part or 0 for part in sums)
    return Cost(float(units), requests, size)


def _entry(row: sa.RowMapping) -> Entry:
    values = {name: value for name, value in row.items() if name != "id"}
    return replace(Entry(**values), planes=tuple(row["planes"].split(",")) if row["planes"] else ())

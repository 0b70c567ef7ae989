"""Running totals of the ledger: what a month and a run have come to, so that no budget is checked by a sum over rows.

They are kept in the transaction that writes a row, and equal the sums over the rows at any time: units are counted in
whole billionths, which add up in any order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.accounting.entry import REQUESTS
from services.errors import QuotaSpent
from services.plan import Cost

NANO = 10**9
"""Parts of a unit that are counted."""
COUNTED = ("provider", "month", "member", "run", "units", "estimated", "requests", "bytes", "expected_bytes", "error")
"""What of a row of the ledger decides what it counts."""
_numbers = ("nano_units", "requests", "bytes", "refused")


def _table(name: str, *keys: str) -> sa.Table:
    columns = (sa.Column(key, sa.String, primary_key=True) for key in keys)
    return sa.Table(name, sa.MetaData(), *columns, *(sa.Column(number, sa.BigInteger) for number in _numbers))


MONTHS = _table("month_totals", "provider", "month", "member")
RUNS = _table("run_totals", "run")


@dataclass(frozen=True)
class Totals:
    """What some rows of the ledger come to; of two sets of rows they add up."""

    nano_units: int = 0
    """Billionths of a unit."""
    requests: int = 0
    bytes: int = 0
    refused: int = 0
    """Requests that were answered with a spent quota."""

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Totals":
        """Of one row: what is open counts as expected."""
        open_still = row["units"] is None
        return cls(
            nano_units=round((row["estimated"] if open_still else row["units"]) * NANO),
            requests=max(1, row["requests"]),
            bytes=row["expected_bytes"] if open_still else row["bytes"],
            refused=int(row["error"] == QuotaSpent.__name__),
        )

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(*(getattr(self, name) + getattr(other, name) for name in _numbers))

    def __sub__(self, other: "Totals") -> "Totals":
        return Totals(*(getattr(self, name) - getattr(other, name) for name in _numbers))

    @property
    def cost(self) -> Cost:
        """As budgets are checked against it."""
        return Cost(self.nano_units / NANO, self.requests, self.bytes)


def count(connection: sa.Connection, row: Mapping[str, Any], more: Totals) -> None:
    """Add to the totals of a row's month and run, in the transaction that writes the row."""
    for table in (MONTHS, RUNS):
        keys = {column.name: row[column.name] for column in table.primary_key}
        ours = (table.c[name] == value for name, value in keys.items())
        added = {name: table.c[name] + getattr(more, name) for name in _numbers}
        if not connection.execute(sa.update(table).where(*ours).values(added)).rowcount:
            connection.execute(sa.insert(table).values(keys | {name: getattr(more, name) for name in _numbers}))


def row_of(connection: sa.Connection, number: int) -> Mapping[str, Any]:
    """What of that row decides what it counts."""
    columns = (REQUESTS.c[name] for name in COUNTED)
    return dict(connection.execute(sa.select(*columns).where(REQUESTS.c.id == number)).mappings().one())


def of_month(connection: sa.Connection, provider: str, month: str) -> dict[str, Totals]:
    """Of each member who asked that provider in that month."""
    ours = MONTHS.c.provider == provider, MONTHS.c.month == month
    found = connection.execute(sa.select(MONTHS.c.member, *(MONTHS.c[name] for name in _numbers)).where(*ours))
    return {member: Totals(*numbers) for member, *numbers in found}


def of_run(connection: sa.Connection, run: str) -> Totals:
    """Of one attempt to carry out a job."""
    query = sa.select(*(RUNS.c[name] for name in _numbers)).where(RUNS.c.run == run)
    found = connection.execute(query).one_or_none()
    return Totals() if found is None else Totals(*found)

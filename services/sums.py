"""The ledger's tables, and what a member, month or recipe comes to."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.errors import InputError

GROUPS = ("member", "month", "recipe")
"""What the ledger can be summed by."""
METADATA = sa.MetaData()
"""As services/database.py makes them."""
_who = ("time", sa.Float), ("month", sa.String), ("member", sa.String), ("recipe", sa.String), ("run", sa.String)
REQUESTS = sa.Table(
    "requests",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    *(sa.Column(name, kind) for name, kind in _who),
    sa.Column("provider", sa.String),
    sa.Column("acquisition", sa.String),
    sa.Column("pixels", sa.Integer),
    sa.Column("tiles", sa.Integer),
    sa.Column("planes", sa.String),
    sa.Column("estimated", sa.Float),
    sa.Column("units", sa.Float),
    sa.Column("bytes", sa.Integer),
    sa.Column("seconds", sa.Float),
    sa.Column("tries", sa.Integer),
    sa.Column("status", sa.Integer),
    sa.Column("error", sa.String),
)
FETCHES = sa.Table(
    "fetches",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    *(sa.Column(name, kind) for name, kind in _who),
    sa.Column("provider", sa.String),
    sa.Column("wanted", sa.Integer),
    sa.Column("saved", sa.Integer),
    sa.Column("price", sa.Float),
    sa.Column("saved_units", sa.Float),
)
CHARGED = sa.func.coalesce(REQUESTS.c.units, REQUESTS.c.estimated)
"""Units of a request; of an open one what it was expected to cost."""
_commas = sa.func.length(REQUESTS.c.planes) - sa.func.length(sa.func.replace(REQUESTS.c.planes, ",", ""))
PLANES = REQUESTS.c.tiles * (_commas + 1)
"""Planes of a request, each of one tile."""


@dataclass(frozen=True)
class Sum:
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


def sums(connection: sa.Connection, by: str, month: str) -> tuple[Sum, ...]:
    """See Ledger.sums."""
    if by not in GROUPS:
        raise InputError(f"The ledger cannot be summed by {by!r}.", f"Choose one of {', '.join(GROUPS)}.")
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


def _sum(key: str, asked: Any, saved: Any) -> Sum:
    return Sum(
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

"""What happens at the providers, for those who watch: this month by provider, and how the last requests ended."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from services.accounting.entry import CHARGED, QUESTIONS, REQUESTS
from services.accounting.ledger import Ledger


@dataclass(frozen=True)
class ProviderActivity:
    """One provider in a month."""

    provider: str
    blocks: int
    """Block requests."""
    requests: int
    """Questions over HTTP."""
    units: float
    """Processing units charged; open ones at their estimate."""
    bytes: int
    seconds: float
    """Of all requests together, with their waits."""
    errors: tuple[tuple[str, int], ...]
    """Kind of the error, and how many requests ended so."""


def activity(ledger: Ledger) -> tuple[ProviderActivity, ...]:
    """What happened at each provider this month. Raises StorageError."""
    rows, month = REQUESTS.c, ledger.month
    sums = [sa.func.sum(part) for part in (QUESTIONS, CHARGED, rows.bytes, rows.seconds)]
    query = sa.select(rows.provider, sa.func.count(), *sums).where(rows.month == month).group_by(rows.provider)
    failed = sa.select(rows.provider, rows.error, sa.func.count()).where(rows.month == month, rows.error != "")
    with ledger.reading() as connection:
        errors = connection.execute(failed.group_by(rows.provider, rows.error)).all()
        found = connection.execute(query).all()
    return tuple(
        ProviderActivity(
            provider=name,
            blocks=blocks,
            requests=int(requests),
            units=float(units),
            bytes=int(size),
            seconds=float(seconds),
            errors=tuple((kind, count) for of, kind, count in errors if of == name),
        )
        for name, blocks, requests, units, size, seconds in found
    )


def outcomes(ledger: Ledger, provider: str, count: int) -> Sequence[str]:
    """How the last requests to a provider ended: kinds of errors, empty where answered; the newest first."""
    ended = sa.select(REQUESTS.c.error).where(REQUESTS.c.provider == provider, REQUESTS.c.tries > 0)
    with ledger.reading() as connection:
        return connection.scalars(ended.order_by(REQUESTS.c.id.desc()).limit(count)).all()

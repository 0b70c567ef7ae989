"""Pace: how long questions to a provider took lately, from the ledger, and how long those of a plan will take about."""

import sqlalchemy as sa

from services.accounting.entry import QUESTIONS, REQUESTS
from services.accounting.ledger import Ledger
from services.plan import Cost

LAST = 50
"""Requests for pixels that the pace is measured by: the newest."""
ASSUMED = 1.0
"""Seconds of one question where none was asked yet."""


def pace(ledger: Ledger, provider: str) -> float | None:
    """Seconds of one question over HTTP on average, with its waits, of the LAST requests for pixels that were answered
    as asked; None where there are none. Raises StorageError."""
    rows = REQUESTS.c
    answered = sa.select(rows.seconds, QUESTIONS.label("questions")).where(
        rows.provider == provider, rows.pixels > 0, rows.tries > 0, rows.error == ""
    )
    latest = answered.order_by(rows.id.desc()).limit(LAST).subquery()
    with ledger.reading() as connection:
        seconds, questions = connection.execute(
            sa.select(sa.func.sum(latest.c.seconds), sa.func.sum(latest.c.questions))
        ).one()
    return float(seconds) / float(questions) if questions else None


def expected_seconds(cost: Cost, each: float | None, connections: int, least: float) -> float:
    """About how long these questions take: one after another over so many connections side by side, each as long as
    lately or as ASSUMED; at least as long as the rate limit makes it last."""
    return max(least, cost.requests * (ASSUMED if each is None else each) / max(1, min(connections, cost.requests)))

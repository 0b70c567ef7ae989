"""What an order waits for where it cannot go on: which errors end it, and which let it wait, and until when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from services.errors import (
    BudgetReached,
    CapacityExceeded,
    ClusterUnreachable,
    CredentialsMissing,
    CredentialsRefused,
    MonthReached,
    NinepatchError,
    ProviderUnreachable,
    QuotaSpent,
    ServiceFailed,
    StorageError,
)

AGAIN_SECONDS, DISK_SECONDS = 60.0, 600.0
"""After which it is tried again: to reach somebody, and whether there is room."""


@dataclass(frozen=True)
class Wait:
    """A pause."""

    words: str
    """For what, a few words."""
    until: float
    """Seconds since 1970 at which it goes on by itself; 0 where somebody must go on."""


def next_month(now: float) -> datetime:
    """Its first moment, UTC."""
    day = datetime.fromtimestamp(now, UTC)
    return datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=UTC)


def _month(now: float) -> Wait:
    first = next_month(now)
    return Wait(f"{first.day} {first:%B %Y}, when a new month begins", first.timestamp())


_WAITS: tuple[tuple[tuple[type[NinepatchError], ...], Callable[[float], Wait]], ...] = (
    ((MonthReached, QuotaSpent), _month),
    ((CapacityExceeded,), lambda now: Wait("room on the disk or in the cache", now + DISK_SECONDS)),
    ((BudgetReached,), lambda _: Wait("a larger cap", 0.0)),
    ((CredentialsMissing, CredentialsRefused), lambda _: Wait("an account", 0.0)),
    ((ProviderUnreachable, ServiceFailed), lambda now: Wait("an answer of the provider", now + AGAIN_SECONDS)),
    ((ClusterUnreachable,), lambda now: Wait("the cluster that composes", now + AGAIN_SECONDS)),
    ((StorageError,), lambda now: Wait("the store, which cannot be used", now + AGAIN_SECONDS)),
)
"""The first that fits; what fits none ends the order."""


def wait_for(error: NinepatchError, now: float) -> Wait | None:
    """How long to wait after that error; None where waiting does not help."""
    return next((wait(now) for kinds, wait in _WAITS if isinstance(error, kinds)), None)

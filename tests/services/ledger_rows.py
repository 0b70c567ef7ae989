"""The rows of a ledger, as many as tests write."""

from services.accounting import Ledger
from services.accounting.entry import Entry
from tests.actors import administrator


def of_pixels(ledger: Ledger) -> tuple[Entry, ...]:
    """Without those of the catalogue."""
    return tuple(entry for entry in entries(ledger) if entry.kind == "pixels")


def entries(ledger: Ledger, month: str = "") -> tuple[Entry, ...]:
    """Of a month, or all; oldest first."""
    return tuple(entry for _, entry in ledger._after(0, administrator(), month))

"""Cancellation: a function that says whether somebody stopped the work."""

from collections.abc import Callable

from services.errors import Cancelled

POLL_SECONDS = 0.05
"""How often a waiting thread looks whether somebody stopped it."""


def never() -> bool:
    """Nobody stops this."""
    return False


def check_cancelled(cancelled: Callable[[], bool]) -> None:
    """Raises Cancelled once somebody stopped the job."""
    if cancelled():
        raise Cancelled("The job was stopped.", "What had been fetched is kept.")

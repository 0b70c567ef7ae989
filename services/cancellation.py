"""Cancellation: a function that says whether somebody stopped the work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore

from services.errors import Cancelled

POLL_SECONDS = 0.05
"""How often a waiting thread looks whether somebody stopped it."""


def never() -> bool:
    """Nobody stops this."""
    return False


def check_cancelled(cancelled: Callable[[], bool]) -> None:
    """Raises Cancelled once somebody stopped the job."""
    if cancelled():
        raise Cancelled("The job was cancelled.", "What had been fetched is kept.")


@contextmanager
def acquired(lock: "Lock | Semaphore", cancelled: Callable[[], bool]) -> Iterator[None]:
    """Hold a lock, or one place of a semaphore; raises Cancelled while it waits for it."""
    while not lock.acquire(timeout=POLL_SECONDS):
        check_cancelled(cancelled)
    try:
        yield
    finally:
        lock.release()

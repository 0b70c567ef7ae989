"""How hard one request is tried: a number of tries, a total time, and a patience with a service that asks to wait."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from services.cancellation import POLL_SECONDS, check_cancelled
from services.errors import BadResponse, ProviderError, ProviderUnreachable, ServiceFailed
from services.settings import Settings

BACKOFF_SECONDS = 0.5
"""Wait before the second try; doubled before each further one, and shortened by up to half at random."""
LONGEST_BACKOFF = 30.0
PASSING = (BadResponse, ProviderUnreachable, ServiceFailed)
"""Errors that may pass: what caused them is tried again."""


T = TypeVar("T")


class Postponed(Exception):
    """The service asks to wait (HTTP 429), and the wait has been noted where the others see it."""


class _Final(Exception):
    """An error that would pass, but is not tried again."""

    def __init__(self, error: ProviderError) -> None:
        super().__init__(error)
        self.error = error


class RetryBudget:
    """What one request may still take. Not for several threads."""

    def __init__(self, settings: Settings, title: str, cancelled: Callable[[], bool]) -> None:
        self._settings, self._title, self._cancelled = settings, title, cancelled
        self._until = time.monotonic() + settings.deadline_seconds
        self._waited = 0.0
        self._postponed = 0
        self.tries = 0
        """Tries begun; those that were answered with "wait" are not counted."""

    @property
    def deadline(self) -> float:
        """Seconds of the monotonic clock at which the request has taken its time."""
        return self._until

    @contextmanager
    def excused(self) -> Iterator[None]:
        """What happens inside counts neither as time that the request takes nor as a try: it has bounds of its own."""
        begun = time.monotonic()
        try:
            yield
        except PASSING as error:
            raise _Final(error) from error
        finally:
            self._until += time.monotonic() - begun

    def waited(self, seconds: float) -> None:
        """The service made it wait so long. Raises ServiceFailed beyond the patience."""
        self._waited += seconds
        self._check_patience(0.0)

    def postponement(self, asked: float | None) -> float:
        """Seconds to wait where a service asks to, `asked` where it says how many: longer each time at least.

        Raises ServiceFailed beyond the patience.
        """
        least = min(LONGEST_BACKOFF, BACKOFF_SECONDS * 2.0 ** (self._postponed - 1))
        self._postponed += 1
        seconds = max(least, LONGEST_BACKOFF / 3 if asked is None else asked)
        self._check_patience(seconds)
        return seconds

    def _check_patience(self, more: float) -> None:
        if self._waited + more > self._settings.patience_seconds:
            raise _Final(
                ServiceFailed(
                    f"{self._title} has too many requests and asks to wait longer than "
                    f"{_duration(self._settings.patience_seconds)}.",
                    "Ask again later, or raise the setting patience_seconds.",
                )
            )

    def persist(self, attempt: Callable[[], T]) -> T:
        """Call `attempt` until it returns, or raises what does not pass, or tries, time or patience are used up."""
        while True:
            check_cancelled(self._cancelled)
            self.tries += 1
            try:
                return attempt()
            except Postponed:
                self.tries -= 1
            except _Final as final:
                raise final.error from final.__cause__
            except PASSING as error:
                self._back_off(error)

    def _back_off(self, error: ProviderError) -> None:
        """Wait before the next try, or raise what ended the last one where tries or time are used up."""
        pause = min(LONGEST_BACKOFF, BACKOFF_SECONDS * 2 ** (self.tries - 1))
        pause *= random.uniform(0.5, 1)  # noqa: S311 - spreads the threads, hides nothing
        if self.tries >= self._settings.tries or time.monotonic() + pause >= self._until:
            if self.tries > 1:
                error.cause = f"{error.cause.rstrip('.')}; it was tried {self.tries} times."
            raise error
        until = time.monotonic() + pause
        while (left := until - time.monotonic()) > 0:
            check_cancelled(self._cancelled)
            time.sleep(min(left, POLL_SECONDS))


def _duration(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 120 else f"{seconds / 60:g} minutes"

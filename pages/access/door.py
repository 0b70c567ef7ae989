"""Authorization of a visitor (the door): to the actor that they are, by the roster and the log-outs, kept for seconds.

Pages and gate ask the same one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pages.access.visitor import Visitor
from services.access import Actor, AuditLog, LogOuts, Roster
from services.settings import Settings

FRESH_SECONDS = 5.0
"""How long an answer holds: each page brings some dozen requests."""
_MOST = 10_000
"""Visitors whose answers are kept."""


@dataclass(frozen=True)
class Answer:
    """What the door says of a visitor."""

    actor: Actor | None
    """None where they have no role here, or are logged out."""
    logged_out: bool
    """Whether their login was ended."""


class Door:
    """Refuses by default; threads may share it. All but `kept` raise StorageError where the database fails."""

    def __init__(
        self,
        settings: Settings,
        roster: Roster,
        log_outs: LogOuts,
        audit: AuditLog,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._roster, self._log_outs, self._seconds = roster, log_outs, settings.session_hours * 3600
        self._audit = audit
        self._clock, self._kept = clock, dict[Visitor, tuple[float, Answer]]()

    def answer(self, visitor: Visitor) -> Answer:
        """Who it is, and as what; an answer of some seconds ago where there is one."""
        kept = self.kept(visitor)
        if kept is not None:
            return kept
        now = self._clock()
        out = bool(visitor.login) and self._log_outs.has(visitor.login)
        role = None if out else self._roster.role(visitor.name, visitor.groups)
        found = Answer(None if role is None else Actor(visitor.name, role), out)
        if role is None and not out:
            self._audit.refused(visitor.name, "has no role here")
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[visitor] = (now, found)
        return found

    def kept(self, visitor: Visitor) -> Answer | None:
        """An answer that nobody has to be asked for."""
        since, found = self._kept.get(visitor, (0.0, None))
        return found if found is not None and 0 <= self._clock() - since < FRESH_SECONDS else None

    def log_out(self, visitor: Visitor) -> None:
        """End the login, also for copies of its cookie: at once in this process, within FRESH_SECONDS in others."""
        if visitor.login:
            self._log_outs.add(visitor.login, self._seconds)
        self._kept.pop(visitor, None)

"""Roster: who has which role, by the lists of the settings and the table of members; refuses whoever is in neither."""

import math
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from services.access.actor import Actor, Role
from services.access.audit import Action, record
from services.errors import InputError
from services.settings import Settings
from services.storage import Database, table_of
from services.text import quoted

REMOVED = "removed"
"""In the place of a role: refused, whatever the settings say of the domain or a group."""
ROLES = {role.title: role for role in Role}
"""By their titles."""
_GROUP, _DOMAIN = "group:", "@"
LONGEST_NAME = 254
"""Characters of an e-mail address (RFC 5321, with the brackets left out)."""
_FRESH_SECONDS = 2.0
"""How long what was read of the table counts: within it after a change all processes know."""


@dataclass(frozen=True)
class OwnBudget:
    """What one person may spend a month at one provider, where it is not as the settings say."""

    units: float | None = None
    """Processing units; None is the setting's, 0 is no limit."""
    gb: float | None = None
    """Download, likewise."""

    @property
    def words(self) -> str:
        """For people: `100 units, download as all`."""
        units = "units as all" if self.units is None else f"{self.units:,g} units" if self.units else "any units"
        download = "download as all" if self.gb is None else f"{self.gb:,g} GB" if self.gb else "any download"
        return f"{units}, {download}"


@dataclass(frozen=True)
class Member:
    """A row of the table."""

    id: str
    """The proven name, an e-mail address usually, as `known_as` writes it."""
    role: str
    """Title of a Role, or REMOVED."""
    units: float | None
    gb: float | None
    """See OwnBudget."""
    added: float
    """Seconds since 1970 of the first row of that name."""
    added_by: str
    """Name of who wrote it last."""

    @property
    def budget(self) -> OwnBudget:
        """The own one."""
        return OwnBudget(self.units, self.gb)


_rows = table_of("members", Member)


def known_as(name: str) -> str:
    """How a name is compared: without blanks around it, ASCII letters in lower case.

    Other letters stay as they are: `str.lower` makes the Kelvin sign a k, and so one person of two.
    """
    return "".join(letter.lower() if letter.isascii() else letter for letter in name.strip())


class Roster:
    """The lists and the table. Threads may share it; every method raises StorageError where the database fails."""

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock, self._reading = database, clock, threading.Lock()
        lists = (Role.ADMINISTRATOR, settings.administrators), (Role.MEMBER, settings.members)
        self._rules = [
            (role, known_as(word)) for role, words in (*lists, (Role.VIEWER, settings.viewers)) for word in words
        ]
        self._read: tuple[float, Mapping[str, Member]] | None = None

    def role(self, name: str, groups: Collection[str] = ()) -> Role | None:
        """The highest that fits a proven name and its groups; None where none does, or where they were removed."""
        name, row = known_as(name), self._table().get(known_as(name))
        if not name or (row is not None and row.role == REMOVED):
            return None
        found = [role for role, word in self._rules if _fits(word, name, frozenset(map(known_as, groups)))]
        return max((*found, *([ROLES[row.role]] if row else ())), default=None)

    def removed(self, name: str) -> bool:
        """Whether that name is in the table as removed."""
        row = self._table().get(known_as(name))
        return row is not None and row.role == REMOVED

    def budget(self, name: str) -> OwnBudget:
        """The own one of that name, of whom the table may know nothing."""
        row = self._table().get(known_as(name))
        return row.budget if row else OwnBudget()

    def listed(self, actor: Actor) -> tuple[Member, ...]:
        """Whoever is named, by the table or by an address in the settings, by name. Raises NotAllowed.

        Of the latter `role` is what it comes to, and `added_by` is empty.
        """
        actor.require(Role.ADMINISTRATOR, "see the members")
        found = dict(self._table())
        for _, word in self._rules:
            role = self.role(word)
            if not word.startswith((_GROUP, _DOMAIN)) and role is not None:
                before = found.get(word, Member(word, "", None, None, 0.0, ""))
                found[word] = replace(before, role=role.title)
        return tuple(sorted(found.values(), key=lambda one: one.id))

    @property
    def rules(self) -> tuple[tuple[Role, str], ...]:
        """Domains and groups of the settings, with the role of theirs."""
        return tuple((role, word) for role, word in self._rules if word.startswith((_GROUP, _DOMAIN)))

    def put(self, name: str, role: Role, actor: Actor, budget: OwnBudget | None = None) -> Member:
        """Add somebody, or change role and own budget of somebody; without a budget the own one stays.

        Raises NotAllowed, and InputError where it is no name or no budget.
        """
        actor.require(Role.ADMINISTRATOR, "change a member")
        name = _named(name)
        for amount in (budget.units, budget.gb) if budget else ():
            _require_amount(amount)
        return self._write(name, role.title, budget, actor)

    def remove(self, name: str, actor: Actor) -> Member:
        """Refuse somebody from now on, also where a domain or a group of theirs is listed. Raises as `put`."""
        actor.require(Role.ADMINISTRATOR, "remove a member")
        return self._write(_named(name), REMOVED, None, actor)

    def _write(self, name: str, role: str, budget: OwnBudget | None, actor: Actor) -> Member:
        with self._database.transaction(write=True) as connection:
            found = connection.execute(sa.select(_rows).where(_rows.c.id == name)).mappings().one_or_none()
            before = Member(**found) if found else None
            own = budget or (before.budget if before else OwnBudget())
            row = Member(name, role, own.units, own.gb, before.added if before else time.time(), actor.name)
            connection.execute(sa.delete(_rows).where(_rows.c.id == name))
            connection.execute(sa.insert(_rows).values(vars(row)))
            _record(connection, actor, before, row)
        with self._reading:
            self._read = None
        return row

    def _table(self) -> Mapping[str, Member]:
        """All rows by their names, as they were a moment ago."""
        with self._reading:
            if self._read is None or self._clock() - self._read[0] > _FRESH_SECONDS:
                now = self._clock()
                with self._database.transaction() as connection:
                    rows = [Member(**row) for row in connection.execute(sa.select(_rows)).mappings()]
                self._read = now, {row.id: row for row in rows}
            return self._read[1]


def _fits(word: str, name: str, groups: frozenset[str]) -> bool:
    """Whether a word of the settings means that person; a name that looks like a group or domain is none."""
    if word.startswith(_GROUP):
        return word.removeprefix(_GROUP).strip() in groups
    local, _, domain = name.rpartition("@")
    if word.startswith(_DOMAIN):
        return bool(local) and domain == word.removeprefix(_DOMAIN)
    return name == word


def _record(connection: sa.Connection, actor: Actor, before: Member | None, row: Member) -> None:
    """What changed, in the audit log; nothing where nothing did."""
    was = before.role if before else ""
    if row.role != was:
        new, gone = was in ("", REMOVED), row.role == REMOVED
        action = Action.MEMBER_REMOVED if gone else Action.MEMBER_ADDED if new else Action.MEMBER_CHANGED
        record(connection, actor, action, row.id, f"{was}, now {row.role}" if was else row.role)
    if row.budget != (before.budget if before else OwnBudget()):
        record(connection, actor, Action.BUDGET_CHANGED, row.id, row.budget.words)


def _named(name: str) -> str:
    found = known_as(name)
    if not found or not found.isprintable() or len(found) > LONGEST_NAME or any(sign in found for sign in " ,"):
        raise InputError(f"{quoted(name, 60)} is no name of a person.", "Give an e-mail address.")
    if found.startswith((_GROUP, _DOMAIN)):
        raise InputError(
            f"{quoted(name, 60)} means many people.",
            "List domains and groups in the settings administrators, members or viewers; here, give an e-mail address.",
        )
    return found


def _require_amount(amount: float | None) -> None:
    if amount is not None and not (math.isfinite(amount) and amount >= 0):
        raise InputError(f"A budget cannot be {amount:g}.", "Give 0 for no limit, or a number above it.")

"""Who may come in, and as what: the table of members beside the lists of the settings."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from services.access import ROLES, OwnBudget, Role, Roster
from services.access import Member as Row
from services.errors import InputError
from services.settings import load_settings
from services.storage import Database
from services.text import quoted
from terminal.member import Member, terminal_actor
from terminal.options import Json
from terminal.output import people, table

members = typer.Typer(no_args_is_help=True, help="List, add, change or remove the people of a server with a login.")
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address that the login proves.")]
AS_ALL = "all"
"""In the place of an own budget."""


def _role(word: str) -> Role:
    found = ROLES.get(word.strip().lower())
    if found is None:
        raise InputError(f"{quoted(word, 40)} is no role.", f"Give one of {', '.join(ROLES)}.")
    return found


def _amount(word: str, option: str) -> float | None:
    """A number; None for what all have."""
    if word.strip().lower() == AS_ALL:
        return None
    try:
        return float(word)
    except ValueError:
        raise InputError(f"{option} must be a number or {AS_ALL}, got {quoted(word, 40)}.", "Give 100.") from None


@members.command("list")
def listed(as_json: Json = False) -> None:
    """List whoever is named, with role and own budget, and the domains and groups of the settings."""
    settings = load_settings()
    roster = Roster(settings, Database.of(settings))
    found = roster.listed(terminal_actor(settings))
    if as_json:
        rules = [{"who": word, "role": role.title} for role, word in roster.rules]
        print(json.dumps({"members": list(map(asdict, found)), "rules": rules}))
        return
    rows = [(one.id, one.role, one.budget.words, one.added_by or "the settings") for one in found]
    table(
        ("who", "role", "own budget a month", "by"),
        [*rows, *((word, role.title, "as all", "the settings") for role, word in roster.rules)],
        whole=("who",),
    )


@members.command()
def add(
    email: Email,
    role: Annotated[str, typer.Option(help="viewer, member or administrator; as before unless given.")] = "",
    units: Annotated[str, typer.Option(help="Own budget in units a month; 0 is no limit, all is the setting's.")] = "",
    gb: Annotated[str, typer.Option(help="Own budget in GB to download a month, likewise.")] = "",
    member: Member = "",
    as_json: Json = False,
) -> None:
    """Add somebody, or change role or own budget."""
    settings = load_settings()
    roster = Roster(settings, Database.of(settings))
    own = roster.budget(email)
    budget = OwnBudget(
        _amount(units, "--units") if units else own.units,
        _amount(gb, "--gb") if gb else own.gb,
    )
    chosen = _role(role) if role else roster.role(email) or Role.MEMBER
    _say(roster, roster.put(email, chosen, terminal_actor(settings, member), budget), as_json=as_json)


@members.command()
def remove(email: Email, member: Member = "", as_json: Json = False) -> None:
    """Refuse somebody from now on, also where their domain or group is listed; their jobs go on."""
    settings = load_settings()
    roster = Roster(settings, Database.of(settings))
    _say(roster, roster.remove(email, terminal_actor(settings, member)), as_json=as_json)


@members.command("role")
def role_of(
    email: Email,
    group: Annotated[list[str] | None, typer.Option(help="A group that the login tells of them.")] = None,
    as_json: Json = False,
) -> None:
    """Say which role somebody has, by the table and by the lists of the settings."""
    settings = load_settings()
    found = Roster(settings, Database.of(settings)).role(email, group or ())
    title = found.title if found else None
    print(json.dumps({"who": email, "role": title}) if as_json else title or "none: refused")


def _say(roster: Roster, row: Row, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(row)))
        return
    print(f"{row.id}: {row.role}; {row.budget.words}.")
    counts = roster.role(row.id)
    if counts is not None and counts.title != row.role:
        people.print(f"By the settings it is {counts.title}, and the higher one counts.", markup=False, highlight=False)

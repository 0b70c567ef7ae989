"""Visitor: somebody who has proven who they are; what of it pages and routes get to know."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from services.access import LONGEST_NAME, VISITOR_HEADER, known_as
from services.text import printable

HEADER = VISITOR_HEADER
PROXIED = "proxied"
"""In a request's state: whether a proxy brought it, which says from where."""
NOBODY = "somebody"
"""Where nothing is known."""
COOKIE = "ninepatch_member"
"""Of a name that was typed, where nobody logs in."""
LONGEST = 100
"""Characters of such a name."""


@dataclass(frozen=True)
class Visitor:
    """Proven by a login or by a proxy that is believed."""

    name: str
    """The e-mail address, or what else the settings take for it, in lower case."""
    groups: tuple[str, ...] = ()
    login: str = ""
    """Digest of the login, by which it can be revoked; empty where a proxy says who it is."""

    def header(self) -> bytes:
        """As the gate hands it on."""
        return json.dumps(asdict(self)).encode("ascii")


def handed_on(headers: Mapping[str, str]) -> Visitor | None:
    """The visitor that the gate let in, by the headers of a connection; None where there was no gate."""
    text = headers.get(HEADER, "")
    if not text:
        return None
    fields = json.loads(text)
    return Visitor(fields["name"], tuple(fields["groups"]), fields["login"])


def one_line(name: str) -> str:
    """A name without line breaks and other things that cannot be seen, not too long."""
    return " ".join(printable(name).split())[:LONGEST]


def proven_name(said: object) -> str:
    """What a claim or a header says, as names are compared; empty where it can be no name.

    It is never cut, or two people could become one.
    """
    name = known_as(said) if isinstance(said, str) else ""
    return name if name.isprintable() and len(name) <= LONGEST_NAME else ""


def words(said: object) -> tuple[str, ...]:
    """Groups, as a list or between commas."""
    parts = said.split(",") if isinstance(said, str) else said if isinstance(said, list) else []
    return tuple(part.strip() for part in parts if isinstance(part, str) and part.strip())

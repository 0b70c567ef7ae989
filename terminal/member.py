"""Who asks in the terminal."""

import getpass
from typing import Annotated

import typer

from services.access import Actor, Role
from services.settings import Settings

Member = Annotated[
    str, typer.Option(envvar="NINEPATCH_MEMBER", help="Who asks, for the usage; your login name unless given.")
]
NOBODY = "somebody"
"""Where the machine knows no name."""


def member_name(given: str, settings: Settings) -> str:
    """A name in one line: the one that is given, else the settings', else the login name."""
    name = "".join(one for one in given or settings.member if one.isprintable()).strip()[:100]
    if name:
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return NOBODY


def terminal_actor(settings: Settings, given: str = "") -> Actor:
    """Who acts here: whoever may write NINEPATCH_HOME is an administrator."""
    return Actor(member_name(given, settings), Role.ADMINISTRATOR)

"""What is wrong with a server, and what to do."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from services.errors import NinepatchError, SettingsError
from services.settings import Settings, load_settings
from services.text import printable
from terminal.options import Json
from terminal.providers import check_steps

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.observing import Finding
    from services.providers import Step

MARKS = {"ok": "ok     ", "warning": "WARNING", "wrong": "WRONG  "}


def doctor(
    ask: Annotated[bool, typer.Option("--ask", help="Ask the provider too, at next to no cost.")] = False,
    as_json: Json = False,
) -> None:
    """Say what is set, reachable, writable and how full, and what to do; the exit status is 1 where it is wrong."""
    from services.observing import Finding, State, diagnose

    try:
        settings = load_settings()
        found = list(diagnose(settings, _steps(settings) if ask else ()))
    except SettingsError as error:
        found = [Finding("settings", State.WRONG, error.cause, error.remedy)]
    if as_json:
        print(json.dumps({"findings": list(map(asdict, found))}))
    else:
        for one in found:
            _tell(one)
    if any(one.state is State.WRONG for one in found):
        raise typer.Exit(1)


def _tell(found: "Finding") -> None:
    """A line, and what to do below it; what others wrote steers no terminal."""
    words = f"{MARKS[found.state]} {found.topic:<9} {found.said}"
    lines = [words, f"{'':18}→ {found.remedy}"] if found.remedy else [words]
    for line in lines:
        print(printable(line))


def _steps(settings: Settings) -> "Iterator[Step]":
    """What a provider says that is asked, where there is one to ask."""
    from services.providers import Step, find_provider

    try:
        steps = check_steps(settings, find_provider(settings).name)
        yield from (Step(step["step"], step["ok"], step["sentence"]) for step in steps)
    except NinepatchError as error:
        yield Step("asking", False, str(error))

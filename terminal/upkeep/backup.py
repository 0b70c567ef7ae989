"""Backups of a server that runs, and their way back."""

from pathlib import Path
from typing import Annotated, Any

import typer

from services.settings import load_settings
from services.storage import Backup, Database, back_up
from services.storage import restore as put_back
from terminal.options import Json
from terminal.output import people, say


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", help="Where to write; a folder gets a dated file.")],
    cache: Annotated[bool, typer.Option("--cache", help="With the frames, which may be many GB.")] = False,
    as_json: Json = False,
) -> None:
    """Write jobs, ledger, library, members, audit log and areas into one file, checked, while the server runs."""
    settings = load_settings()
    path, found = back_up(Database.of(settings), target, cache=cache)
    say({"file": str(path), "bytes": path.stat().st_size, **_plain(found)}, as_json)
    besides = "" if cache else "; the frames of the cache are not in it either (--cache)"
    _tell(f"It was read again and is whole. Settings and secrets stay here, results are made again{besides}.")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup, or a copy of NINEPATCH_HOME/backups.")],
    force: Annotated[bool, typer.Option("--force", help="Where there is data already: keep it aside.")] = False,
    as_json: Json = False,
) -> None:
    """Put a backup in the place of an empty home, on either database, while the server is stopped."""
    settings = load_settings()
    found, aside = put_back(file, settings, force=force)
    say({"home": str(settings.home), "kept_aside": str(aside or ""), **_plain(found)}, as_json)
    if aside:
        _tell(f"What was there is in {aside}; remove it once all is well.")


def _plain(found: Backup) -> dict[str, Any]:
    made = {"made": found.made, "program": found.program, "version": found.version}
    return made | found.rows | {"areas": found.areas, "frames": found.frames}


def _tell(sentence: str) -> None:
    people.print(sentence, markup=False, highlight=False, soft_wrap=True)

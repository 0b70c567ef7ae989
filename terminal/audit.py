"""What was done to others' work and to the team's own, and by whom."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from services.access import AuditLog
from services.settings import load_settings
from services.storage import Database
from terminal.member import terminal_actor
from terminal.options import Json
from terminal.output import table


def audit(
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 50,
    csv: Annotated[bool, typer.Option("--csv", help="All of it for spreadsheets, the oldest first.")] = False,
    as_json: Json = False,
) -> None:
    """Say who stopped, cleared, removed or changed what; and who was refused."""
    settings = load_settings()
    log, actor = AuditLog(Database.of(settings)), terminal_actor(settings)
    if csv:
        for piece in log.csv_lines(actor):
            print(piece, end="")
        return
    found = log.recent(actor, limit)
    if as_json:
        print(json.dumps({"audit": [asdict(row) for row in found]}))
    elif found:
        table(
            ("when", "who", "role", "what", "of", "more"),
            [
                (
                    f"{datetime.fromtimestamp(row.time).astimezone():%Y-%m-%d %H:%M}",
                    *(row.actor, row.role or "–", row.action, row.subject, row.detail),
                )
                for row in found
            ],
        )
    else:
        print("Nothing was recorded yet.")

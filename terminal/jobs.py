"""The jobs of all members."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.errors import NinepatchError
from services.recipe import Recipe
from services.settings import load_settings
from services.storage import Database
from services.text import megabytes
from terminal.member import Member, terminal_actor
from terminal.options import Json
from terminal.output import table

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.jobs import Job

LEFT_OUT = ("recipe", "run", "worker")
"""What a list of jobs for machines does without."""
_COLUMNS = ("job", "member", "queued", "kind", "what", "state", "requests", "units", "received", "words")


def jobs(
    cancel: Annotated[str, typer.Option(metavar="ID", help="Cancel this job; what it has fetched is kept.")] = "",
    resume: Annotated[str, typer.Option(metavar="ID", help="Go on with a job that failed or was cancelled.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
    member: Member = "",
    as_json: Json = False,
) -> None:
    """List the jobs of all members; cancel one, or go on with one."""
    from services.jobs import SPENDING, JobStore

    settings = load_settings()
    store, actor = JobStore(Database.of(settings)), terminal_actor(settings, member)
    changed = [change(key, actor) for change, key in ((store.cancel, cancel), (store.resume, resume)) if key]
    found = changed or store.recent(*SPENDING, limit=limit)
    if as_json:
        print(json.dumps({"jobs": [plain(job) for job in found]}))
    elif found:
        table(
            ("job", "member", "queued", "kind", "what", "state", "requests", "units", "received", "words"),
            map(_row, found),
        )
    else:
        print("There are no jobs.")


def plain(job: "Job") -> dict[str, Any]:
    """As machines read it."""
    return {key: value for key, value in asdict(job).items() if key not in LEFT_OUT} | {"what": what(job)}


def what(job: "Job") -> str:
    """The question in one word."""
    try:
        return Recipe.from_json(job.recipe).slug
    except NinepatchError:  # a job of another version
        return "?"


def _row(job: "Job") -> tuple[str, ...]:
    from services.jobs import TITLES

    queued = datetime.fromtimestamp(job.created).astimezone()
    requests = "{} of {}".format(*job.asked) if job.total else "–"
    words = f"{job.cause} {job.remedy}".strip() if not job.unfinished else job.waiting or job.phase
    state = "cancelling" if job.cancel and job.unfinished else job.state
    spent = f"{job.units:,.1f}" if job.units else "–", megabytes(job.bytes)
    kind = TITLES.get(job.kind, job.kind)
    return job.id, job.member or "–", f"{queued:%Y-%m-%d %H:%M}", kind, what(job), state, requests, *spent, words

"""The same product in a terminal.

Exit status: 0 done, 2 wrong input, 3 no data, 4 provider failed, 5 disk failed, 6 over budget, memory or disk,
7 done with gaps, 8 not allowed.
"""

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from typer.exceptions import TyperException

from services import __version__
from services.errors import InputError, NinepatchError
from services.privacy import keep_private, usual_rights
from services.settings import default_home, load_settings, settings_file
from services.text import megabytes
from terminal.audit import audit
from terminal.demo import demo
from terminal.estimate import estimate
from terminal.jobs import jobs
from terminal.ledger import ledger
from terminal.looking import series, timelapse
from terminal.member import Member, member_name
from terminal.members import members
from terminal.options import Json, area_options, asks, date_options, picture_options
from terminal.order import order
from terminal.output import people, say, table, without_units
from terminal.providers import gaps_told, providers, tell_gaps
from terminal.question import Question
from terminal.serve import serve
from terminal.upkeep import backup, doctor, health, restore
from terminal.vetoes import by_hand

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"Ninepatch {__version__}")
        raise typer.Exit


@app.callback()
def program(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - it is asked before
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """The same product in a terminal."""
    if context.invoked_subcommand not in {"serve", "worker"}:  # they do it themselves, and say it in their logs
        keep_private(default_home(), settings_file())


@app.command()
@asks(area_options)
def grid(question: Question, as_json: Json = False) -> None:
    """Show the grid over an area, and the neighbourhood of a tile."""
    found = question.grid
    width, height = found.lattice.size_px(question.resolution)
    index = question.centre_index
    numbers = [tile.number for tile in map(found.tile, found.lattice.neighbourhood(index, question.radius).indices)]
    side = 2 * question.radius + 1
    plain = {
        "area": found.aoi.name,
        "area_km2": round(found.aoi.area_km2, 1),
        "centroid": [round(part, 5) for part in found.aoi.centroid],
        "epsg": found.lattice.epsg,
        "grid": f"{found.columns} × {found.rows}",
        "tiles": len(found),
        "tile_metres": f"{found.lattice.dx:,.0f} × {found.lattice.dy:,.0f}",
        "tile_pixels": f"{width} × {height}",
        "centre": str(index),
        "centre_number": found.number(index),
        "neighbourhood": [numbers[row * side : (row + 1) * side] for row in range(side)],
        "notes": list(found.aoi.notes),
    }
    say(plain, as_json)
    if not as_json:
        for row in plain["neighbourhood"]:  # type: ignore[attr-defined] # a list of lists of numbers
            print("  ".join(f"{'outside' if number is None else number:>7}" for number in row))
        for note in found.aoi.notes:
            people.print(note, markup=False)


@app.command()
@asks(area_options, date_options)
def acquisitions(question: Question, member: Member = "", as_json: Json = False) -> None:
    """List what there is, and what the cloud limit keeps."""
    from services.catalogue import choose
    from services.ninepatch import Ninepatch
    from services.runtime import archive_where_needed
    from terminal.slivers import slivers_told

    recipe = question.recipe
    with archive_where_needed(question.settings, recipe.provider) as settings:
        product = Ninepatch(settings)
        search = partial(product.search, member=member_name(member, settings))
        recipe = by_hand(recipe, question.veto, question.include, search)
        chosen = choose(search(recipe), recipe)
        notes, slivers = (*product.notes(recipe), *gaps_told(product, recipe)), slivers_told(product, recipe)
    rows: list[dict[str, Any]] = [
        {
            "date": choice.acquisition.date,
            "key": choice.acquisition.key,
            "satellite": choice.acquisition.satellite,
            "orbit": choice.acquisition.orbit,
            "cloud_cover": choice.acquisition.cloud_cover,
            "coverage": round(choice.acquisition.coverage, 4),
            "kept": choice.kept,
            "vetoed": choice.vetoed,
            "sliver": choice.sliver,
            "reason": choice.reason or (f"included by hand: {choice.included}" if choice.included else ""),
        }
        for choice in chosen
    ]
    for note in notes:
        people.print(note, markup=False, highlight=False, soft_wrap=True)
    kept, left_out = (sum(row[key] for row in rows) for key in ("kept", "vetoed"))
    if as_json:
        print(json.dumps({"acquisitions": rows, "kept": kept, "notes": notes}))
        return
    table(
        ("date", "key", "satellite", "orbit", "scene cloud cover %", "covers %", "used", "reason"),
        [
            (
                *(row[key] for key in ("date", "key", "satellite", "orbit")),
                f"{choice.acquisition.cloud_cover:.1f}",
                f"{100 * choice.acquisition.coverage:.0f}",
                "yes" if choice.kept else "no",
                row["reason"],
            )
            for row, choice in zip(rows, chosen, strict=True)
        ],
        whole=("date", "key"),
    )
    besides = f", {left_out} excluded" if left_out else ""
    print(f"{kept} of {len(rows)} acquisitions at or under {recipe.maxcc} %{besides}")
    if slivers:
        print(slivers)


app.command()(estimate)


@app.command()
@asks(area_options, date_options, picture_options)
def fetch(
    question: Question,
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("outputs"),
    member: Member = "",
    as_json: Json = False,
) -> None:
    """Fetch what is missing and write the picture and its files."""
    from services.export import copy_result
    from services.jobs import Progress as Step
    from services.ninepatch import Ninepatch
    from services.plan import Cost
    from services.runtime import archive_where_needed
    from terminal.slivers import slivers_told

    recipe = question.recipe
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with (
        archive_where_needed(question.settings, recipe.provider) as settings,
        Progress(*columns, console=people, disable=as_json) as bar,
    ):
        task = bar.add_task("asking the catalogue", total=None)

        def show(step: Step) -> None:
            cost = words.price(Cost(step.units, step.requests, step.bytes))
            came = f" · {megabytes(step.bytes)}" if words.units else ""
            bar.update(task, description=f"{step.phase} · {cost}{came}", completed=step.done, total=step.total or None)

        product = Ninepatch(settings)
        words = product.provider(recipe).words
        name = member_name(member, settings)
        recipe = by_hand(recipe, question.veto, question.include, partial(product.search, member=name))
        tell_gaps(product, recipe)
        result, spent = product.fetch(recipe, report=show, member=name)
        with usual_rights():
            files = copy_result(product.results.folder(recipe.digest), result, out)
        gone, slivers = product.results.room.removals(recipe.digest), slivers_told(product, recipe)
    names = [str(file) for file in files]
    plain = {"acquisitions": len(result.observations), **asdict(spent), "files": names}
    if slivers:
        people.print(slivers, markup=False, highlight=False, soft_wrap=True)
    if gone:
        removed = ", ".join(removal.name for removal in gone)
        people.print(
            f"Older results made room (setting results_gb): {removed}.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    say(plain if as_json or words.units else without_units(plain), as_json)
    if not as_json:
        print(*names, sep="\n")
        print(result.attribution)


app.command()(series)
app.command()(timelapse)
app.command()(demo)


app.command(hidden=True)(health)
app.command()(jobs)
app.command()(ledger)
app.command()(backup)
app.command()(doctor)
app.command()(restore)
app.command()(providers)
app.command()(serve)
app.add_typer(members, name="members")
app.add_typer(order, name="order")
app.command()(audit)


@app.command()
def worker(parent: Annotated[int, typer.Option(help="End when this process does.", hidden=True)] = 0) -> None:
    """Carry out the jobs that the web application queues."""
    import signal
    import threading

    from services.logs import log_to
    from services.runtime import Worker, archive_where_needed, follow

    settings = load_settings()
    log_to(settings, "worker", console=not parent)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if parent:
        follow(parent, stop)
    with archive_where_needed(settings) as ready:
        Worker(ready).run(stop)


def main() -> None:
    """Run a command; a known error is a sentence on standard error and its exit status."""
    try:
        status = app(standalone_mode=False)
    except NinepatchError as error:
        people.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_status)
    except TyperException as error:  # the words of the command line themselves
        people.print(
            f"{error.format_message().rstrip('.')}. Try --help.", markup=False, highlight=False, soft_wrap=True
        )
        sys.exit(InputError.exit_status)
    except (typer.Abort, KeyboardInterrupt):
        people.print("Cancelled. What had been fetched is kept.")
        sys.exit(130)
    sys.exit(status or 0)


if __name__ == "__main__":
    main()

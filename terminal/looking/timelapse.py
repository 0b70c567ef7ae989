"""A timelapse of what the cache has, as the page of results makes it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from services.errors import StorageError
from services.privacy import usual_rights
from services.text import plural
from terminal.looking.series import known
from terminal.options import Json, area_options, asks, date_options, picture_options
from terminal.output import people
from terminal.question import Question
from terminal.vetoes import by_hand

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.animation import AnimationService, Request, Timelapse

_PATIENCE_SECONDS = 0.3
"""Between two looks at how far it is."""


@asks(area_options, date_options, picture_options)
def timelapse(
    question: Question,
    view: Annotated[str, typer.Option(help="What is shown, as in a link: true, ndvi; the usual one if empty.")] = "",
    each: Annotated[str, typer.Option(help="One picture for each of these: dates, months, years.")] = "dates",
    seconds: Annotated[float, typer.Option(help="That a picture is seen: 0.2, 0.5, 1 or 2.")] = 0.5,
    size: Annotated[int, typer.Option(help="Longest side in px: 330, 660 or 990.")] = 990,
    without_clouds: Annotated[
        bool, typer.Option("--without-clouds", help="Of dates: leave out what the mask takes for cloud.")
    ] = False,
    out: Annotated[Path, typer.Option(help="The file: .webp, .gif or .mp4.")] = Path("timelapse.webp"),
    as_json: Json = False,
) -> None:
    """Write a timelapse of the cached dates, months or years; nothing is fetched."""
    from services.animation import Request
    from services.ninepatch import Ninepatch
    from services.render import default_view

    product = Ninepatch(question.settings)
    recipe = by_hand(question.recipe, question.veto, question.include, lambda recipe: known(product, recipe))
    form, shown = out.suffix.removeprefix(".").lower(), view or default_view(recipe.bands).name
    made = _made(product.animations, Request(recipe, shown, each, form, size, seconds, without_clouds), quiet=as_json)
    content = product.preview_service.book.read(made.digest, made.file)
    if content is None:
        raise StorageError("The timelapse made room for others before it was copied.", "Ask for it again.")
    try:
        with usual_rights():
            out.write_bytes(content)
    except OSError as error:
        raise StorageError(f"The file {out} cannot be written: {error.strerror}.", "Choose another one.") from error
    _tell(made, out, as_json=as_json)


def _made(service: "AnimationService", asked: "Request", *, quiet: bool) -> "Timelapse":
    """It, with a bar on the way."""
    from services.preview import StillDrawing

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()
    with Progress(*columns, console=people, disable=quiet) as bar:
        task = bar.add_task("drawing", total=None)
        while True:
            try:
                return service.timelapse(asked, _PATIENCE_SECONDS)
            except StillDrawing:
                done, total = service.progress(asked)
                bar.update(task, completed=done, total=total or None)


def _tell(made: "Timelapse", out: Path, *, as_json: bool) -> None:
    if as_json:
        told = {"labels": made.labels, "left_out": made.left_out, "width": made.width, "height": made.height}
        print(json.dumps({"file": str(out), **told, "bytes": made.size, "simulated": made.simulated}))
        return
    print(f"{out}: {plural(len(made.labels), 'picture')}, {made.labels[0]} to {made.labels[-1]}")
    if made.left_out:
        people.print(
            f"Left out, for they are not cached: {', '.join(made.left_out)}.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if made.simulated:
        print("Simulated data.")

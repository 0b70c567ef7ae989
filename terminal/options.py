"""Options that several commands share, written once and joined to each command's own."""

import inspect
from collections.abc import Callable, Collection
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from services.recipe import BEGINNING, DATE_RULES, METHODS, USUAL, Recipe, offered_masks
from services.settings import load_settings
from services.text import quoted
from terminal.output import people
from terminal.question import Question

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, for machines.")]


def whole_percent(typed: str | int) -> int:
    """A cloud limit; a part of one is told that percent are meant."""
    text = str(typed)
    try:
        number = float(text.strip().removesuffix("%"))
    except ValueError as error:
        raise typer.BadParameter(f"whole percent are meant, like 10, got {quoted(text, 20)}") from error
    if number != int(number):
        about = f"{100 * number:.0f}" if 0 < number < 1 else f"{number:.0f}"
        raise typer.BadParameter(f"whole percent are meant: for {text[:20]} give --maxcc {about}")
    return int(number)


def area_options(
    aoi: Annotated[
        str,
        typer.Option(help="The area: a file, GeoJSON, WKT, 'west, south, east, north', '52.37, 4.89', or a place."),
    ] = "",
    split: Annotated[str, typer.Option(help="Columns × rows over the area's extent, e.g. 54x39.")] = "",
    tile_size: Annotated[int | None, typer.Option(help="Tile size in metres of the team grid.")] = None,
    centre: Annotated[str, typer.Option(help="The centre tile: x from the west, y from the south, e.g. 35,25.")] = "",
    radius: Annotated[int, typer.Option(help="Tiles around the centre: 0, 1 or 2.")] = 1,
) -> None:
    """The options of commands that need an area."""


def date_options(
    year: Annotated[int | None, typer.Option(help="A calendar year, UTC.")] = None,
    from_: Annotated[str, typer.Option("--from", help="First day, e.g. 2017-05-01.")] = "",
    to: Annotated[str, typer.Option(help="Last day, which is part of it, e.g. 2017-08-31.")] = "",
    months: Annotated[
        str, typer.Option(help="Months of the year that count, e.g. 6-8 or 12-2; also of several years.")
    ] = "",
    maxcc: Annotated[
        int,
        typer.Option(
            parser=whole_percent, metavar="PERCENT", help="Max. scene cloud cover of an acquisition, whole percent."
        ),
    ] = 10,
    least_coverage: Annotated[
        int | None,
        typer.Option(
            min=0, max=100, metavar="PERCENT", help="Part of the picture that a date must show; 0 keeps slivers too."
        ),
    ] = None,
    veto: Annotated[
        list[str] | None,
        typer.Option(help="A date to exclude, by its key or day, and why: 2017-06-07:haze. May be given often."),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option(help="A date to use although it is over the limit, by its key or day. May be given often."),
    ] = None,
    provider: Annotated[
        str, typer.Option(help="Where pixels come from, a name that `providers` lists; else the setting's.")
    ] = "",
) -> None:
    """The options of commands that need dates."""


def picture_options(
    recipe_file: Annotated[Path | None, typer.Option("--recipe", help="A recipe.json instead of the options.")] = None,
    bands: Annotated[str, typer.Option(help="Bands, with commas between.")] = "B02,B03,B04,B08,B11,B12",
    resolution: Annotated[int, typer.Option(help="Pixel size in metres.")] = 10,
    mask: Annotated[str, typer.Option(help=f"What is no clear observation: {', '.join(offered_masks())}.")] = BEGINNING,
    grow: Annotated[
        int | None,
        typer.Option(help="Buffer around clouds and shadows, px; where it is not given, what is usual for the mask."),
    ] = None,
    method: Annotated[str, typer.Option(help=f"Composite method: {', '.join(METHODS)}.")] = "median",
    percentile: Annotated[int, typer.Option(min=1, max=99, help="Of the method percentile; 50 is the median.")] = USUAL,
    nbar: Annotated[
        bool,
        typer.Option(
            "--nbar/--no-nbar",
            help="Even out view angles (NBAR) against seams between orbits: each date as if seen from straight above. "
            "One small request more a date; open data has no angles for it.",
        ),
    ] = False,
    date_rule: Annotated[
        str,
        typer.Option(
            help="To what the limit of clouds is applied: the whole picture, or each tile by itself as in an order; "
            f"{' or '.join(DATE_RULES)}.",
        ),
    ] = Recipe.date_rule,
) -> None:
    """The options of commands that make a picture."""


def asks(
    *groups: Callable[..., None], without: Collection[str] = (), whole: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of `groups`, but for those named in `without`; it receives them as its first argument,
    a Question, of the `whole` area or of a picture in it."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        every = [parameter for group in groups for parameter in inspect.signature(group).parameters.values()]
        shared = [parameter for parameter in every if parameter.name not in without]
        own = list(inspect.signature(command).parameters.values())[1:]

        @wraps(command)
        def wrapper(context: typer.Context, **values: Any) -> None:
            named = {parameter.name: values.pop(parameter.name) for parameter in shared}
            given = frozenset(name for name in named if _is_given(context, name))
            question = Question(settings=load_settings(), whole=whole, given=given, **named)
            for words in (*question.replaced, *(question.found if "provider" in named else ())):
                people.print(words, markup=False, highlight=False, soft_wrap=True)
            command(question, **values)

        own.insert(0, inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context))
        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (*shared, *own)]
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # typer reads it
        wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
        return wrapper

    return decorate


def _is_given(context: typer.Context, name: str) -> bool:
    """Whether somebody typed that option; its value may be the one that it has by itself."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"

"""What a whole area would take, and the order of it."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

import typer

from services.area import AreaStore, Library
from services.catalogue import Acquisition
from services.recipe import Recipe
from terminal.member import Member, member_name, terminal_actor
from terminal.options import Json, area_options, asks, date_options, picture_options
from terminal.order.confirming import Yes, confirm
from terminal.order.following import follow, telling
from terminal.order.words import plain_bill, plain_row, with_angles_said, with_limits_said
from terminal.output import people, say, without_units
from terminal.providers import tell_gaps
from terminal.question import Question
from terminal.vetoes import by_hand

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.ninepatch import Ninepatch
    from services.orders import Order, OrderBill

_LEFT_OUT = ("centre", "radius", "date_rule")
"""Options that say which picture of an area is meant, and how its dates are: an order has all tiles, each its own."""
_asks_order = asks(area_options, date_options, picture_options, without=_LEFT_OUT, whole=True)
NAMES = "mosaic, clipped, tiles, eopatches, zarr, netcdf"
"""What an order can make; written out, because services of orders take a second to import."""
Outputs = Annotated[str, typer.Option(help=f"What is made of it, with commas between: {NAMES}.", metavar="NAMES")]
Crs = Annotated[int, typer.Option(help="EPSG code of one more mosaic over all UTM zones; 0 makes none.")]
Zones = Annotated[
    bool, typer.Option("--zones", help="Each UTM zone of the area has its own team grid, and its own mosaic.")
]


@_asks_order
def estimate(
    question: Question,
    outputs: Outputs = "mosaic,tiles",
    crs: Crs = 0,
    zones: Zones = False,
    member: Member = "",
    as_json: Json = False,
) -> None:
    """Say what all tiles of an area would cost, how long they take and what they fill; the catalogue is asked once."""
    from services.ninepatch import Ninepatch
    from services.runtime import archive_where_needed

    wanted = order_of(question, outputs, crs, zones=zones)
    with archive_where_needed(question.settings, wanted.recipe.provider) as settings:
        product, name = Ninepatch(settings), member_name(member, settings)
        tell_gaps(product, wanted.recipe)
        _bill(product, _by_hand(product, wanted, question, name), name, as_json=as_json)


@_asks_order
def start(
    question: Question,
    outputs: Outputs = "mosaic,tiles",
    crs: Crs = 0,
    zones: Zones = False,
    cap: Annotated[float, typer.Option(min=0, help="Units that it may spend in all; 0 is no cap.")] = 0,
    share: Annotated[
        int | None,
        typer.Option(min=1, max=100, metavar="PERCENT", help="Of the account's month: there it pauses until the 1st."),
    ] = None,
    yes: Yes = False,
    wait: Annotated[bool, typer.Option("--wait", help="Stay, and say how far it is, until it has ended.")] = False,
    member: Member = "",
    as_json: Json = False,
) -> None:
    """Order all tiles of an area, after its bill; a worker carries it out, and goes on when this command ends."""
    from services.ninepatch import Ninepatch
    from services.runtime import archive_where_needed

    wanted = order_of(question, outputs, crs, zones=zones)
    with archive_where_needed(question.settings, wanted.recipe.provider) as settings:
        product, actor = Ninepatch(settings), terminal_actor(settings, member)
        tell_gaps(product, wanted.recipe)
        wanted = _by_hand(product, wanted, question, actor.name)
        bill = _bill(product, wanted, actor.name, as_json=False, quiet=as_json)
        if bill.refusal is not None:
            raise bill.refusal
        confirm("Order it?", "Add --yes once its bill is right.", yes=yes)
        part, link = None if share is None else share / 100, _link(question, product, wanted)
        row = product.orders.start(wanted, actor, cap=cap, share=part, link=link)
        if wait:
            follow(product, row.id, as_json=as_json)
        elif as_json:
            print(json.dumps(plain_row(row)))
        else:
            print(f"Order {row.id} waits for a worker: see `python cli.py order status {row.id} --follow`.")


def order_of(question: Question, outputs: str, crs: int, *, zones: bool = False) -> "Order":
    """All tiles of the question's grid, or of the team grid of each zone. Raises InputError."""
    from services.orders import Order

    names = tuple(filter(None, (name.strip() for name in outputs.split(","))))
    with telling() as tell:
        tell("Cutting the area in tiles", 0.0)
        grids = question.grids if zones else (question.grid,)
        return Order.of_grid(question.recipe_over(grids[0]), *grids, outputs=names, crs=crs)


def _by_hand(product: "Ninepatch", wanted: "Order", question: Question, name: str) -> "Order":
    """With the dates that are left out or taken in by hand, of all tiles alike; the catalogue is asked where there are
    some. Raises RecipeError where none is meant."""

    def search(recipe: Recipe) -> tuple[Acquisition, ...]:
        del recipe  # of one tile
        with telling() as tell:
            return product.orders.dates(wanted, name, tell)

    return replace(wanted, recipe=by_hand(wanted.recipe, question.veto, question.include, search))


def _link(question: Question, product: "Ninepatch", wanted: "Order") -> str:
    """The area is kept, so that the order's page leads on to its pictures. Raises StorageError."""
    library = Library(product.database)
    areas = AreaStore(question.settings.home, int(question.settings.areas_gb * 1e9), library.polygons)
    grid = question.grid if len(wanted.sheets) == 1 else question.grids[0]
    return urlencode({"area": areas.keep(grid.aoi), "grid": wanted.link_of(grid)})


def _bill(product: "Ninepatch", wanted: "Order", name: str, *, as_json: bool, quiet: bool = False) -> "OrderBill":
    """Told on standard output, or on standard error where that is for machines and a start follows."""
    with telling() as tell:
        bill = product.orders.estimate(wanted, name, tell)
    words = product.provider(wanted.recipe).words
    plain = plain_bill(wanted, bill)
    if not quiet:
        counted = plain if as_json or words.units else without_units(plain)
        say(counted if as_json else with_limits_said(with_angles_said(counted)), as_json)
    if bill.refusal is not None and not as_json:
        people.print(str(bill.refusal), markup=False, highlight=False, soft_wrap=True)
    return bill

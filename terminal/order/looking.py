"""Looking at orders: the list, one's state, its report, and its files in a folder of the user's."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.privacy import usual_rights
from services.settings import load_settings
from terminal.options import Json
from terminal.order.changing import Key
from terminal.order.following import GAPS, follow, tell_end
from terminal.order.words import plain_row, state_of, what
from terminal.output import table

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.orders import OrderRow


def listed(
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
    like: Annotated[
        str, typer.Option(metavar="ID", help="Only those of the same tiles as this order, by year and cloud cover.")
    ] = "",
    as_json: Json = False,
) -> None:
    """List the orders of all members."""
    from services.ninepatch import Ninepatch

    orders = Ninepatch(load_settings()).orders
    found = orders.same_area(orders.get(like)).rows[:limit] if like else orders.list(limit)
    if as_json:
        print(json.dumps({"orders": list(map(plain_row, found))}))
    elif found:
        columns = ("order", "member", "since", "area", "what", "tiles", "state", "units", "cap", "words")
        table(columns, map(_row, found), whole=("order",))
    else:
        print("There are no orders.")


def status(
    key: Key,
    following: Annotated[bool, typer.Option("--follow", help="Stay until it has ended or rests.")] = False,
    as_json: Json = False,
) -> None:
    """Say how far an order is; exit status 7 where it is done with gaps."""
    from services.ninepatch import Ninepatch

    product = Ninepatch(load_settings())
    if following:
        follow(product, key, as_json=as_json)
    else:
        tell_end(product.orders.report(key), as_json=as_json)


def report(
    key: Key,
    as_csv: Annotated[bool, typer.Option("--csv", help="What failed, as a table for spreadsheets.")] = False,
    as_geojson: Annotated[bool, typer.Option("--geojson", help="What failed, as a map.")] = False,
    as_json: Json = False,
) -> None:
    """Say how far an order is and what failed; exit status 7 where it is done with gaps."""
    from services.ninepatch import Ninepatch

    orders = Ninepatch(load_settings()).orders
    told = orders.report(key)
    if not (as_csv or as_geojson):
        tell_end(told, as_json=as_json)
        return
    from services.mosaic import failures_csv, failures_geojson
    from services.orders import gaps_of

    written = failures_csv if as_csv else failures_geojson
    print(written(gaps_of(told, orders.parts(key))), end="")


def export(
    key: Key,
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("outputs"),
    as_json: Json = False,
) -> None:
    """Copy all files of an order that are made, and the order itself, into a folder; status 7 where it has gaps."""
    from services.ninepatch import Ninepatch
    from services.orders import copy_order

    settings = load_settings()
    orders = Ninepatch(settings).orders
    row = orders.get(key)
    orders.bring(row)
    with usual_rights():
        files = [str(file) for file in copy_order(row.order, settings.home, out)]
    if as_json:
        print(json.dumps(plain_row(row) | {"files": files}))
    else:
        print(*files, sep="\n")
    if row.state == "gaps":
        raise typer.Exit(GAPS)


def _row(row: "OrderRow") -> tuple[str, ...]:
    since = datetime.fromtimestamp(row.created).astimezone()
    words = row.waiting if row.unfinished else f"{row.cause} {row.remedy}".strip()
    cap = f"{row.cap:,.0f}" if row.cap else "–"
    spent = f"{row.units:,.1f}" if row.units else "–"
    question = row.name, what(row), f"{row.tiles:,}"
    return row.id, row.member or "–", f"{since:%Y-%m-%d %H:%M}", *question, state_of(row), spent, cap, words

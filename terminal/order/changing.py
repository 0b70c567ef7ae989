"""What one does to an order that is there."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from services.settings import load_settings
from terminal.member import Member, terminal_actor
from terminal.options import Json
from terminal.order.confirming import Yes, confirm
from terminal.order.words import plain_row, state_of

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.access import Actor
    from services.orders import OrderRow, OrderService

Key = Annotated[str, typer.Argument(metavar="ID", help="The number that `order list` gives.")]
Cap = Annotated[float | None, typer.Option(min=0, help="Another cap in units; 0 is none.")]
Share = Annotated[int | None, typer.Option(min=1, max=100, metavar="PERCENT", help="Another part of the month.")]


def pause(key: Key, member: Member = "", as_json: Json = False) -> None:
    """Stop asking after what is on its way; it goes on with `order resume`."""
    _changed(lambda orders, actor: orders.pause(key, actor), member, as_json=as_json)


def resume(key: Key, cap: Cap = None, share: Share = None, member: Member = "", as_json: Json = False) -> None:
    """Go on with an order that was paused, cancelled or failed, under other limits where they are given."""
    part = None if share is None else share / 100
    _changed(lambda orders, actor: orders.resume(key, actor, cap=cap, share=part), member, as_json=as_json)


def cancel(key: Key, member: Member = "", as_json: Json = False) -> None:
    """End it; what has been fetched and made is kept."""
    _changed(lambda orders, actor: orders.cancel(key, actor), member, as_json=as_json)


def retry(
    key: Key,
    failed: Annotated[bool, typer.Option("--failed", help="The parts that failed: there are no others to retry.")],
    member: Member = "",
    as_json: Json = False,
) -> None:
    """Try the parts again that failed, of an order that is done with gaps."""
    del failed  # it says in the command what is meant
    _changed(lambda orders, actor: orders.retry(key, actor), member, as_json=as_json)


def remove(key: Key, yes: Yes = False, member: Member = "", as_json: Json = False) -> None:
    """Remove an ended order with all of its files, also from the store of all machines; fetched frames stay."""
    from services.ninepatch import Ninepatch

    settings = load_settings()
    orders, actor = Ninepatch(settings).orders, terminal_actor(settings, member)
    row = orders.get(key)
    confirm(f"Remove the order {row.name} and all of its files?", "Add --yes to remove it for good.", yes=yes)
    orders.remove(key, actor)
    print(json.dumps({"id": key, "state": "removed"}) if as_json else f"{key} {row.name}: removed")


def _changed(change: "Callable[[OrderService, Actor], OrderRow]", member: str, *, as_json: bool) -> None:
    from services.ninepatch import Ninepatch

    settings = load_settings()
    row = change(Ninepatch(settings).orders, terminal_actor(settings, member))
    print(json.dumps(plain_row(row)) if as_json else f"{row.id} {row.name}: {state_of(row)}")

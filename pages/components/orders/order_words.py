"""An order and its state in words. Names of areas are among them, so they are shown as plain text."""

from pages.components.shared.format import UNKNOWN
from services.errors import NinepatchError
from services.orders import SOMEBODY, Order, OrderRow
from services.recipe import Recipe
from services.text import megabytes, plural

TITLES = {
    "queued": "Waiting for its turn",
    "running": "Being made",
    "paused": "Paused",
    "done": "Done",
    "gaps": "Done with gaps",
    "failed": "Did not work",
    "cancelled": "Cancelled",
}
"""By the state of an order."""


def order_label(order: Order) -> str:
    """`Southern Finland · 1,947 tiles · 2017 · at most 10 %`."""
    return _label(order.recipe, order.tiles)


def _label(recipe: Recipe, tiles: int) -> str:
    return f"{recipe.area} · {plural(tiles, 'tile')} · {recipe.when} · at most {recipe.maxcc} %"


def row_label(row: OrderRow) -> str:
    """The same of a row, which another version may have written."""
    try:
        return _label(row.recipe, row.tiles)
    except NinepatchError:
        return UNKNOWN


def spent_words(row: OrderRow) -> str:
    """`12.3 units`, or how much came where nothing counts units; empty where nothing did."""
    return f"{row.units:,.1f} units" if row.units else megabytes(row.bytes) if row.bytes else ""


def state_words(row: OrderRow) -> str:
    """The state, with what it waits for or what was wrong."""
    if row.unfinished and row.cancel:
        return "Cancelling: what is on its way is still kept"
    if row.unfinished and row.pause and row.state != "paused":
        return "Pausing: what is on its way is still kept"
    if row.state == "paused":
        return f"Paused {row.waiting}" if row.waiting == SOMEBODY else f"Paused, waiting for {row.waiting}"
    why = row.waiting if row.unfinished else row.cause
    return f"{TITLES[row.state]}: {why}" if why else TITLES[row.state]

"""An order and its state in words. Names of areas are among them, so they are shown as plain text."""

from pages.components.shared.format import UNKNOWN
from services.errors import NinepatchError
from services.orders import Order, OrderRow
from services.text import plural

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
PICTURED = ("done", "gaps")
"""States of an order that has a picture of the whole area."""


def order_label(order: Order) -> str:
    """`Southern Finland · 1,947 tiles · 2017 · at most 10 %`."""
    recipe = order.recipe
    return f"{recipe.area} · {plural(order.tiles, 'tile')} · {recipe.when} · at most {recipe.maxcc} %"


def row_label(row: OrderRow) -> str:
    """The same of a row, which another version may have written."""
    try:
        return order_label(row.order)
    except NinepatchError:
        return UNKNOWN


def state_words(row: OrderRow) -> str:
    """The state, with what it waits for or what was wrong."""
    if row.unfinished and row.cancel:
        return "Cancelling: what is on its way is still kept"
    if row.unfinished and row.pause and row.state != "paused":
        return "Pausing: what is on its way is still kept"
    why = row.waiting if row.unfinished else row.cause
    return f"{TITLES[row.state]}: {why}" if why else TITLES[row.state]

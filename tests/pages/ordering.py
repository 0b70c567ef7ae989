"""What others did before a page of orders is opened: an order is there, with parts in these states."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from pages.state.choices import Choices
from pages.state.context import areas, product
from services.area import parse_aoi
from services.grid import Grid
from services.orders import Order, OrderRow, OrderStore
from services.recipe import Interval
from tests.actors import a_member
from tests.pages.made import recipe_of

MEADOW = parse_aoi("24.0, 60.5, 24.4, 60.7")
WORKER = "a worker"
SIDE = 2
"""Tiles a side of a part here."""


def meadow() -> Choices:
    """A small area in 6 × 4 tiles, 2017, at most 10 % clouds."""
    areas().keep(MEADOW)
    return Choices(interval=Interval.of_year(2017)).with_area(MEADOW, "6x4")


def grid_of(chosen: Choices) -> Grid:
    """Their grid, which is there."""
    assert chosen.grid is not None
    return chosen.grid


def order_of_meadow() -> Order:
    """All its tiles."""
    return Order.of_grid(recipe_of(meadow()), grid_of(meadow()))


def link_of(chosen: Choices) -> str:
    """Its area and grid."""
    grid = grid_of(chosen)
    return urlencode({"area": grid.aoi.digest, "grid": grid.link})


def store() -> OrderStore:
    """The tables behind the pages."""
    return OrderStore(product().database)


def ordered(member: str = "ada@example.org", *, cap: float = 500.0, share: float = 0.8) -> OrderRow:
    """It is queued."""
    return store().submit(order_of_meadow(), a_member(member), cap=cap, share=share, link=link_of(meadow()))


def under_way(states: Sequence[str], member: str = "ada@example.org", **told: Any) -> OrderRow:
    """It runs, with a part in each of these states; what is told is of the order."""
    row = ordered(member)
    claimed = store().claim(WORKER)
    assert claimed is not None
    first = row.order.sheets[0].rectangle.lower_left
    places = [(first.x + SIDE * (n % 3), first.y + SIDE * (n // 3)) for n in range(len(states))]
    store().put_parts(
        row.id,
        [
            {"number": n, "epsg": row.order.sheets[0].lattice.epsg, "x": x, "y": y, "columns": SIDE, "rows": SIDE}
            | {"tiles": SIDE * SIDE, "state": state}
            for n, ((x, y), state) in enumerate(zip(places, states, strict=True))
        ],
        WORKER,
    )
    for number, state in enumerate(states):
        if state == "failed":
            why = {"cause": "The service kept failing.", "remedy": "Try again later.", "attempts": 3}
            store().part(row.id, number, WORKER, **why)
    store().report(row.id, WORKER, **told)
    return store().found(row.id)


def ended(state: str, states: Sequence[str], **told: Any) -> OrderRow:
    """It has ended so."""
    row = under_way(states, **told)
    store().finish(row.id, state, by=WORKER)
    return store().found(row.id)

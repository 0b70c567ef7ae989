"""Orders of one area beside each other: the table of years and limits, and those that differ otherwise."""

from dataclasses import dataclass, replace

import streamlit as st

from pages.components.orders.order_list import BESIDE, BILL, ORDER, ZONES
from pages.components.orders.order_picture import notice_of, shown_view, stamp_of
from pages.components.orders.order_words import TITLES, spent_words
from pages.components.orders.year_table import OrderCell, year_table
from pages.components.shared.definition_list import heading
from pages.components.shared.format import whole_percent
from pages.limits import every
from pages.routes.orders.pictures import overview_address
from pages.state import session
from pages.state.choices import last_year
from pages.state.context import product, settings
from pages.state.ordered import place_of, question_around
from services.mosaic import TileSet
from services.orders import PICTURED, Order, OrderRow, SameArea, made_area
from services.recipe import Variant, variant
from services.render import View
from services.sentinel2 import FIRST_DATE
from services.text import listed

_LIMITS = (10, 20, 40, 60)
"""Percent of cloud cover that are offered."""
EVERY_SECONDS = 5.0
_DIFFERENT = {
    "interval": "interval",
    "maxcc": "limit",
    "provider": "source",
    "bands": "bands",
    "resolution": "resolution",
    "mask": "cloud mask",
    "method": "method",
    "grow": "buffer around clouds",
    "vetoes": "excluded dates",
    "least_coverage": "least coverage",
    "months": "months",
    "included": "included dates",
    "percentile": "percentile",
    "nbar": "view angles",
}
"""By the name of a recipe's field: what is another one."""


def same_area(row: OrderRow) -> None:
    """The table; while an order in it goes on it is looked at again. Raises OrderError and RecipeError."""
    heading("The same area by years and limits")
    found = product().orders.same_area(row)
    busy = any(one.unfinished for one in found.cells.values())
    st.fragment(_table, run_every=every(EVERY_SECONDS) if busy else None)(row)
    _otherwise(found)


@dataclass(frozen=True)
class _Looked:
    """What all cells have in common."""

    row: OrderRow
    """The order that the page shows."""
    order: Order
    """The same, read once: a country has many tiles."""
    found: SameArea
    tiles: TileSet
    """Its zone with most tiles, which is pictured."""
    view: View


def _table(row: OrderRow) -> None:
    found, order = product().orders.same_area(row), row.order
    largest = max(made_area(order, settings().home).sets, key=lambda tiles: len(tiles.indices))
    look = _Looked(row, order, found, largest, shown_view(found.recipe))
    columns, rows = limits_of(found), years_of(found)
    places = (Variant(year, limit) for year in rows for limit in columns)
    year_table(
        "order_years",
        columns,
        rows,
        [_cell(look, place) if place in found.cells else _bill(look, place) for place in places],
        size=(largest.width, largest.height),
        caption=f"{look.view.words}; the same for every picture. Clear observations: median of the tiles' medians.",
        shown=f"{row.id} {st.query_params.get(BESIDE, '')}",
    )


def years_of(found: SameArea) -> list[int]:
    """Those with an order, and the one before and after each of them that are over."""
    ordered = {place.year for place in found.cells}
    beside = {year + step for year in ordered for step in (-1, 1)}
    return sorted(ordered | {year for year in beside if FIRST_DATE.year < year <= last_year().start.year})


def limits_of(found: SameArea) -> list[int]:
    """Those with an order, and those that are offered."""
    return sorted({place.maxcc for place in found.cells} | set(_LIMITS))


def _cell(look: _Looked, place: Variant) -> OrderCell:
    """An order: its picture where it is here, else its state."""
    from services.mosaic import best_file  # GDAL, which only those need who see pictures

    one, row, tiles, view = look.found.cells[place], look.row, look.tiles, look.view
    chosen = session.address()  # stays, so that the way back is one step
    go = chosen | {ORDER: one.id}
    told = OrderCell(place.year, place.maxcc, "empty", go, _words(one), current=one.id == row.id)
    if one.unfinished:
        made = product().orders.progress_of(one)
        return replace(told, state="making", progress=made, words=f"{TITLES[one.state]}, {whole_percent(100 * made)}")
    if one.state not in PICTURED or best_file(replace(tiles, folder=tiles.folder.parent / one.id)) is None:
        return told
    when = variant(look.found.recipe, place).when
    return replace(
        told,
        state="here",
        picture=overview_address(one.id, tiles.epsg, view.name, stamp_of(one), whole=True, small=True),
        alt=f"{notice_of(look.order)}Overview of {when}, at most {place.maxcc} %, {view.title}, north up",
        beside=chosen | {ORDER: row.id, BESIDE: one.id} if one.id != row.id and row.state in PICTURED else {},
    )


def _words(row: OrderRow) -> str:
    """`Done with gaps · 14 clear observations · 12.3 units`."""
    clear = product().orders.clear_observations(row) if row.state in PICTURED else None
    told = TITLES[row.state], f"{clear:g} clear observations" if clear else "", spent_words(row)
    return " · ".join(filter(None, told))


def _bill(look: _Looked, place: Variant) -> OrderCell:
    """The way to the bill of one that nobody ordered; none where the area's place in links is not known."""
    where = place_of(look.row.link)
    if not where:
        return OrderCell(place.year, place.maxcc, "missing", {})
    asked = question_around(variant(look.found.recipe, place), where) | {BILL: "1"}
    zones = {ZONES: "1"} if len(look.order.sheets) > 1 else {}
    return OrderCell(place.year, place.maxcc, "missing", asked | zones)


def _otherwise(found: SameArea) -> None:
    """Orders of the same tiles that the table has no cell for."""
    if not found.otherwise:
        return
    heading("The same tiles, ordered otherwise", 3)
    with st.container(horizontal=True, gap="medium", key="order-otherwise"):
        for one in found.otherwise:
            different = listed([_DIFFERENT[name] for name in one.fields if name in _DIFFERENT]) or "output"
            words = f"{one.recipe.when}, at most {one.recipe.maxcc} %: other {different}"
            st.page_link("orders.py", label=words, query_params={ORDER: one.row.id})

"""Orders of one area beside each other: those that can be compared with one, and the ways to the bill of others."""

import streamlit as st

from pages.components.orders.order_list import BILL, ZONES
from pages.components.orders.order_words import PICTURED
from pages.components.shared.definition_list import heading
from pages.state.choices import last_year
from pages.state.context import product
from pages.state.ordered import place_of, question_around
from services.errors import NinepatchError
from services.orders import OrderRow
from services.recipe import Recipe, Variant, variant
from services.sentinel2 import FIRST_DATE

_LOOKED_AT = 50
"""Orders, the newest, among which others of the area are looked for."""
_LIMITS = (10, 20, 40, 60)
"""Percent of cloud cover that are offered."""


def others_of(row: OrderRow) -> dict[str, OrderRow]:
    """By their numbers those that are made of the same tiles."""
    near = (one for one in product().orders.list(_LOOKED_AT) if one.state in PICTURED and one.id != row.id)
    return {one.id: one for one in near if (one.name, one.tiles) == (row.name, row.tiles) and _same_tiles(one, row)}


def _same_tiles(one: OrderRow, other: OrderRow) -> bool:
    """Not of what another version wrote."""
    try:
        return one.order.sheets == other.order.sheets
    except NinepatchError:
        return False


def order_otherwise(row: OrderRow) -> None:
    """To the bill of the same area in the years beside, and at other limits; nothing where its place is not known."""
    recipe, place = row.order.recipe, place_of(row.link)
    if not place:
        return
    heading("The same area, ordered for")
    with st.container(horizontal=True, gap="medium", key="order-otherwise"):
        for words, other in _otherwise(recipe).items():
            asked = question_around(other, place) | {BILL: "1"} | ({ZONES: "1"} if len(row.order.sheets) > 1 else {})
            st.page_link("orders.py", label=words, query_params=asked)


def _otherwise(recipe: Recipe) -> dict[str, Recipe]:
    """By what is different."""
    year, limit = recipe.interval.start.year, recipe.maxcc
    years = [one for one in (year - 1, year + 1) if FIRST_DATE.year < one <= last_year().start.year]
    found = {f"{one}": variant(recipe, Variant(one, limit)) for one in years}
    return found | {f"at most {one} %": variant(recipe, Variant(year, one)) for one in _LIMITS if one != limit}

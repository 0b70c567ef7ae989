"""From a tile of an order to what is known of it: its picture of 3 × 3, its comparison, its program and its file."""

from html import escape

import streamlit as st

from pages.components.shared import messages
from pages.components.shared.definition_list import heading
from pages.components.take.links import link_list
from pages.routes.orders.files import program_address, tile_address
from pages.state.comparison import Comparison
from pages.state.context import settings
from pages.state.ordered import place_in, place_of, question_around
from services.geo import zone_name
from services.grid import TileIndex
from services.orders import Order, OrderRow, Sheet, made_tile

_ZONE, _X, _Y = "order_zone", "order_x", "order_y"
YEARS_BEFORE = 2
"""Years before that of the order, which the comparison begins with."""


def look_closer(row: OrderRow) -> None:
    """Choose a tile; then the ways that lead from it."""
    order = row.order
    heading("Look closer")
    sheet, index = _tile(order)
    if index not in sheet.members:
        messages.say("That tile is none of the order's", "Choose one of the area: x from the west, y from the south.")
        return
    recipe, place = order.recipe_of(sheet, index), place_of(row.link)
    if place:
        question = question_around(recipe, place_in(order, sheet, place))
        with st.container(horizontal=True, gap="medium", key="order-ways"):
            st.page_link("results.py", label=f"Open the 3 × 3 around {index}", query_params=question)
            compared = question | _comparison(order).question()
            st.page_link("compare.py", label="Compare years and limits there", query_params=compared)
    if made_tile(order, settings().home, sheet, index) is None:
        st.caption("That tile is not made yet.")
        return
    epsg = sheet.lattice.epsg
    name = f"{row.id}_{epsg}_x{index.x}_y{index.y}"
    program, tile = program_address(row.id, epsg, index), tile_address(row.id, epsg, index)
    link_list(
        [
            _link(program, f"{name}.py", f"Program that reproduces {index}"),
            _link(tile, f"{name}.tif", f"Cloud Optimized GeoTIFF of {index}"),
        ]
    )


def _comparison(order: Order) -> Comparison:
    """The order's year and those before it, its limit and the usual ones."""
    year, limit = order.recipe.interval.start.year, order.recipe.maxcc
    years = tuple(range(year - YEARS_BEFORE, year + 1))
    return Comparison(years=years, limits=tuple(sorted({limit, 20, 40})))


def _tile(order: Order) -> tuple[Sheet, TileIndex]:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="order-tile"):
        sheet = order.sheets[0]
        if len(order.sheets) > 1:
            zones = [one.lattice.epsg for one in order.sheets]
            sheet = order.sheet(st.selectbox("UTM zone", zones, key=_ZONE, format_func=zone_name, width=160))
        middle = sheet.tiles[len(sheet.tiles) // 2]
        x = st.number_input("Tile, x", value=middle.x, key=f"{_X}_{sheet.lattice.epsg}", step=1, width=130)
        y = st.number_input("y", value=middle.y, key=f"{_Y}_{sheet.lattice.epsg}", step=1, width=130)
    return sheet, TileIndex(int(x), int(y))


def _link(address: str, name: str, words: str) -> str:
    return f'<a href="{escape(address)}" download="{escape(name)}">{escape(words)}</a><small>{escape(name)}</small>'

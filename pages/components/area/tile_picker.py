"""The centre tile and how many tiles around it: the same choice as a click on the map, for the keyboard."""

import math
from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.components.orders.order_list import whole_link
from pages.components.shared import messages
from pages.state import session
from pages.state.choices import Choices
from services.errors import GridError
from services.grid import RADII, Grid, TileIndex

PLACE = "tile"
ARROWS = (("West", "back", -1, 0), ("North", "upward", 0, 1), ("South", "downward", 0, -1), ("East", "forward", 1, 0))
"""The style sheet shows the arrows alone; the words are the buttons' names."""
NEAR = 2
"""Tiles beyond the width of a picture within which a click outside the area is meant."""
_X, _Y, _RADIUS = "tile_x", "tile_y", "tile_radius"
_HELP = {
    _X: "Tiles from the west. A click on the map sets both; so do the arrow keys once the map was clicked, "
    "or reached with Tab. With Shift they move the map.",
    _Y: "Tiles from the south.",
}


def tile_picker(chosen: Choices, grid: Grid, centre: TileIndex) -> bool:
    """Choose the centre tile and the radius; True where somebody is done with it."""
    with st.container(key="tile-bar", horizontal=True, vertical_alignment="bottom", gap="medium"):
        with st.container(
            key="tile-fields", horizontal=True, vertical_alignment="bottom", gap="small", width="content"
        ):
            for key, label, value in ((_X, "Centre tile, x", centre.x), (_Y, "y", centre.y)):
                st.number_input(
                    label,
                    value=value,
                    key=session.held(key, value),
                    step=1,
                    width=118,
                    on_change=_take_fields,
                    help=_HELP[key],
                )
            with st.container(key="tile-arrows", horizontal=True, gap=None, width="content"):
                for name, arrow, dx, dy in ARROWS:
                    words, key = f"One tile to the {name.lower()}", f"tile_{name.lower()}"
                    icon = f":material/arrow_{arrow}:"
                    st.button(name, key=key, icon=icon, help=words, on_click=step, args=(dx, dy))
        with st.container(key="tile-count", width="content", gap=None):
            st.segmented_control(
                "Tiles of the picture",
                RADII,
                default=chosen.radius,
                key=session.held(_RADIUS, chosen.radius),
                format_func=lambda radius: f"{2 * radius + 1} × {2 * radius + 1}",
                required=True,
                on_change=_take_radius,
            )
            whole_link(len(grid))
        with st.container(key="next", width="content"):
            going = st.button("Choose dates", type="primary")
    messages.recall(PLACE)
    with messages.told():
        _say_which(chosen, grid, centre)
    return going


def pick(longitude: float, latitude: float) -> None:
    """For the map: the tile at a place is the centre."""
    chosen = session.read()
    if chosen.grid is not None:
        with messages.caught(PLACE):
            index = chosen.grid.tile_at(longitude, latitude)
            _require_near(chosen.grid, index, 2 * chosen.radius + 1 + NEAR)
            _choose(index)


def _require_near(grid: Grid, index: TileIndex, most: int) -> None:
    """A stray click far from the area moves nothing: raises GridError, more than `most` tiles from its extent."""
    first, columns, rows = grid.lower_left, grid.columns, grid.rows
    across = max(first.x - index.x, index.x - (first.x + columns - 1), 0)
    along = max(first.y - index.y, index.y - (first.y + rows - 1), 0)
    if max(across, along) > most:
        far = math.hypot(across * grid.lattice.dx, along * grid.lattice.dy) / 1000
        raise GridError(
            f"That place is {far:,.0f} km from the area, and the centre tile stays where it is.",
            "Click in the area or beside it; the fields below the map take any tile.",
        )


def step(dx: int, dy: int) -> None:
    """The centre so many tiles further to the east and to the north."""
    centre = session.read().centre
    if centre is not None:
        with messages.caught(PLACE):
            _choose(TileIndex(centre.x + dx, centre.y + dy))


def table(chosen: Choices) -> None:
    """The tiles of the neighbourhood in display order: the map in words."""
    if chosen.grid is None or chosen.centre is None:
        return
    tiles = chosen.grid.neighbourhood(chosen.centre, chosen.radius)
    rows = [
        (
            str(tile.index),
            "outside" if tile.number is None else f"{tile.number:,}",
            *(f"{edge:,.0f}" for edge in tile.bounds),
        )
        for tile in tiles
    ]
    st.table(pd.DataFrame(rows, columns=["Tile", "Number", "West m", "South m", "East m", "North m"]).set_index("Tile"))
    st.caption(f"North row first, west to east. Metres of EPSG:{chosen.grid.lattice.epsg}.")


def _say_which(chosen: Choices, grid: Grid, centre: TileIndex) -> None:
    tiles = grid.neighbourhood(centre, chosen.radius)
    number = grid.number(centre)
    outside = sum(tile.outside for tile in tiles)
    words = f"Tile number {number:,} of {len(grid):,}." if number is not None else "The centre lies outside the area."
    if outside:
        words += f" {outside} of {len(tiles)} tiles lie outside the area, and are pictured all the same."
    st.caption(words)


def _take_fields() -> None:
    with messages.caught(PLACE):
        _choose(TileIndex(st.session_state[_X], st.session_state[_Y]))


def _take_radius() -> None:
    with messages.caught(PLACE):
        chosen = replace(session.read(), radius=st.session_state[_RADIUS])
        if chosen.grid is not None and chosen.centre is not None:
            chosen.grid.neighbourhood(chosen.centre, chosen.radius)
        session.change(radius=chosen.radius)


def _choose(centre: TileIndex) -> None:
    """Raises GridError where the neighbourhood is not on Earth."""
    chosen = session.read()
    if chosen.grid is not None:
        chosen.grid.neighbourhood(centre, chosen.radius)
        session.change(centre=centre)

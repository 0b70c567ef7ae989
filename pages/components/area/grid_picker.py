"""How the area is cut in tiles: the team grid, or columns and rows over its extent."""

import re

import streamlit as st

from pages.components.shared import messages
from pages.components.shared.definition_list import definition_list, heading
from pages.state import session
from pages.state.choices import Choices
from pages.state.context import settings
from services.geo import zone_name
from services.grid import STEP, Grid

KINDS = ("Team grid", "Columns × rows")
PLACE = "grid"
_KIND, _SIZE, _COLUMNS, _ROWS = "grid_kind", "grid_size", "grid_columns", "grid_rows"
_SNAPPED = "grid_snapped"
"""In the session, for one run: why the size is another than the one that was typed."""


def grid_picker(chosen: Choices, grid: Grid) -> None:
    """Choose the grid; the centre tile keeps its place."""
    heading("Grid")
    st.segmented_control(
        "How to cut the area",
        KINDS,
        default=KINDS["x" in grid.spec],
        key=session.held(_KIND, KINDS["x" in grid.spec]),
        required=True,
        on_change=_take_kind,
        label_visibility="collapsed",
        width="stretch",
    )
    if "x" in grid.spec:
        columns, rows = st.columns(2)
        for column, key, label, value in (
            (columns, _COLUMNS, "Columns", grid.columns),
            (rows, _ROWS, "Rows", grid.rows),
        ):
            column.number_input(label, 1, 9999, value, key=session.held(key, value), step=1, on_change=_take_split)
    else:
        most = 10 * session.provider().terms.max_pixels  # at 10 m a pixel; an old link may have more
        st.number_input(
            "Tile size in metres",
            STEP,
            max(int(grid.lattice.dx), most),
            int(grid.lattice.dx),
            key=session.held(_SIZE, int(grid.lattice.dx)),
            step=STEP,
            on_change=_take_size,
            help="Origins are multiples of the tile size, so everybody's tiles coincide and are fetched once.",
        )
    messages.recall(PLACE)
    if _SNAPPED in st.session_state:
        st.caption(st.session_state.pop(_SNAPPED))
    describe(grid, chosen.resolution, chosen.radius)
    if grid.is_part:
        _part(grid)
    elif grid.lattice.epsg != grid.aoi.epsg:
        _kept_zone(grid)


def describe(grid: Grid, resolution: int, radius: int) -> None:
    """Tiles and their size, and that of a picture of the tiles within a radius."""
    width, height = grid.lattice.size_px(resolution)
    dx, dy = grid.lattice.dx, grid.lattice.dy
    outside, side = grid.columns * grid.rows - len(grid), 2 * radius + 1
    definition_list(
        (
            ("Tiles", f"{len(grid):,}"),
            ("Of the extent", f"{grid.columns:,} × {grid.rows:,}, {outside:,} outside"),
            ("One tile", ground(dx, dy)),
            ("In pixels", f"{width:,} × {height:,} px at {resolution} m"),
            ("Picture", f"{_tiles(side)}, {ground(side * dx, side * dy)}, {side * width:,} × {side * height:,} px"),
        )
    )


def _part(grid: Grid) -> None:
    """That there are other zones, and the way to one grid of all where that may be."""
    st.caption(
        f"These are the tiles of the area's part in UTM zone {zone_name(grid.lattice.epsg)}. An order of all of it may "
        "have a grid in each of its zones."
    )
    if grid.aoi.reach_km <= settings().max_reach_km:
        st.button("Use one grid for all of it", key="grid_zone", on_click=_choose, args=(grid.cut,))


def _kept_zone(grid: Grid) -> None:
    """Why the grid is in another zone than one that is chosen now, and the way there."""
    kept, now = grid.lattice.epsg % 100, grid.aoi.epsg % 100
    st.caption(
        f"This link is older than the exceptions in Norway and Svalbard and keeps its grid in UTM zone {kept}. "
        f"Sentinel-2's tiles are in zone {now} here, and are resampled for it."
    )
    st.button(f"Use zone {now}", key="grid_zone", on_click=_choose, args=(grid.cut,))


def ground(width: float, height: float) -> str:
    """`3,300 × 3,300 m`, or kilometres where both are ten and more."""
    if min(width, height) < 10_000:
        return f"{width:,.0f} × {height:,.0f} m"
    return f"{width / 1000:,.1f} × {height / 1000:,.1f} km"


def _tiles(side: int) -> str:
    return "1 tile" if side == 1 else f"{side} × {side} tiles"


def _take_kind() -> None:
    """The other kind, with tiles of about the same size."""
    grid = session.read().grid
    if grid is None:
        return
    if st.session_state[_KIND] == KINDS[0]:
        spec = str(settings().tile_size)
    else:
        spec = f"{max(1, grid.columns - 1)}x{max(1, grid.rows - 1)}"
    _choose(spec)


def _take_split() -> None:
    _choose(f"{st.session_state[_COLUMNS]}x{st.session_state[_ROWS]}")


def _take_size() -> None:
    """The nearest size that is allowed, and a sentence where it is another than the one that was typed."""
    typed = int(st.session_state[_SIZE])
    size = max(STEP, round(typed / STEP) * STEP)
    if size != typed:
        st.session_state[_SNAPPED] = (
            f"{typed:,} m became {size:,} m: a tile's size is a multiple of {STEP} m, so that pixels of 10, 20 and "
            "60 m align."
        )
    _choose(str(size))


def _choose(spec: str) -> None:
    with messages.caught(PLACE):
        session.choose_grid(re.sub(r"\s", "", spec))

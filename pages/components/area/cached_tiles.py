"""Which tiles of the grid the team already has: colours for the map, their legend, and a table. Asks nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.shared import messages
from pages.components.shared.html_table import html_table
from pages.state.choices import Choices
from pages.state.context import product
from services.cache import Box, CacheCoverage, Inventory
from services.errors import GridError, NinepatchError, RecipeError
from services.geo import to_wgs84
from services.grid import RADII, Grid, Lattice, TileIndex, merged
from services.recipe import Interval

OTHERS, FEW, MANY = 1, 2, 3
"""Classes of tiles: of other dates only; of at most half as many of the interval as the best one here; of more."""
EDGES = 8
"""A side has a corner where a multiple of so many tiles begins: neighbours have the same corners."""
NOTHING = "Nobody in the team has fetched anything here yet."


@dataclass(frozen=True)
class Held:
    """The tiles of one class."""

    number: int
    """OTHERS, FEW or MANY."""
    least: int
    """Fewest dates of the interval that one of them has."""
    most: int
    rings: list[list[tuple[float, float]]]
    """Closed, of (latitude, longitude), continuous across the 180th meridian."""


def for_map(chosen: Choices) -> list[dict[str, Any]]:
    """Of each class its number and rings, as `choice.js` draws them; nothing where the cache cannot be read."""
    try:
        return [{"class": one.number, "rings": one.rings} for one in _held(chosen)]
    except NinepatchError:  # the legend says it
        return []


def legend(chosen: Choices) -> None:
    """What the colours on the map mean, and the same as a table of years."""
    if chosen.grid is None or chosen.centre is None:
        return
    with messages.told():
        classes = _held(chosen)
        if not classes:
            st.caption(NOTHING)
            return
        rows = "".join(
            f'<li><i class="np-had-{one.number}"></i>{escape(_words(one, chosen.interval))}</li>'
            for one in reversed(classes)
        )
        st.html(f'<div class="np-had"><span>The team has</span><ul>{rows}</ul></div>')
        with st.expander("Years the team has"):
            _table(chosen, chosen.grid)


def _words(one: Held, interval: Interval) -> str:
    """`8 to 14 dates of 2017`."""
    whole = "/" not in interval.label
    if one.number == OTHERS:
        return "Other years only" if whole else "Other days only"
    dates = f"{one.least}" if one.least == one.most else f"{one.least} to {one.most}"
    return f"{dates} date{'s' * (one.most > 1)} of {interval.words}"


def _table(chosen: Choices, grid: Grid) -> None:
    found, around = _found(chosen, grid), _box(chosen, grid)
    if found is None or chosen.centre is None:
        return
    here = found.within(*around)
    ours = {one.year: one.tiles for one in here.of(grid.indices).years()}
    side = 2 * chosen.radius + 1
    low = TileIndex(chosen.centre.x - chosen.radius, chosen.centre.y - chosen.radius)
    near = {one.year: one.tiles for one in here.within(low, side, side).years()}
    html_table(
        "Years the team has",
        ("Year", "Tiles of this grid", "Tiles of the picture", "Dates"),
        [
            ((str(one.year), f"{ours.get(one.year, 0):,}", f"{near.get(one.year, 0):,}", f"{one.dates:,}"), None)
            for one in here.years()
        ],
    )
    st.caption("A date counts where all chosen bands of a tile are in the cache.")


def _held(chosen: Choices) -> tuple[Held, ...]:
    """The classes that have tiles, in and around the grid. Raises StorageError."""
    found = None if chosen.grid is None else _found(chosen, chosen.grid)
    if found is None or chosen.grid is None:
        return ()
    return _classes(found, chosen.grid.lattice, _box(chosen, chosen.grid), chosen.interval)


def _found(chosen: Choices, grid: Grid) -> CacheCoverage | None:
    """In and around the grid; None where no picture of these tiles is possible. Raises StorageError."""
    try:
        recipe = chosen.recipe()
    except (RecipeError, GridError):
        return None
    return None if recipe is None else _inventory().of(recipe, _box(chosen, grid))


def _box(chosen: Choices, grid: Grid) -> Box:
    """The grid's extent with the tiles around it that a picture may have, and the chosen centre with those."""
    centre, margin = chosen.centre or grid.lower_left, max(RADII)
    west, south = min(grid.lower_left.x, centre.x) - margin, min(grid.lower_left.y, centre.y) - margin
    east = max(grid.lower_left.x + grid.columns, centre.x + 1) + margin
    north = max(grid.lower_left.y + grid.rows, centre.y + 1) + margin
    return TileIndex(west, south), east - west, north - south


@st.cache_resource(show_spinner=False)
def _inventory() -> Inventory:
    """One for all sessions."""
    return Inventory(product().frames)


@lru_cache(maxsize=4)
def _classes(found: CacheCoverage, lattice: Lattice, box: Box, interval: Interval) -> tuple[Held, ...]:
    tiles, dates = found.within(*box).dates(interval)
    most = dates.max(initial=0)
    number = np.where(dates == 0, OTHERS, np.where(2 * dates <= most, FEW, MANY))
    classes = []
    for one in np.unique(number).tolist():
        mine = number == one
        rings = list(_rings(lattice, merged(tiles[mine])))
        classes.append(Held(one, int(dates[mine].min()), int(dates[mine].max()), rings))
    return tuple(classes)


def _rings(lattice: Lattice, rectangles: NDArray[np.int64]) -> Iterator[list[tuple[float, float]]]:
    """(m, 4), x, y, columns and rows in tiles → the outline of each."""
    outlines = [_outline(*rectangle) for rectangle in rectangles.tolist()]
    corners = np.array([corner for outline in outlines for corner in outline])
    x, y = lattice.x0 + corners[:, 0] * lattice.dx, lattice.y0 + corners[:, 1] * lattice.dy
    longitudes, latitudes = to_wgs84(lattice.epsg, x, y)
    places = list(zip(latitudes.round(5).tolist(), longitudes.round(5).tolist(), strict=True))
    ends = np.cumsum([len(outline) for outline in outlines]).tolist()
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        yield places[start:end]


def _outline(x: int, y: int, columns: int, rows: int) -> list[tuple[int, int]]:
    """Corners in tiles, closed, counter-clockwise."""
    along, up = _corners(x, columns), _corners(y, rows)
    return [
        *((i, y) for i in along),
        *((x + columns, j) for j in up[1:]),
        *((i, y + rows) for i in along[-2::-1]),
        *((x, j) for j in up[-2::-1]),
    ]


def _corners(start: int, length: int) -> list[int]:
    """Both ends and the multiples of EDGES between them."""
    return sorted({start, start + length, *range(start - start % EDGES + EDGES, start + length, EDGES)})

"""The cells of the comparison as they stand, drawn a row at a time so that nobody waits for all of them."""

import time
from collections.abc import Sequence

import streamlit as st

from pages.components.compare.fill_requests import price
from pages.components.compare.matrix_table import CellView
from pages.components.results.picture_bar import view_of
from pages.components.shared.format import percent
from pages.routes.previews import preview_address
from pages.state.choices import Choices
from pages.state.comparison import recipe_in
from pages.state.context import jobs, product
from services.compare import HERE, MAKING, MISSING, UNKNOWN, Cell, Matrix, comparison_matrix
from services.jobs import SPENDING, UNFINISHED
from services.recipe import variants
from services.text import plural

PATIENCE_SECONDS = 0.3
"""So long one run draws new pictures, and one row at least; the next run goes on."""
_DRAWN, _PLACED = "matrix_drawn", "matrix_placed"
"""In the session: names of cells whose pictures were shown, and of those whose places were."""


def cells_of(chosen: Choices, rows: Sequence[int], columns: Sequence[int], *, drawn: bool = True) -> Matrix:
    """As they stand now; nobody is asked. Of pictures that this session has not shown yet the places come first.

    Raises RecipeError and StorageError.
    """
    view, begun = view_of(chosen), time.monotonic()
    under_way = jobs().recent(*SPENDING, limit=100, states=UNFINISHED)
    shown: set[str] = st.session_state.setdefault(_DRAWN, set())
    placed: set[str] = st.session_state.get(_PLACED, set())
    cells: list[Cell] = []
    for year in rows:
        recipe = recipe_in(chosen, year)
        if recipe is None:
            continue
        names = {f"{view.name} {one.digest}" for one in variants(recipe, [year], columns).values()}
        patient = time.monotonic() - begun < PATIENCE_SECONDS
        now = drawn and (names <= shown or (names <= placed and patient))
        cells += comparison_matrix(product(), recipe, [year], columns, view.name, under_way=under_way, drawn=now).cells
    if drawn:
        named = {f"{view.name} {cell.recipe.digest}": cell for cell in cells}
        shown |= {name for name, cell in named.items() if cell.preview is not None}
        st.session_state[_PLACED] = set(named)
    return Matrix(view, tuple(cells))


def seen(cell: Cell) -> CellView:
    """The cell as one sees it in the table."""
    place, preview = (cell.variant.year, cell.variant.maxcc), cell.preview
    if cell.state == HERE and preview is not None:
        return CellView(*place, "here", preview_address(preview, preview.picture), cell.words, in_numbers(cell))
    if cell.state == HERE:
        return CellView(*place, "making", words=("Drawing …",))
    if cell.state == MISSING and cell.plan is not None:
        return CellView(*place, "missing", words=(_dates(cell),), bill=price(cell.recipe, (cell.plan,)))
    if cell.state == MAKING and cell.job is not None:
        job = cell.job
        said = f"{job.done:,} of {job.total:,} requests" if job.total else "Waiting for its turn"
        return CellView(*place, "making", words=(said,), progress=job.done / job.total if job.total else None)
    return CellView(*place, "unknown") if cell.state == UNKNOWN else CellView(*place, "empty", words=(cell.words,))


def in_numbers(cell: Cell) -> tuple[str, ...]:
    """`35 of 73 dates`, `0.1 % without data`, `14 clear observations`; nothing where it is not drawn."""
    if cell.preview is None:
        return ()
    told = cell.preview.numbers
    return _dates(cell), f"{percent(told.no_data)} without data", f"{told.median_observations:g} clear observations"


def _dates(cell: Cell) -> str:
    return f"{cell.dates:,} of {plural(cell.acquisitions, 'date')}"

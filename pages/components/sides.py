"""What is selected in the table: one picture large, or two beside each other with what to think of their difference."""

import streamlit as st

from pages.components import choices, comparison, messages
from pages.components.difference_view import difference_picture, difference_view, pair_of
from pages.components.facts import facts
from pages.components.framed import Framed, framed
from pages.components.guard_words import guard, months_of
from pages.components.halves import Half, evened, half
from pages.components.legends import VIRIDIS, ramp
from pages.components.listing import listing
from pages.components.matrix_cells import Cells, cells_of, words_of
from pages.components.matrix_view import shown_beside
from pages.components.percents import percent
from pages.components.product import product
from pages.components.sketch_route import sketch_address
from pages.components.sketched import looks_words, numbers
from pages.components.viewer import viewer
from services.comparable import EQUALISED
from services.compare import MAKING, MISSING, UNKNOWN, Cell
from services.errors import RecipeError
from services.looksmap import looks_map
from services.veto import ordered
from services.view import View

_HINTS = {
    UNKNOWN: "The catalogue is being asked.",
    MISSING: "It is not in the cache: fetch it in the table.",
    MAKING: "It is being fetched, and is shown here when all of it is there.",
}


def sides() -> None:
    """Beside the table. Raises NoDataError, RecipeError and StorageError."""
    chosen, now = choices.read(), comparison.read()
    places = now.shown(chosen)
    found = [_cell(cells_of(chosen, [year], [limit], drawn=False)) for year, limit in places]
    shown_beside({place: cell.state for place, (cell, _) in zip(places, found, strict=True)})
    if not found:
        messages.say(
            "Choose one or two pictures in the table",
            "One is enlarged, a second one is compared with it. What is not there yet is fetched by its button.",
        )
    elif len(found) == 1:
        (cell, view), *_ = found
        one = half(cell, view)
        _enlarged(one, view) if one is not None else _not_here(cell)
    else:
        _compared(found[0][0], found[1][0], found[0][1])


def _cell(found: Cells) -> tuple[Cell, View]:
    return found.cells[0], found.view


def _not_here(*cells: Cell) -> None:
    for cell in cells:
        messages.say(words_of(cell), _HINTS.get(cell.state, cell.words))


def _enlarged(one: Half, view: View) -> None:
    """One picture, its clear looks and its numbers."""
    viewer("enlarged", one.picture(view), size=(one.sketch.width, one.sketch.height))
    beside, numbered = st.columns([8, 11], gap="medium")
    with beside:
        told = one.sketch.numbers
        _looks(one, "np-one", one.sketch.looks, (told.least_looks, told.most_looks))
    with numbered:
        facts(numbers(one.sketch, one.cell.recipe, view))
        _open(one)


def _compared(left: Cell, right: Cell, view: View) -> None:
    """Two pictures, whether they can be compared, and their difference where it is looked at."""
    now, refused = comparison.read(), ""
    if now.equal:
        try:
            left, right = evened(left, right)
        except RecipeError as error:
            refused = str(error)
    pair = half(left, view), half(right, view)
    one, other = pair
    if one is None or other is None:
        _not_here(*(cell for cell, shown in zip((left, right), pair, strict=True) if shown is None))
        return
    guard(one, other, equal=now.equal and not refused, refused=refused)
    asked = pair_of(one, other, view)
    looked_at = now.mode == "difference"
    picture, made = difference_picture(asked if looked_at else None)
    size = (one.sketch.width, one.sketch.height)
    viewer("pair", one.picture(view), other.picture(view), picture, size=size, mode=now.mode, on_mode=_take_mode)
    if looked_at:
        difference_view(asked, made)
    _both(one, other)


def _both(one: Half, other: Half) -> None:
    """The clear looks of both beside each other, their numbers in one table, and the ways to their results."""
    told = one.sketch.numbers, other.sketch.numbers
    scale = min(each.least_looks for each in told), max(each.most_looks for each in told)
    columns = st.columns(2, gap="medium")
    for column, side, letter in zip(columns, (one, other), "AB", strict=True):
        with column:
            path = looks_map(product(), side.cell, side.sketch, *scale)
            _looks(side, f"np-side-{letter}", path, scale)
            _open(side)
    pairs = zip(_told(one), _told(other), strict=True)
    rows = [((label, mine, theirs), None) for (label, mine), (_, theirs) in pairs]
    listing("The two sides", ("Numbers", f"A: {one.name}", f"B: {other.name}"), rows)


def _told(side: Half) -> tuple[tuple[str, str], ...]:
    """Label and value."""
    told, kept = side.sketch.numbers, side.cell.kept
    satellites = sorted({look.satellite for look in kept})
    orbits = sorted({look.orbit for look in kept if look.orbit})
    return (
        ("Dates", f"{told.dates} of {told.acquisitions}"),
        ("Months", months_of(kept)),
        ("Without data", percent(told.no_data)),
        ("Clear looks", f"{told.median_looks:g} in the median, {told.least_looks} to {told.most_looks}"),
        ("Satellites", ", ".join(satellites)),
        ("Orbits", ", ".join(map(str, orbits)) or "–"),
    )


def _looks(side: Half, kind: str, path: str, scale: tuple[int, int]) -> None:
    """The map of clear looks; `scale` are the ends of its colours."""
    sketch, tiles = side.sketch, side.cell.recipe.neighbourhood.side
    legend = ramp(str(scale[0]), str(scale[1]), VIRIDIS, f"Clear looks, {side.name}")
    source, size = sketch_address(sketch, path), (sketch.width, sketch.height)
    st.html(framed(Framed(f"np-counts {kind}", source, looks_words(sketch), *size, tiles, legend)))


def _open(side: Half) -> None:
    """The way to its result: sets the choices, and starts nothing."""
    recipe = side.cell.recipe
    if st.button(f"Open {side.name} as a result", key=f"open_{side.cell.variant.year}_{side.cell.variant.maxcc}"):
        others = (veto for veto in choices.read().vetoes if veto.reason != EQUALISED)
        choices.change(interval=recipe.interval, maxcc=recipe.maxcc, vetoes=ordered((*others, *recipe.vetoes)))
        st.switch_page("results.py", query_params=choices.address())


def _take_mode(mode: str) -> None:
    comparison.change(mode=mode)

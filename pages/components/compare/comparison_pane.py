"""What is selected in the table: one picture large, or two beside each other with what to think of their difference."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import groupby

import streamlit as st

from pages.components.compare.comparison_side import ComparisonSide, comparison_side
from pages.components.compare.difference_view import difference_picture, difference_view, pair_of
from pages.components.compare.guard import guard
from pages.components.compare.matrix_view import cells_of, shown_beside
from pages.components.compare.source_view import report_of, source_box, source_numbers, source_pair
from pages.components.results.catalogue_question import may_ask
from pages.components.results.picture_bar import view_of
from pages.components.results.pictures import observations_range
from pages.components.results.preview_picture import observations_words, preview_numbers
from pages.components.shared import messages
from pages.components.shared.definition_list import definition_list
from pages.components.shared.format import angles_line, percent
from pages.components.shared.html_table import html_table
from pages.components.shared.legends import counts_ramp
from pages.components.shared.picture_html import PictureHtml, picture_html
from pages.components.shared.redraw import Show, redrawn
from pages.components.shared.viewer import viewer
from pages.components.take.compared import compared_files
from pages.routes.previews import preview_address
from pages.state import comparison, session
from pages.state.context import product
from services.catalogue import Acquisition
from services.compare import EQUALISED, MAKING, MISSING, MONTHS, UNKNOWN, Cell, caveats, counts_map, evened
from services.errors import RecipeError
from services.recipe import Recipe, ordered
from services.render import View
from services.sentinel2 import BANDS
from services.text import plural

_EQUAL = "guard_equal"
ALIKE = "Both sides are of the same months, satellites and orbits, with about as many dates and clear observations."
SOURCES = "A is of {}, B of {}: choose one year and limit of both to see how far the sources themselves differ."
_HINTS = {
    UNKNOWN: "The catalogue is being asked.",
    MISSING: "Its bands are not cached: fetch it in the table.",
    MAKING: "It is being fetched, and is shown here when all of it is there.",
}


def comparison_pane() -> None:
    """Beside the table. Raises NoDataError, RecipeError and StorageError."""
    redrawn("pane", _selected)


def _selected() -> Show:
    """What shows it. Raises as `comparison_pane`, and StillDrawing."""
    chosen, now = session.read(), comparison.read()
    places = now.shown(chosen)
    view, found = view_of(chosen), [cells_of(chosen, [place], drawn=False).cells[0] for place in places]
    shown_beside({cell.variant: cell.state for cell in found})
    if not found:
        return _nothing_chosen
    if len(found) == 1:
        one = comparison_side(found[0], view)
        return partial(_enlarged, one, view) if one is not None else partial(_not_here, *found)
    return _pair(found[0], found[1], view)


def _nothing_chosen() -> None:
    messages.say(
        "Choose one or two pictures in the table",
        "One is enlarged, a second one is compared with it. What is not there yet is fetched by its button.",
    )


def _not_here(*cells: Cell) -> None:
    for cell in cells:
        held = cell.state == UNKNOWN and not may_ask(cell.needs)
        messages.say(cell.name, cell.words if held else _HINTS.get(cell.state, cell.words))


def _enlarged(one: ComparisonSide, view: View) -> None:
    """One picture, its clear observations and its numbers."""
    viewer("enlarged", one.picture(view), size=(one.preview.width, one.preview.height))
    beside, numbered = st.columns([8, 11], gap="medium")
    with beside:
        told = one.preview.numbers
        _observations(one, "np-one", one.preview.counts, (told.least_observations, told.most_observations))
    with numbered:
        definition_list(preview_numbers(one.preview, one.cell.recipe, view))
        _open(one)


def _pair(left: Cell, right: Cell, view: View) -> Show:
    """What shows two pictures, as they are or evened out."""
    now, refused = comparison.read(), ""
    if now.equal:
        try:
            left, right = evened(left, right)
        except RecipeError as error:
            refused = error.sentences
    pair = comparison_side(left, view), comparison_side(right, view)
    one, other = pair
    if one is None or other is None:
        return partial(_not_here, *(cell for cell, side in zip((left, right), pair, strict=True) if side is None))
    return partial(_compared, one, other, view, refused)


def _compared(one: ComparisonSide, other: ComparisonSide, view: View, refused: str) -> None:
    """Two pictures, whether they can be compared, and their difference where it is looked at."""
    now = comparison.read()
    equal, sources = now.equal and not refused, source_pair(one, other)
    report = report_of(sources) if sources else None
    if sources and report:
        source_box(sources, report, equal=equal, refused=refused)
    else:
        comparability_box(one, other, equal=equal, refused=refused)
    asked = pair_of(one, other, view)
    looked_at = now.mode == "difference"
    picture, made = difference_picture(asked if looked_at else None)
    size = (one.preview.width, one.preview.height)
    viewer("pair", one.picture(view), other.picture(view), picture, size=size, mode=now.mode, on_mode=_take_mode)
    if looked_at:
        difference_view(asked, made)
    if sources and report:
        source_numbers(sources, report)
    compared_files(one.cell, other.cell, view, asked)
    _both(one, other)


def _both(one: ComparisonSide, other: ComparisonSide) -> None:
    """The clear observations of both beside each other, their numbers in one table, and the ways to their results."""
    told = one.preview.numbers, other.preview.numbers
    scale = 0, max(each.most_observations for each in told)
    columns = st.columns(2, gap="medium")
    for column, side, letter in zip(columns, (one, other), "AB", strict=True):
        with column:
            path = counts_map(product(), side.cell, side.preview, *scale)
            _observations(side, f"np-side-{letter}", path, scale)
            _open(side)
    pairs = zip(_told(one), _told(other), strict=True)
    rows = [((label, mine, theirs), None) for (label, mine), (_, theirs) in pairs]
    html_table("The two sides", ("Numbers", f"A: {one.cell.name}", f"B: {other.cell.name}"), rows)


def _told(side: ComparisonSide) -> tuple[tuple[str, str], ...]:
    """Label and value."""
    told, kept = side.preview.numbers, side.cell.kept
    satellites = sorted({observation.satellite for observation in kept})
    orbits = sorted({observation.orbit for observation in kept if observation.orbit})
    return (
        ("Dates", f"{told.dates} of {told.acquisitions}"),
        ("Months", months_of(kept)),
        ("Without data", percent(told.no_data)),
        ("Clear observations", observations_range(told)),
        ("Satellites", ", ".join(satellites)),
        ("Orbits", ", ".join(map(str, orbits)) or "–"),
        *angles_line(side.cell.recipe),
    )


def _observations(side: ComparisonSide, kind: str, path: str, scale: tuple[int, int]) -> None:
    """The map of clear observations; `scale` are the ends of its colours."""
    preview = side.preview
    legend = counts_ramp(scale[1], f"Clear observations, {side.cell.name}")
    source, size = preview_address(preview, path), (preview.width, preview.height)
    st.html(picture_html(PictureHtml(f"np-counts {kind}", source, observations_words(preview), *size, legend)))


def _open(side: ComparisonSide) -> None:
    """The way to its result: sets the choices, and starts nothing."""
    recipe, one = side.cell.recipe, side.cell.variant
    if st.button(f"Open {side.cell.name} as a result", key=f"open_{one.year}_{one.maxcc}_{one.provider}"):
        others = (veto for veto in session.read().vetoes if veto.reason != EQUALISED)
        chosen = {"provider": recipe.provider, "interval": recipe.interval, "maxcc": recipe.maxcc}
        session.change(**chosen, vetoes=ordered((*others, *recipe.vetoes)))
        st.switch_page("results.py", query_params=session.address())
    words = _other_bands(recipe)
    if words:
        st.caption(words)


def _other_bands(recipe: Recipe) -> str:
    """What its files would take besides what is shown here, a sentence; empty where all chosen bands are cached.

    Raises what reading the cache raises.
    """
    whole = recipe.with_(bands=session.read().bands)
    estimate = product().estimate_known(whole)
    if estimate is None or not estimate[1].requests:
        return ""
    lacking = sorted({plane for block in estimate[1].blocks for plane in block.planes if plane in BANDS})
    cost = product().provider(recipe).words.price(estimate[1].cost)
    needed = ", ".join(lacking) or "more of it"
    return f"Its picture is here. Its files need {needed} too, which are not cached: {cost}."


def _take_mode(mode: str) -> None:
    comparison.change(mode=mode)


def comparability_box(left: ComparisonSide, right: ComparisonSide, *, equal: bool, refused: str = "") -> None:
    """The sentences in a calm box, and the switch; `refused` says why they could not be evened out."""
    observations = left.preview.numbers.median_observations, right.preview.numbers.median_observations
    found = caveats(left.cell.kept, right.cell.kept, *observations)
    sentences = [caveat.words for caveat in found] or ([] if equal else [ALIKE])
    others = left.cell.source != right.cell.source
    if others:
        sentences.insert(0, SOURCES.format(left.cell.source, right.cell.source))
    if refused:
        sentences.insert(0, f"They cannot be evened out. {refused}")
    elif equal:
        sentences.insert(0, evened_words(left.cell.kept))
    title = "What differs besides the land" if found or others else "The sampling is alike"
    guard(
        title,
        "",
        sentences,
        "Equalise: same months, same number of dates",
        _EQUAL,
        on=equal or bool(refused),
        help="In each month of the year both sides keep as many dates as the poorer one has, the least cloudy. Nothing "
        "is fetched for it.",
    )


def evened_words(kept: Sequence[Acquisition]) -> str:
    """`12 dates on each side, May to September.`"""
    return f"{plural(len(kept), 'date')} on each side, {months_of(kept)}."


def months_of(kept: Sequence[Acquisition]) -> str:
    """`May to September`, `January, May and June`; `none` where there are none."""
    present = sorted(Counter(observation.time.month for observation in kept))
    runs: list[str] = []
    for _, group in groupby(enumerate(present), key=lambda pair: pair[1] - pair[0]):
        months = [MONTHS[month - 1] for _, month in group]
        runs += [f"{months[0]} to {months[-1]}"] if len(months) > 2 else months
    return " and ".join(filter(None, (", ".join(runs[:-1]), *runs[-1:]))) or "none"

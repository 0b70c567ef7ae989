"""The table of years, sources and max. cloud cover with what it takes; while something is under way it looks again."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import streamlit as st

from pages.components.acquisitions.fill_requests import failed_requests, fill_request, price, second_press, stop
from pages.components.compare.matrix_table import CellView, Fetch, Select, matrix_table
from pages.components.results.catalogue_question import ask_first, asking, may_ask
from pages.components.results.picture_bar import view_of
from pages.components.results.progress import failed
from pages.components.shared import messages
from pages.components.shared.format import percent
from pages.components.shared.legends import scale
from pages.components.take.compared import matrix_file
from pages.limits import every
from pages.routes.previews import preview_address
from pages.state import comparison, session
from pages.state.choices import Choices
from pages.state.comparison import possible_sources, recipe_in
from pages.state.context import jobs, product
from pages.state.member import actor, may
from services.compare import HERE, MAKING, MISSING, SIDE, UNKNOWN, Cell, Matrix, comparison_matrix
from services.jobs import FILL, SPENDING, UNFINISHED, Job
from services.nbar import angles_words
from services.preview import raster, step_for
from services.recipe import Variant
from services.render import legend
from services.text import plural

EVERY_SECONDS = 0.5
_BUSY, _MOVED, _BESIDE = "matrix_busy", "matrix_moved", "matrix_beside"
_SEEN = "matrix_seen"
"""In the session: the cells with a picture as they were seen last, by view and recipe."""
_NOT_KEPT_SECONDS = 5
"""An answer that came so long ago and is not there will not come any more."""
PATIENCE_SECONDS = 0.3
"""So long one run waits for new pictures; the next one shows what has been drawn meanwhile."""


def matrix_view(around: str) -> None:
    """The table; `around` is the key of the fragment that runs again where somebody selects something."""
    with messages.told():
        now = _look()
        st.session_state[_BUSY], st.session_state[_BESIDE] = now.busy, now.states
        st.fragment(_table, run_every=every(EVERY_SECONDS) if now.busy else None)(around, [now])


def shown_beside(states: Mapping[Variant, str]) -> None:
    """Say in which states the selected cells are shown: where one gets into another, the page runs again."""
    st.session_state[_BESIDE] = dict(states)


@dataclass(frozen=True)
class _Look:
    """The table as it stands at one moment."""

    found: Matrix
    selected: tuple[Variant, ...]
    held: tuple[Cell, ...]
    """Of each year and provider whose catalogue waits for a press, the first cell."""
    asked: tuple[Job, ...]
    """The questions to catalogues that were or are answered."""

    @property
    def busy(self) -> bool:
        """Whether it may be another one soon."""
        asked = any(job.unfinished or _just_now(job) for job in self.asked)
        return asked or self.found.undrawn or bool(self.found.of(MAKING))

    @property
    def states(self) -> dict[Variant, str]:
        """Of what is selected."""
        return {cell.variant: cell.state for cell in self.found.cells if cell.variant in self.selected}


def _look() -> _Look:
    """Raises RecipeError and StorageError."""
    chosen, now = session.read(), comparison.read()
    found = cells_of(chosen, now.cells(chosen))
    searches = {(cell.variant.year, cell.variant.provider): cell for cell in found.of(UNKNOWN)}
    held = tuple(cell for cell in searches.values() if not may_ask(cell.needs))
    asked = tuple(asking(cell.needs) for cell in searches.values() if cell not in held)
    return _Look(found, now.shown(chosen), held, asked)


def _table(around: str, seen: list[_Look]) -> None:
    """`seen` is what the page has just looked up; when this runs again by itself it looks anew."""
    with messages.told():
        look = seen.pop() if seen else _look()
        found, chosen, now = look.found, session.read(), comparison.read()
        _keep_time(look)
        ask_first(cell.needs for cell in look.held)
        matrix_table(
            "matrix",
            now.columns(chosen),
            now.rows(chosen),
            _steady(found),
            look.selected,
            size=_size(found),
            caption=f"{', '.join(filter(None, (found.view.words, _angles(found))))}; the same for every picture.",
            sources={cell.variant.provider: cell.source for cell in found.cells},
            on_event=partial(_hear, found),
            on_heard=partial(_run, around),
        )
        colours = legend(found.view)
        if colours is not None:
            st.html(f'<div class="np-key np-shared">{scale(colours, found.view.label)}</div>')
        if any(cell.preview for cell in found.cells):
            matrix_file(found.view)
        _what_it_takes(found)
        for job in look.asked:
            if not job.unfinished:
                failed(job, "Ask again")
                break


def _what_it_takes(found: Matrix) -> None:
    """Below the table: all at once, the second press, and what went wrong."""
    lacking, fetches = found.lacking, may()
    cache_fill = [job for job in found.under_way if job.kind == FILL and fetches and job.member == actor().name]
    with st.container(key="matrix-bill", horizontal=True, vertical_alignment="center", gap="small"):
        for name, cells in groupby(sorted(lacking, key=_provider), _provider):
            if fetches:
                _fetch_all(name, list(cells))
        if cache_fill:
            st.button(
                "Cancel fetching", key="stop_filling", on_click=stop, args=(cache_fill,), help="What came is kept."
            )
    if lacking and not fetches:
        messages.only_looks()
    elif lacking:
        st.caption("Nothing is fetched before you press, and what is fetched is never fetched again.")
    second_press("matrix")
    for words, job in failed_requests():
        messages.say(f"Fetching {words} did not work", job.cause, job.remedy, kind="problem")


def _provider(cell: Cell) -> str:
    return cell.variant.provider


def _fetch_all(name: str, lacking: list[Cell]) -> None:
    """A press for each source: each has its own price and its own budget."""
    words = "all that is missing" + (f" of {lacking[0].source}" if name else "")
    cost, key = price(lacking[0].recipe, [cell.plan for cell in lacking if cell.plan]), f"_{name}" if name else ""
    asked = [cell.needs for cell in lacking], words
    st.button(f"Fetch {words} · {cost}", key=f"fetch_all{key}", on_click=fill_request, args=asked)


def _keep_time(look: _Look) -> None:
    """The page runs again where the timer has to start or to stop, and where what is selected looks otherwise now."""
    busy, states = look.busy, look.states
    beside: dict[Variant, str] = st.session_state.get(_BESIDE, {})
    other = any(beside.get(place, state) != state for place, state in states.items())
    if busy != st.session_state.get(_BUSY, False) or other:
        st.session_state[_BUSY], st.session_state[_BESIDE] = busy, states
        st.rerun()


def _just_now(job: Job) -> bool:
    """Whether its answer is there at the next look."""
    return job.state == "done" and time.time() - (job.finished or 0) < _NOT_KEPT_SECONDS


def _hear(found: Matrix, event: Select | Fetch) -> None:
    if isinstance(event, Select):
        comparison.change(selected=event.cells)
        st.session_state[_MOVED] = True
    else:
        cell = next(cell for cell in found.cells if cell.variant == event.cell)
        fill_request([cell.needs], cell.name)


def _run(around: str) -> None:
    """What is selected is shown beside the table, and nothing else has to run again."""
    if st.session_state.pop(_MOVED, False):
        st.rerun(around)


def _angles(found: Matrix) -> str:
    """Whether view angles are evened out, which all cells have in common."""
    return angles_words(found.cells[0].recipe)


def _size(found: Matrix) -> tuple[int, int]:
    """Width and height of every picture; a place has it before its picture is there."""
    drawn = next((cell.preview for cell in found.of(HERE) if cell.preview is not None), None)
    if drawn is not None:
        return drawn.width, drawn.height
    needs = found.cells[0].needs
    height, width = raster(needs, step_for(needs, SIDE)).shape
    return width, height


def cells_of(chosen: Choices, asked: Iterable[Variant], *, drawn: bool = True) -> Matrix:
    """As they stand now, row by row; nobody is asked. Raises RecipeError and StorageError."""
    view, until = view_of(chosen), time.monotonic() + PATIENCE_SECONDS
    under_way = jobs().recent(*SPENDING, limit=100, states=UNFINISHED)
    possible, cells = possible_sources(), list[Cell]()
    for (year, name), row in groupby(asked, key=lambda one: (one.year, one.provider)):
        recipe = recipe_in(chosen, year)
        if recipe is None:
            continue
        columns, sources = [one.maxcc for one in row], [possible[name]] if name else []
        left = max(0.0, until - time.monotonic())
        parts = product(), recipe, [year], columns, view.name
        cells += comparison_matrix(*parts, sources=sources, under_way=under_way, drawn=drawn, patience=left).cells
    return Matrix(view, tuple(cells))


def _steady(found: Matrix) -> list[CellView]:
    """As they are seen now; one that is drawn again keeps the picture that it had."""
    before: dict[str, CellView] = st.session_state.get(_SEEN, {})
    views: dict[str, CellView] = {}
    for cell in found.cells:
        name = f"{found.view.name} {cell.recipe.digest}"
        view = seen(cell)
        views[name] = before.get(name, view) if cell.state == HERE and cell.preview is None else view
    st.session_state[_SEEN] = {name: view for name, view in views.items() if view.state == "here"}
    return list(views.values())


def seen(cell: Cell) -> CellView:
    """The cell as one sees it in the table."""
    preview, told = cell.preview, partial(CellView, cell.variant.year, cell.variant.maxcc, source=cell.variant.provider)
    if cell.state == HERE and preview is not None:
        return told("here", preview_address(preview, preview.picture), cell.words, in_numbers(cell))
    if cell.state == HERE:
        return told("making", words=("Drawing …",))
    if cell.state == MISSING and cell.plan is not None:
        cost = price(cell.recipe, (cell.plan,))
        if not may():
            return told("empty", words=(_dates(cell), f"To fetch: {cost}"))
        return told("missing", words=(_dates(cell),), bill=cost)
    if cell.state == MAKING and cell.job is not None:
        job = cell.job
        said = f"{job.done:,} of {job.total:,} requests" if job.total else "Waiting for its turn"
        return told("making", words=(said,), progress=job.done / job.total if job.total else None)
    if cell.state == UNKNOWN:
        return told("unknown") if may_ask(cell.needs) else told("empty", words=("Not looked up yet",))
    return told("empty", words=(cell.words,))


def in_numbers(cell: Cell) -> tuple[str, ...]:
    """`35 of 73 dates`, `0.1 % without data`, `14 clear observations`; nothing where it is not drawn."""
    if cell.preview is None:
        return ()
    told = cell.preview.numbers
    return _dates(cell), f"{percent(told.no_data)} without data", f"{told.median_observations:g} clear observations"


def _dates(cell: Cell) -> str:
    return f"{cell.dates:,} of {plural(cell.acquisitions, 'date')}"

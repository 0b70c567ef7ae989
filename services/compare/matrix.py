"""Years and providers beside limits: what is there of each cell, what it would take, and its picture; cache only."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from services.cache import FrameKey, MissingFrame, frame_keys
from services.catalogue import Acquisition, kept, kept_or_raise
from services.compare.difference import Side
from services.composite import Image
from services.errors import NoDataError, RecipeError
from services.jobs import Fetching, Job, bringing, fetching
from services.nbar import angles_words
from services.ninepatch import Ninepatch
from services.plan import Plan, plan
from services.preview import Preview, StillDrawing, step_for
from services.providers import Provider
from services.recipe import Recipe, Variant, variants
from services.render import Quantity, View, parse_view
from services.text import plural

UNKNOWN = "unknown"
"""The catalogue's answer is not kept: a LOOK job asks for it."""
EMPTY = "empty"
"""There is no acquisition, or none under the limit, or the provider has not what the recipe needs."""
MISSING = "missing"
"""The cache lacks something: a FILL job fetches it."""
MAKING = "making"
"""A job fetches it now."""
HERE = "here"
"""All is in the cache."""
SIDE = 330
"""Longest side of a cell's picture, px."""


@dataclass(frozen=True)
class Cell:
    """One year of one provider at one limit."""

    variant: Variant
    recipe: Recipe
    """The question with all of its bands."""
    needs: Recipe
    """The same with the bands of the view alone: what is drawn, and what is filled."""
    state: str
    """UNKNOWN, EMPTY, MISSING, MAKING or HERE."""
    words: str
    """A sentence: what is seen, or why nothing is."""
    source: str = ""
    """Title of the provider where several are compared, else empty."""
    acquisitions: int = 0
    """In the interval, kept or not; 0 while that is not known."""
    kept: tuple[Acquisition, ...] = ()
    """Of them: what the limit and the vetoes keep, oldest first."""
    plan: Plan | None = None
    """What the cache lacks; None where that is not known."""
    job: Job | None = None
    """That brings it."""
    preview: Preview | None = None
    """Its picture with exact numbers; None unless it is HERE and drawn."""

    @property
    def name(self) -> str:
        """`2018, ≤ 20 %`; `2018, ≤ 20 %, Earth Search` where several providers are compared."""
        return ", ".join(filter(None, (str(self.variant.year), f"≤ {self.variant.maxcc} %", self.source)))

    @property
    def dates(self) -> int:
        """How many acquisitions are kept."""
        return len(self.kept)

    @property
    def requests(self) -> int:
        """Questions over HTTP that it takes."""
        return self.plan.requests if self.plan else 0

    @property
    def units(self) -> float:
        """Processing units that it takes."""
        return self.plan.units if self.plan else 0.0


@dataclass(frozen=True)
class Matrix:
    """All cells under one view, whose scale is the same for each of them."""

    view: View
    cells: tuple[Cell, ...]
    """The earliest year first, in it the providers in their order, and of each the lowest limit first."""

    def of(self, state: str) -> tuple[Cell, ...]:
        """Those in that state."""
        return tuple(cell for cell in self.cells if cell.state == state)

    def at(self, year: int, limit: int, source: str = "") -> Cell:
        """The one of that year, limit and provider, which is there."""
        return next(cell for cell in self.cells if cell.variant == Variant(year, limit, source))

    @property
    def lacking(self) -> tuple[Cell, ...]:
        """The fewest cells to fill so that all that is missing is there: of each year and provider the one of the
        highest limit."""
        return tuple({(cell.variant.year, cell.variant.provider): cell for cell in self.of(MISSING)}.values())

    @property
    def undrawn(self) -> bool:
        """Whether one that is here waits for its picture."""
        return any(cell.preview is None for cell in self.of(HERE))

    @property
    def under_way(self) -> tuple[Job, ...]:
        """The jobs that fetch some of them."""
        return tuple({cell.job.id: cell.job for cell in self.cells if cell.job is not None}.values())


def comparison_matrix(
    product: Ninepatch,
    recipe: Recipe,
    years: Iterable[int],
    limits: Iterable[int],
    view: str,
    *,
    sources: Sequence[Provider] = (),
    under_way: Iterable[Job] = (),
    drawn: bool = True,
    patience: float | None = None,
) -> Matrix:
    """The recipe in all these years at all these limits, as they stand now; asks nobody.

    `sources` are the providers that are compared; without them it is the recipe's own, which is not named then.
    `under_way` are unfinished jobs. Cells that are HERE wait for their pictures; with a `patience` for so many seconds
    in all, and those that are not there then have none yet. None has one where they are not to be `drawn`. Raises
    RecipeError for years, limits or a view that are not possible, and StorageError.
    """
    shown = parse_view(view, recipe.bands)
    jobs = fetching(under_way)
    until = None if patience is None else time.monotonic() + patience
    cells: list[Cell] = []
    titles = {source.name: source.title for source in sources}
    asked = variants(recipe, years, limits, sources).items()
    for (_, name), row in groupby(asked, key=lambda one: (one[0].year, one[0].provider)):
        cells += _row(product, dict(row), titles.get(name, ""), shown, jobs, drawn, until)
    return Matrix(shown, tuple(cells))


def of_two_sources(left: Cell, right: Cell) -> bool:
    """Whether they ask the same of two providers: the days and the max. cloud cover are the same too."""
    one, other = left.recipe, right.recipe
    return one.provider != other.provider and (one.interval, one.maxcc) == (other.interval, other.maxcc)


def picture(product: Ninepatch, cell: Cell, quantity: Quantity, px: int) -> Image:
    """A cell as a picture of that quantity, at most `px` a side. Raises MissingFrame."""
    index = quantity.index
    bands, indices = ((), (index,)) if index else (quantity.bands, ())
    return product.compositor.image(cell.recipe, cell.kept, bands, step_for(cell.recipe, px), indices)


def side(product: Ninepatch, cell: Cell, quantity: Quantity, px: int) -> Side:
    """The same with its observations, as one of the two pictures of a difference. Raises MissingFrame."""
    recipe, room = cell.recipe, product.compositor
    step, bands = step_for(recipe, px), quantity.bands
    return Side(
        image=picture(product, cell, quantity, px),
        observations=[room.planes(recipe, observation, bands, step) for observation in cell.kept],
        clear=[room.clear(recipe, observation, step) for observation in cell.kept],
        times=[observation.time for observation in cell.kept],
    )


def _row(
    product: Ninepatch,
    row: Mapping[Variant, Recipe],
    source: str,
    view: View,
    jobs: Sequence[Fetching],
    drawn: bool,
    until: float | None,
) -> list[Cell]:
    """The cells of one year and provider; the cache is asked once for all of them. `until` is a time of
    `time.monotonic`."""
    cells = [Cell(one, recipe, recipe.showing(view.bands), UNKNOWN, "", source) for one, recipe in row.items()]
    needs = cells[-1].needs
    found = product.known(needs)
    if found is None:
        words = f"The catalogue has not been asked for {needs.interval.words}."
        return [replace(cell, words=words) for cell in cells]
    present = _present(product, needs, kept(found, needs))
    provider = product.provider(needs)
    cells = [_planned(cell, found, present, jobs, provider) for cell in cells]
    return [_drawn(product, cell, found, view, until) if drawn and cell.state == HERE else cell for cell in cells]


def _present(
    product: Ninepatch, needs: Recipe, observations: Sequence[Acquisition]
) -> Mapping[FrameKey, Collection[str]]:
    """Which planes are there of these acquisitions."""
    return product.frames.present(frame_keys(needs, observations), needs.planes)


def _planned(
    cell: Cell,
    found: Sequence[Acquisition],
    present: Mapping[FrameKey, Collection[str]],
    jobs: Sequence[Fetching],
    provider: Provider,
) -> Cell:
    """The cell as it stands, where the acquisitions are known and what of their planes is there."""
    try:
        chosen = kept_or_raise(found, cell.needs)
        lacking = plan(cell.needs, chosen, present, provider.terms)
    except (NoDataError, RecipeError) as error:  # the other cells may be of a provider that has what this one lacks
        return replace(cell, state=EMPTY, words=error.cause, acquisitions=len(found))
    cell = replace(cell, acquisitions=len(found), kept=chosen, plan=lacking)
    dates = f"{cell.dates:,} of {plural(len(found), 'date')}"
    if lacking.is_whole:
        return replace(cell, state=HERE, words=f"{dates}, all in the cache.")
    job = bringing(jobs, cell.needs, lacking)
    if job is not None:
        far = "{:,} of {:,} requests".format(*job.asked) if job.total else "waiting for its turn"
        return replace(cell, state=MAKING, words=f"{dates}; being fetched: {far}.", job=job)
    words = f"{dates}; to fetch: {provider.words.price_with_requests(lacking.cost)}."
    return replace(cell, state=MISSING, words=words)


def _drawn(product: Ninepatch, cell: Cell, found: Sequence[Acquisition], view: View, until: float | None) -> Cell:
    """With its picture, if it is there in time; what turns out damaged when it is read is missing."""
    patience = None if until is None else max(0.0, until - time.monotonic())
    try:
        preview = product.previews.make(cell.needs, found, view.name, SIDE, patience=patience)
    except StillDrawing:
        return cell
    except MissingFrame:
        present = _present(product, cell.needs, cell.kept)
        product.frames.verify(present, cell.needs.planes)
        healed = _planned(cell, found, _present(product, cell.needs, cell.kept), (), product.provider(cell.needs))
        if healed.state != HERE:
            return healed
        preview = product.previews.make(cell.needs, found, view.name, SIDE)  # somebody has fetched it meanwhile
    of = f" of {cell.source}" if cell.source else ""
    told, simulated = preview.numbers, ", simulated data" if preview.simulated else ""
    angles = f", {angles_words(cell.recipe)}" if cell.recipe.nbar else ""
    words = (
        f"{view.title}{of}{simulated}{angles}, {cell.recipe.when}, max. cloud cover {cell.variant.maxcc} %: "
        f"{told.dates:,} of {told.acquisitions:,} dates, {told.no_data:.1%} without data, "
        f"median count of clear observations {told.median_observations:g}."
    )
    return replace(cell, preview=preview, words=words)

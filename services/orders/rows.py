"""Rows of orders and of their parts, as the database has them and everybody reads them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields

from services.errors import NinepatchError, RecipeError
from services.orders.order import Order, question_of
from services.recipe import Recipe, Variant, variant

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
"""States of an order that is not ended: it waits for a worker, has one, or waits for somebody or for a month."""
DONE, GAPS, FAILED, CANCELLED = "done", "gaps", "failed", "cancelled"
"""States of one that is: whole, without some parts, without anything, and stopped by somebody."""
REMOVING, REMOVED = "removing", "removed"
"""States of one that nobody is shown any more: its files are to go, and are gone from where all have them."""
OPEN = (QUEUED, RUNNING, PAUSED)
ORDER_STATES = (*OPEN, DONE, GAPS, FAILED, CANCELLED)
WAITING, CACHED, FETCHING, FETCHED, COMPOSING = "waiting", "cached", "fetching", "fetched", "composing"
"""States of a part before it is made; a cached one lacks nothing from the start."""
NO_DATA = "no data"
"""State of a part of which no tile has a date."""
PART_STATES = (WAITING, CACHED, FETCHING, FETCHED, COMPOSING, DONE, NO_DATA, FAILED)
ENDED_PARTS = (DONE, NO_DATA, FAILED)
PICTURED = (DONE, GAPS)
"""States of an order that has a picture of the whole area."""


@dataclass(frozen=True)
class OrderRow:
    """A snapshot of one order."""

    id: str
    """Its digest."""
    spec: str
    """The order as JSON."""
    name: str
    """Of the area, for lists."""
    member: str
    """Who started it, or went on with it, and pays."""
    run: str
    """Number of this attempt, as the ledger has it; another after a resume."""
    state: str
    """One of ORDER_STATES."""
    waiting: str
    """What it waits for, a few words with the day where there is one; empty where it goes on."""
    until: float
    """Seconds since 1970 before which it does not go on by itself; 0 where nothing says."""
    cause: str
    """Of a failed order, or one that stopped: what happened."""
    remedy: str
    """What to do next."""
    cap: float
    """Units at most, in all attempts together; 0 is no limit."""
    share: float
    """Part of the account's month, 0 to 1, at which it stops until the next one."""
    units: float
    """Spent so far, in all attempts."""
    requests: int
    """Questions over HTTP that were answered, in all attempts."""
    bytes: int
    """Bytes that came."""
    parts: int
    """How many; 0 while the dates are not known."""
    tiles: int
    created: float
    """Seconds since 1970, as the others."""
    started: float | None
    beat: float | None
    """When its worker was last heard of."""
    finished: float | None
    worker: str
    attempts: int
    """Workers in a row that died over it."""
    cancel: bool
    """Somebody asked to end it."""
    pause: bool
    """Somebody asked to pause it."""
    link: str = ""
    """Area and grid as the query of a link, `area=…&grid=54x39`, by which pages go on from it; empty where unknown."""
    stored: int = 0
    """Bytes of what is made of it in the store that all machines reach; 0 without one."""

    @property
    def order(self) -> Order:
        """The order itself. Raises OrderError and RecipeError where another version of the program wrote it."""
        return Order.from_json(self.spec)

    @property
    def recipe(self) -> Recipe:
        """Its question, for which its tiles are not made. Raises as `order`."""
        return question_of(self.spec)[0]

    @property
    def unfinished(self) -> bool:
        """Queued, running or paused."""
        return self.state in OPEN


@dataclass(frozen=True)
class PartRow:
    """A snapshot of one part: a rectangle of at most 7 × 7 tiles, of which those of the order count."""

    id: str
    """`<digest>-<number>`."""
    order_id: str
    number: int
    """From 0, north row first."""
    epsg: int
    x: int
    """Of the south-western tile."""
    y: int
    columns: int
    rows: int
    tiles: int
    """Tiles of the order in it."""
    state: str
    """One of PART_STATES."""
    attempts: int
    units: float
    requests: int
    cause: str
    remedy: str
    receipt: str
    """What the engine gave for each of its tiles, as JSON; empty before."""
    finished: float | None


@dataclass(frozen=True)
class Failure:
    """A part, or a tile of one, that could not be made."""

    part: int
    epsg: int
    tile: str
    """`35,25`; empty of a whole part."""
    cause: str
    remedy: str


@dataclass(frozen=True)
class OrderReport:
    """How far an order is."""

    row: OrderRow
    counts: Mapping[str, int]
    """Parts in each of PART_STATES."""
    tiles: Mapping[str, int]
    """Tiles in each of PART_STATES: those of its parts."""
    units_a_minute: float
    """Lately, or of all of it; 0 where nothing was asked."""
    tiles_a_minute: float
    seconds_left: float | None
    """By that pace; None where nothing says."""
    failures: tuple[Failure, ...]

    @property
    def spent_share(self) -> float:
        """Part of the cap that is spent, 0 to 1; 0 without a cap."""
        return self.row.units / self.row.cap if self.row.cap else 0.0


@dataclass(frozen=True)
class OtherOrder:
    """An order of the same tiles that is no variant of another one."""

    row: OrderRow
    recipe: Recipe
    fields: tuple[str, ...]
    """Names of the recipe's fields that are different besides year and limit; none where only the outputs are."""


@dataclass(frozen=True)
class SameArea:
    """The orders of the very same tiles as one of them, as a comparison has the variants of a recipe."""

    recipe: Recipe
    """Of that one."""
    cells: Mapping[Variant, OrderRow]
    """Those that differ from it in year and limit alone, itself among them: of several alike itself, else one that has
    a picture, else the newest."""
    otherwise: tuple[OtherOrder, ...]
    """The others, the newest first."""

    @property
    def rows(self) -> tuple[OrderRow, ...]:
        """All, by year and limit, those that differ otherwise last."""
        return (*(self.cells[place] for place in sorted(self.cells)), *(one.row for one in self.otherwise))

    @classmethod
    def of(cls, row: OrderRow, rows: Iterable[OrderRow]) -> "SameArea":
        """Of rows that may be of other tiles, or of other versions; it is told anew where it is among them.

        Raises OrderError and RecipeError for an order of another version.
        """
        recipe, sheets = question_of(row.spec)
        found = {row.id: OtherOrder(row, recipe, ())}
        for one in rows:
            with suppress(NinepatchError):  # of another version
                other, tiles = question_of(one.spec)
                if tiles == sheets:
                    found[one.id] = OtherOrder(one, other, _other_fields(recipe, other))
        cells, otherwise = dict[Variant, OrderRow](), list[OtherOrder]()
        turns = sorted(found.values(), key=lambda one: -one.row.created)
        for told in sorted(turns, key=lambda one: (one.row.id != row.id, one.row.state not in PICTURED)):
            if told.fields or cells.setdefault(_place(told.recipe), told.row) != told.row:
                otherwise.append(told)
        return cls(recipe, cells, tuple(one for one in turns if one in otherwise))


def _place(recipe: Recipe) -> Variant:
    return Variant(recipe.interval.start.year, recipe.maxcc)


def _other_fields(recipe: Recipe, other: Recipe) -> tuple[str, ...]:
    """Names of the fields in which neither is a variant of the other: vetoes of dates that one cannot have are none."""
    names = {one.name for one in fields(Recipe)}
    for before, after in ((recipe, other), (other, recipe)):
        moved = before
        with suppress(RecipeError):  # the same days of that year have no pictures
            moved = variant(before, _place(after))
        names = {name for name in names if getattr(moved, name) != getattr(after, name)}
    return tuple(one.name for one in fields(Recipe) if one.name in names)

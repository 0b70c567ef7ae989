"""Rows of orders and of their parts, as the database has them and everybody reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.orders.order import Order

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

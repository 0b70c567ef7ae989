"""The Provider protocol: all that is asked of a place where pixels come from, by whatever kind of service."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import NDArray

from services.catalogue import Acquisition
from services.errors import QuotaSpent
from services.grid import TileBlock, TileIndex
from services.plan import BlockRequest, Cost, Terms
from services.recipe import Interval, Recipe
from services.reducers import Chapter
from services.settings import Settings
from services.text import megabytes, plural


@dataclass(frozen=True)
class Block:
    """The pixels of one block request."""

    frames: Mapping[TileIndex, Mapping[str, NDArray[Any]]]
    """Planes of each tile, each (height, width): bands uint16 = 10000 × reflectance, SCL and dataMask uint8."""
    units: float
    """What it cost: what the service says, or the plan where it says nothing."""
    bytes: int
    """Bytes that came."""
    requests: int = 1
    """Questions over HTTP that it took."""


class Try(Protocol):
    """What came back of one try of a question."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def bytes(self) -> int:
        """Bytes that came."""

    @property
    def units(self) -> float | None:
        """What it cost, as the service says; None where it does not."""


TryCallback = Callable[[Try | None], object]
"""Hears of each try, whatever its status; None where nothing came back."""


def ignore(heard: Try | None) -> None:
    """Nobody listens."""


Page = dict[str, Any]
"""One page of a catalogue's answer."""
AskPage = Callable[[Callable[[TryCallback], Page]], Page]
"""How one page is asked for: calls what it is given, which asks and tells of each try."""


def directly(send: Callable[[TryCallback], Page]) -> Page:
    """Nobody keeps a ledger."""
    return send(ignore)


@dataclass(frozen=True)
class Limits:
    """How much an account may ask; 0 is no limit."""

    requests_per_minute: float = 0.0
    units_per_minute: float = 0.0
    units_per_month: float = 0.0
    requests_per_month: float = 0.0
    """Questions over HTTP of all kinds: pixels and pages of the catalogue. Tokens are none of them."""


@dataclass(frozen=True)
class Words:
    """How costs are told to people."""

    units: str = ""
    """Short, in the plural: `units`; empty where the provider counts none."""
    units_in_full: str = ""
    """`processing units`."""
    free: str = ""
    """Follows a price that nobody pays: `, free ones of the demo archive` after units, else `, free`."""

    @property
    def paid(self) -> bool:
        """Whether somebody pays, or a quota is used up: then a search is asked for by a press."""
        return not self.free

    def price(self, cost: Cost) -> str:
        """`62.1 units`; `1.1 GB, 840 requests, free` where the provider counts no units."""
        if self.units:
            return f"{cost.units:,.1f} {self.units}"
        return f"{megabytes(cost.bytes)}, {plural(cost.requests, 'request')}{self.free}"

    def price_in_full(self, cost: Cost) -> str:
        """`62.1 processing units`; as `price` where the provider counts no units."""
        return f"{cost.units:,.1f} {self.units_in_full}" if self.units else self.price(cost)

    def price_of(self, cost: Cost, quota: float) -> str:
        """`62.1 of 10,000 processing units a month, free …` where there are units, and a quota; else as `price`."""
        if not self.units:
            return self.price(cost)
        whole = f"{cost.units:,.1f} of {quota:,.0f} {self.units_in_full} a month"
        return (whole if quota else self.price_in_full(cost)) + self.free

    def price_with_requests(self, cost: Cost) -> str:
        """`40 requests, 62.1 units`; as `price` where the provider counts no units."""
        return f"{plural(cost.requests, 'request')}, {self.price(cost)}" if self.units else self.price(cost)

    def amount(self, cost: Cost) -> str:
        """What a dear fetch is told by: `62 units`; `1.1 GB` where the provider counts no units."""
        return f"{cost.units:,.0f} {self.units}" if self.units else megabytes(cost.bytes)

    def quota(self, spent_share: float, quota: float) -> str:
        """`12.3 % of 10,000 units are used`; that nothing is counted where the account has no quota."""
        return f"{100 * spent_share:.1f} % of {quota:,.0f} {self.units} are used" if quota else "without a quota"

    def search(self, cost: Cost) -> str:
        """Of a search: `about 3 catalogue requests, 0.4 units`; without units where the provider counts none."""
        units = f", {max(cost.units, 0.01):,.2f} {self.units}" if self.units else ""
        return f"about {plural(cost.requests, 'catalogue request')}{units}{self.free}"


@dataclass(frozen=True)
class Program:
    """The provider's part of the exported program, as templates: `$names` are put in their places.

    `fetch` defines `fetch_tile(tile, acquisitions)`, the EOPatch of each acquisition with the features `BANDS` and
    those of `$masks`, from the names of the chapters before it.
    """

    packages: tuple[str, ...]
    """`name==version`, of the package index, beside those that every program needs."""
    imports: tuple[str, ...]
    """`from … import …`, a line each."""
    needs: str
    """A sentence on what must be there before it runs; empty where nothing must."""
    account: Chapter
    fetch: Chapter
    fill: Mapping[str, str] = field(default_factory=dict)
    """Literals of Python by the names that both chapters have beside the program's own."""
    cost: Cost | None = None
    """Of all that it reads; None where that is the sum of its tiles."""


@dataclass(frozen=True)
class Step:
    """What was tried of a provider, and how it went."""

    step: str
    """`account`, `token` or `catalogue`."""
    ok: bool
    sentence: str
    """What works, or what does not and what to do."""


class Source(Protocol):
    """A provider that is open: it may be asked now. Threads share it."""

    @property
    def waiting(self) -> str:
        """What it holds us back by now, a few words; empty where it does not."""

    def search(
        self, neighbourhood: TileBlock, interval: Interval, cancelled: Callable[[], bool], ask: AskPage = directly
    ) -> tuple[Acquisition, ...]:
        """All acquisitions that begin in the interval, oldest first; the answer is kept for `cached_search`.

        Each page of the answer is asked for by `ask`, which may enter it in a ledger. Raises ProviderError,
        StorageError, and Cancelled once `cancelled` says so.
        """

    def read_block(self, block: BlockRequest, cancelled: Callable[[], bool], heard: TryCallback = ignore) -> Block:
        """Ask for a block and wait for its pixels; `heard` hears of each try. Raises ProviderError and Cancelled."""

    def quota_spent(self) -> QuotaSpent:
        """The error of an account whose month is used up."""


class Named(Protocol):
    """Which provider it is."""

    @property
    def name(self) -> str:
        """Part of cache keys and recipes, never a secret."""

    @property
    def title(self) -> str:
        """What people read."""

    @property
    def base_url(self) -> str:
        """Where its catalogue is, without a slash at the end; empty where it does not run or has none."""

    @property
    def collection(self) -> str:
        """The service's name of the collection."""

    @property
    def simulated(self) -> bool:
        """Whether no satellite made its pixels."""


class Provider(Named, Protocol):
    """One account at one service: a value, which may be asked for all of this without a network.

    A new kind of service is a class that is this, and its entry in `services.providers.registry.KINDS`.
    """

    @property
    def about(self) -> str:
        """What it is and what it costs, in one line for who chooses."""

    @property
    def open_data(self) -> bool:
        """Whether anyone may have its pixels without an account: `auto` and `open` see whether such ones answer."""

    @property
    def ready(self) -> bool:
        """Whether it may be asked as the settings are: it has the account that it needs."""

    @property
    def terms(self) -> Terms:
        """How large a request may be, and what it costs."""

    @property
    def limits(self) -> Limits:
        """How much the account may ask."""

    @property
    def words(self) -> Words:
        """How its costs are told."""

    def search_cost(self, neighbourhood: TileBlock, interval: Interval) -> Cost:
        """About what a search takes: its pages are known only once it is asked. Pure."""

    def gaps(self, interval: Interval) -> str:
        """What its catalogue lacks of these days though it was seen, in a sentence; empty where it lacks nothing."""

    def attribution(self, years: Iterable[int]) -> str:
        """The sentence that the data's licence asks for, or the one that says that the data are simulated."""

    def granule_href(self, granule: str) -> str:
        """Where its catalogue has a granule; a name of no address where it has none that stays."""

    def program(self, recipe: Recipe, kept: Sequence[Acquisition]) -> Program:
        """How the exported program asks it for the acquisitions that a recipe keeps."""

    def open(self, settings: Settings) -> Source:
        """To ask it; one for all threads of the process. Raises CredentialsMissing and ProviderUnreachable."""

    def check(self, settings: Settings, ask: AskPage = directly) -> list[Step]:
        """Whether it can be used, at next to no cost: one step after the other, up to the first that fails.

        Pages of the catalogue are asked for by `ask`.
        """

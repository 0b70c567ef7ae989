"""A row of the ledger: one block request or one question to the catalogue, and its table with what is counted of it."""

from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from services.plan import BlockRequest, Cost
from services.storage import table_of


@dataclass(frozen=True)
class Requester:
    """On whose account something is asked."""

    provider: str
    """Name of the provider."""
    member: str
    """Name of who asks."""
    recipe: str
    """Digest of the recipe."""
    run: str
    """One attempt to carry out a job: the same over the workers that take it over, another after a resume."""


@dataclass(frozen=True)
class Entry:
    """One request, of a block or of a page of the catalogue: what it asks for, and what became of it."""

    provider: str
    """Name of the provider."""
    acquisition: str
    """Its key; empty of a page."""
    pixels: int
    """Width × height; 0 of a page, as the tiles."""
    tiles: int
    planes: tuple[str, ...]
    """Bands, SCL, dataMask; none of a page."""
    estimated: float
    """Processing units by the service's formula."""
    units: float | None = None
    """Processing units as the service's header says, of all tries; None while nothing has been heard."""
    bytes: int = 0
    """Bytes that came, of all tries."""
    seconds: float = 0.0
    """From the first try to the end, with all waits."""
    tries: int = 0
    """How often it was sent, those included that were answered with 429."""
    status: int = 0
    """HTTP status of the last answer; 0 where none came."""
    error: str = ""
    """Kind of the error that ended it: `ServiceFailed`; empty where it was answered as asked."""
    member: str = ""
    """Name of who asks."""
    recipe: str = ""
    """Digest of the recipe."""
    run: str = ""
    """See Requester."""
    time: float = 0.0
    """Seconds since 1970, when it was written."""
    month: str = ""
    """`2026-11`, UTC."""
    requests: int = 0
    """Questions over HTTP that were answered as asked; 0 while nothing has been heard."""
    expected_bytes: int = 0
    """Bytes that were expected to come, by the provider's terms."""

    @classmethod
    def of(cls, block: BlockRequest, requester: Requester) -> "Entry":
        """Of a request that has not been sent."""
        expected = block.terms.total((block,))
        return cls(
            provider=requester.provider,
            acquisition=block.acquisition.key,
            pixels=block.pixels,
            tiles=block.columns * block.rows,
            planes=block.planes,
            estimated=expected.units,
            member=requester.member,
            recipe=requester.recipe,
            run=requester.run,
            expected_bytes=expected.bytes,
        )

    @classmethod
    def of_page(cls, expected: Cost, requester: Requester) -> "Entry":
        """Of a page of the catalogue that has not been asked for."""
        nothing: dict[str, Any] = {"acquisition": "", "pixels": 0, "tiles": 0, "planes": ()}
        return cls(**nothing, **asdict(requester), estimated=expected.units, expected_bytes=expected.bytes)

    @property
    def kind(self) -> str:
        """`pixels` or `catalogue`."""
        return "pixels" if self.planes else "catalogue"

    @property
    def expected(self) -> Cost:
        """What it was taken to cost before it was sent."""
        return Cost(self.estimated, 1, self.expected_bytes)


REQUESTS = table_of("requests", Entry, id=int)
_saving = {"wanted": int, "saved": int, "price": float, "saved_units": float, "price_bytes": int, "saved_bytes": int}
FETCHES = table_of("fetches", Requester, id=int, time=float, month=str, **_saving)
CHARGED = sa.func.coalesce(REQUESTS.c.units, REQUESTS.c.estimated)
"""Units of a request; of an open one what it was expected to cost."""
QUESTIONS = sa.case((REQUESTS.c.requests > 1, REQUESTS.c.requests), else_=1)
"""Questions over HTTP of a request; one that is open, or was not answered as asked, is one at least."""
CAME = sa.case((REQUESTS.c.units.is_(None), REQUESTS.c.expected_bytes), else_=REQUESTS.c.bytes)
"""Bytes of a request; of an open one what was expected."""
_commas = sa.func.length(REQUESTS.c.planes) - sa.func.length(sa.func.replace(REQUESTS.c.planes, ",", ""))
PLANES = REQUESTS.c.tiles * (_commas + 1)
"""Planes of a request, each of one tile; 0 of a page, which has no tiles."""
OF_PIXELS = REQUESTS.c.planes != ""
"""Not of the catalogue."""
ANSWERED = sa.and_(REQUESTS.c.error == "", REQUESTS.c.status != 0)
"""As it was asked."""

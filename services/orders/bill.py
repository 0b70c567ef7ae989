"""The bill of a whole order, before it starts: what it costs, how long it takes, what it fills; asks nobody."""

from dataclasses import dataclass
from math import ceil

from services.errors import NinepatchError
from services.plan import Cost, Plan


@dataclass(frozen=True)
class OrderBill:
    """All that is known beforehand; what the cache has already is subtracted."""

    tiles: int
    """Of the order."""
    empty: int
    """Of them: those without a date."""
    parts: int
    dates: int
    """Acquisitions of which some tile is made."""
    frames: int
    """Tiles × dates."""
    planes: int
    """Planes that it needs, each of one tile."""
    cached: int
    """Planes that the cache has."""
    search: Cost
    """Of the one question to the catalogue for each zone; nothing where its answer is kept."""
    pixels: Cost
    """Of what is missing."""
    angles: Cost
    """Of `pixels`, what is asked for view angles alone."""
    spent: Cost
    """What the ledger has for this month, of all members."""
    units_month: float
    """Units of the account a month; 0 is no limit."""
    requests_month: float
    """Requests of the account a month; 0 is no limit."""
    share: float
    """Part of the month at which the order stops, 0 to 1."""
    months: int
    """Months that it needs by both limits, with what is spent of this one; 1 where there is no limit."""
    seconds: float
    """That the rate limit makes it last at least, without the pauses between months."""
    composing_seconds: float
    """Processor time that composing takes about."""
    cache_bytes: int
    """Its frames in the cache, of which `cache_new` are to come."""
    cache_new: int
    result_bytes: int
    """Its tiles and outputs."""
    temporary_bytes: int
    """At most at one time, beside them."""
    disk_free: int
    """Bytes that may be taken of the disk."""
    memory_bytes: int
    """At the worst moment."""
    memory_free: int
    now: int
    """Tiles that fit in what is left of this month: all, where `months` is 1."""
    refusal: NinepatchError | None = None
    """Why it would not start; None where it would."""

    @property
    def cost(self) -> Cost:
        """Of all: the catalogue and the pixels."""
        return self.search + self.pixels

    @property
    def of_month(self) -> float:
        """Part of a month's units, 0 to 1 or more; 0 where there is no limit."""
        return self.cost.units / self.units_month if self.units_month else 0.0


def months_for(cost: Cost, spent: Cost, units: float, requests: float) -> int:
    """Calendar months that it takes where each has so much, and `spent` of this one is gone; 0 is no limit."""
    pairs = (cost.units, spent.units, units), (cost.requests, spent.requests, requests)
    return max((1 + ceil(max(0.0, more + gone - limit) / limit) for more, gone, limit in pairs if limit), default=1)


def tiles_now(lacking: list[tuple[int, Plan]], spent: Cost, units: float, requests: float) -> int:
    """Tiles of the first parts that fit in what is left of this month; each with what it lacks."""
    total, fit = spent, 0
    for tiles, planned in lacking:
        total += planned.cost
        if (units and total.units > units) or (requests and total.requests > requests):
            break
        fit += tiles
    return fit

"""Survey of an order: its parts with their dates, what the cache lacks of each, and what it all takes; asks nobody."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.accounting import unheard
from services.cache import FrameKey, FrameStore, frame_key, frame_keys, plane_type
from services.catalogue import Acquisition, dates_of_groups
from services.errors import CapacityExceeded, NoDataError, OrderError
from services.jobs import Demand, Room
from services.mosaic import Sizes, check_room, orders_bytes, sizes_of
from services.orders.made import made_area
from services.orders.order import Order
from services.orders.parts import Part, parts_of
from services.plan import Plan, Terms, packed_bytes, plan
from services.settings import Settings

_IN_FLIGHT = 3
"""Bytes in memory for each byte of an answer's pixels: as it came, unpacked, and packed again for the cache."""
_HELD = 500
"""Bytes in memory for each tile at each of its dates, as long as the order runs: what it is a date of, what the cache
has, what must stay there. Of 156,000 of the demo archive 420 were counted."""
MOST_FRAMES = 3_000_000
"""Of one order: to look them up takes some six minutes, and to list them 1.5 GB."""
_HALF = 0.5
"""Part of the free memory that answers may take together."""


@dataclass(frozen=True)
class Needs:
    """In bytes."""

    frames: int
    """Tiles × dates."""
    cache: int
    """Its frames, compressed."""
    sizes: Sizes
    """Its results."""
    tile: int
    """Memory of a tile that is composed, with the most dates."""
    answer: int
    """Memory of a request that is under way."""

    def memory(self, settings: Settings, free: int) -> int:
        """At the worst moment."""
        composing = settings.workers * self.tile + self.connections(settings, free) * self.answer
        return max(composing, self.sizes.memory) + self.held

    @property
    def held(self) -> int:
        """Memory that all its tiles and dates take together, whatever is done with them."""
        return _HELD * self.frames

    def connections(self, settings: Settings, free: int) -> int:
        """Requests side by side: as the settings say, as far as the memory holds their answers."""
        return max(1, min(settings.connections, int(_HALF * free) // max(1, self.answer)))

    def check(self, settings: Settings, room: Room, new: int) -> None:
        """Raises CapacityExceeded with the numbers where it does not fit; `new` bytes of its frames are to come."""
        left = room.cache - room.taken
        if self.cache > left:
            raise CapacityExceeded(
                f"The frames of this order take about {self.cache / 1e9:,.1f} GB of the cache, and "
                f"{max(0, left) / 1e9:,.1f} GB of it are there for them.",
                "Raise the setting cache_gb, or order a smaller area, a shorter interval or fewer bands.",
            )
        memory = self.memory(settings, room.memory)
        if memory > room.memory:
            raise CapacityExceeded(
                f"This order needs about {memory / 1e9:,.1f} GB of memory, {self.held / 1e9:,.1f} GB of them for the "
                f"list of its {self.frames:,} frames, and {room.memory / 1e9:,.1f} GB are free on this machine.",
                "Set fewer workers in the settings, or order a smaller area, a shorter interval or coarser pixels.",
            )
        check_room(self.sizes, disk=room.disk - new, results=room.results)


def room_of(settings: Settings, taken: int) -> Room:
    """What there is now, beside `taken` bytes of the cache that others count on and the results of all orders."""
    room = Room.here(settings)
    return Room(room.memory, room.disk, room.cache, room.results - orders_bytes(settings.home), taken)


def needs_of(
    order: Order, parts: Sequence[Part], dates: Mapping[int, Sequence[Acquisition]], settings: Settings
) -> Needs:
    """Of all parts, each with its dates by its number."""
    counts = [count for part in parts for count in _counts(part, dates[part.number])]
    frames, recipe = sum(counts), order.recipe
    width, height = recipe.lattice.size_px(recipe.resolution)
    planes = sum(plane_type(plane)().itemsize for plane in recipe.fetched)
    largest = max(part.columns * part.rows for part in parts)
    average = -(-frames // max(1, len(counts)))
    return Needs(
        frames=frames,
        cache=packed_bytes(frames * width * height, recipe.planes),
        sizes=sizes_of(made_area(order, settings.home), order.outputs, average),
        tile=Demand(recipe, max(counts, default=0), workers=1).memory,
        answer=_IN_FLIGHT * largest * width * height * planes,
    )


def _counts(part: Part, dates: Sequence[Acquisition]) -> list[int]:
    """Dates of each of its tiles."""
    return [sum(one.touches(tile) for one in dates) for tile in part.tiles]


def _dates_of(
    order: Order,
    parts: Sequence[Part],
    found: Mapping[int, Sequence[Acquisition]],
    tell: Callable[[float], None],
) -> dict[int, tuple[Acquisition, ...]]:
    """By the number of each part what its tiles keep."""
    dates: dict[int, tuple[Acquisition, ...]] = {}
    total, done = sum(map(len, found.values())), 0
    for sheet in order.sheets:
        mine = [part for part in parts if part.lattice == sheet.lattice]
        passes = found[sheet.lattice.epsg]
        told = dates_of_groups(_told(passes, done, total, tell), order.recipe, [part.tiles for part in mine])
        dates |= zip((part.number for part in mine), told, strict=True)
        done += len(passes)
    return dates


def _told(passes: Sequence[Acquisition], done: int, total: int, tell: Callable[[float], None]) -> Iterator[Acquisition]:
    for number, one in enumerate(passes, done):
        tell(number / total)
        yield one


@dataclass(frozen=True)
class Survey:
    """All that is known of an order once its zones have been searched."""

    order: Order
    parts: tuple[Part, ...]
    dates: Mapping[int, tuple[Acquisition, ...]]
    """Of each part, by its number; each with the tiles of which it is a date."""
    needs: Needs
    terms: Terms
    """Of the provider."""

    @classmethod
    def of(
        cls,
        order: Order,
        found: Mapping[int, tuple[Acquisition, ...]],
        terms: Terms,
        settings: Settings,
        tell: Callable[[float], None] = unheard,
    ) -> "Survey":
        """`found` is what each zone was searched for, by its EPSG code. `tell` hears what part of the dates is decided.
        Raises NoDataError where no tile has a date, and OrderError where there are far too many."""
        parts = parts_of(order, terms)
        dates = _dates_of(order, parts, found, tell)
        if not any(dates.values()):
            raise NoDataError(
                f"No tile of the area has a date of at most {order.recipe.maxcc} % in {order.recipe.when}.",
                "Raise the max. cloud cover, or choose other days.",
            )
        needs = needs_of(order, parts, dates, settings)
        if needs.frames > MOST_FRAMES:
            raise OrderError(
                f"The order has {needs.frames:,} frames, each tile at each of its dates; at most {MOST_FRAMES:,} are "
                "looked up.",
                "Order the area in parts, fewer days, or lower the max. cloud cover.",
            )
        return cls(order, parts, dates, needs, terms)

    @property
    def empty(self) -> int:
        """Tiles without a date."""
        return sum(not count for part in self.parts for count in _counts(part, self.dates[part.number]))

    def keys(self, part: Part, dates: tuple[Acquisition, ...] | None = None) -> list[FrameKey]:
        """Of all frames of a part, or only those of some dates."""
        return frame_keys(part.recipe, self.dates[part.number] if dates is None else dates, part.tiles)

    def lacking(self, part: Part, frames: FrameStore, dates: tuple[Acquisition, ...] | None = None) -> Plan:
        """What the cache lacks of it."""
        chosen = self.dates[part.number] if dates is None else dates
        around = None if self.terms.kept else part.block  # files are read by their own blocks
        keys = self.keys(part, chosen)
        if around is not None:
            keys = [frame_key(part.recipe, index, one) for one in chosen for index in around.indices]
        present = frames.present(keys, part.recipe.planes)
        return plan(part.recipe, chosen, present, self.terms, part.tiles, around)

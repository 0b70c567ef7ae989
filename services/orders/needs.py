"""What an order takes of memory, cache and disk, against what there is: before it is paid for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.cache import plane_type
from services.catalogue import Acquisition
from services.errors import CapacityExceeded
from services.jobs import Demand, Room
from services.mosaic import Sizes, check_room, orders_bytes, sizes_of
from services.orders.made import made_area
from services.orders.order import Order
from services.orders.parts import Part
from services.plan import packed_bytes
from services.settings import Settings

_IN_FLIGHT = 3
"""Bytes in memory for each byte of an answer's pixels: as it came, unpacked, and packed again for the cache."""
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
        return max(composing, self.sizes.memory)

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
                f"This order needs about {memory / 1e9:,.1f} GB of memory, and {room.memory / 1e9:,.1f} GB are free on "
                "this machine.",
                "Set fewer workers in the settings, or order smaller tiles or a coarser resolution.",
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
    counts = [sum(one.touches(tile) for one in dates[part.number]) for part in parts for tile in part.tiles]
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

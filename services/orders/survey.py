"""Survey of an order: its parts with their dates, and what the cache lacks of each; asks nobody."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.cache import FrameKey, FrameStore, frame_key, frame_keys
from services.catalogue import Acquisition
from services.errors import NoDataError
from services.orders.needs import Needs, needs_of
from services.orders.order import Order
from services.orders.parts import Part, parts_of
from services.plan import Plan, Terms, plan
from services.settings import Settings


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
        cls, order: Order, found: Mapping[int, tuple[Acquisition, ...]], terms: Terms, settings: Settings
    ) -> "Survey":
        """`found` is what each zone was searched for, by its EPSG code. Raises NoDataError where no tile has a date."""
        parts = parts_of(order, terms)
        dates = {part.number: part.dates(found[part.lattice.epsg]) for part in parts}
        if not any(dates.values()):
            raise NoDataError(
                f"No tile of the area has a date of at most {order.recipe.maxcc} % in {order.recipe.when}.",
                "Raise the max. cloud cover, or choose other days.",
            )
        return cls(order, parts, dates, needs_of(order, parts, dates, settings), terms)

    @property
    def empty(self) -> int:
        """Tiles without a date."""
        tiles = ((part, tile) for part in self.parts for tile in part.tiles)
        return sum(not any(one.touches(tile) for one in self.dates[part.number]) for part, tile in tiles)

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

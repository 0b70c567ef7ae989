"""Room: bytes of an order's outputs beforehand, for its bill, against the disk and the limit of results."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.errors import CapacityExceeded
from services.mosaic.building import MEMORY_BYTES, bytes_in
from services.mosaic.outputs import OUTPUTS, Area


@dataclass(frozen=True)
class Sizes:
    """Of an order's outputs."""

    kept: Mapping[str, int]
    """Bytes of each output, by its name."""
    temporary: int
    """Bytes besides, while the largest one is made."""
    memory: int
    """Bytes, of the process that makes them."""

    @property
    def results(self) -> int:
        """Bytes of all that stays."""
        return sum(self.kept.values())


def sizes_of(area: Area, names: Iterable[str], dates: int) -> Sizes:
    """What these outputs will take, with the tiles, for all are made of them; `dates` are those of a tile, on average.

    Raises RecipeError for a name.
    """
    chosen = [OUTPUTS[name] for name in dict.fromkeys(("tiles", *names))]
    twice = {one.name: 2 if one.in_other and area.everywhere else 1 for one in chosen}
    kept = {one.name: twice[one.name] * sum(one.bytes(tiles, dates) for tiles in area.sets) for one in chosen}
    beside = max(sum(one.temporary(tiles) for tiles in area.sets) for one in chosen)
    return Sizes(kept, beside, MEMORY_BYTES if any(one.write for one in chosen) else 0)


def check_room(needed: Sizes, *, disk: int, results: int) -> None:
    """Raises CapacityExceeded where an order's outputs do not fit the disk or the limit of results, with the numbers.

    An order makes no room: nobody's results go for it, and it does not go for others'.
    """
    for free, wanted, what in (
        (results, needed.results, "are left of the limit results_gb"),
        (disk, needed.results + needed.temporary, "of the disk are free"),
    ):
        if wanted > free:
            most = max(needed.kept, key=lambda name: needed.kept[name])
            raise CapacityExceeded(
                f"The results of this order take {wanted / 1e9:,.1f} GB, and {max(0, free) / 1e9:,.1f} GB {what}.",
                f"Choose a smaller area or fewer outputs ({most} takes most, {needed.kept[most] / 1e9:,.1f} GB), "
                "or make space: `python cli.py order remove` removes an order with its files.",
            )


def orders_bytes(home: Path) -> int:
    """That the folders of all orders take now: they count against results_gb with the results."""
    return bytes_in(home / "orders")

"""An acquisition has arrived once all is there that the picture needs of it."""

from datetime import date
from typing import Any

from services.fetch import Arrivals
from services.grid import Lattice, TileIndex
from services.plan import plan
from services.providers.sentinelhub import TERMS
from services.recipe import Interval, Recipe
from tests.services.overpasses import overpasses

RECIPE = Recipe(
    Lattice(32635, 264_000.0, 6_640_000.0, 600.0, 600.0), TileIndex(3, 2), Interval(date(2017, 1, 1), date(2018, 1, 1))
)
SEEN = ("B04", "B03", "B02", "SCL", "dataMask")


def arrived(arrivals: Arrivals) -> list[str]:
    return [acquisition.key for acquisition in arrivals.complete]


def test_an_acquisition_has_arrived_with_its_last_block_that_the_picture_needs() -> None:
    observations: Any = overpasses(3, missed=[(RECIPE.centre,)])
    blocks = plan(RECIPE, observations, {}, TERMS).prioritise(SEEN).blocks
    arrivals = Arrivals(observations, blocks, SEEN)
    assert arrived(arrivals) == []
    ring = [block for block in blocks if block.acquisition is observations[0] and "B04" in block.planes]
    assert len(ring) > 1, "the tiles around a missing one are no rectangle"
    for block in ring[1:]:
        arrivals.stored(block)
    late = next(block for block in blocks if block.acquisition is observations[1] and "B11" in block.planes)
    arrivals.stored(late)
    assert arrived(arrivals) == []
    arrivals.stored(ring[0])
    assert arrived(arrivals) == [observations[0].key]


def test_what_needs_no_block_is_there_from_the_beginning() -> None:
    observations: Any = overpasses(4)
    blocks = plan(RECIPE, observations[1:], {}, TERMS).blocks
    others_only = plan(RECIPE, observations[1:2], {}, TERMS).prioritise(SEEN).blocks[1:]
    arrivals = Arrivals(observations, [*others_only, *blocks[1:]], SEEN)
    assert arrived(arrivals) == [observations[0].key, observations[1].key]
    for block in blocks[1:]:
        arrivals.stored(block)
    assert arrived(arrivals) == [observation.key for observation in observations], (
        "in the order in which they were given"
    )

"""Acquisitions as the catalogue's answer makes them, over a recipe's neighbourhood; and frames that lack planes."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from numpy.typing import NDArray

from services.cache import FrameKey, MissingFrame
from services.catalogue import Acquisition, join
from services.recipe import Recipe
from tests.services.granule_items import START, item
from tests.services.overpasses import MemoryFrames

BEGIN = -150
"""Days from the granules' usual time to the first pass: 8 January 2017."""


def passes(question: Recipe, clouds: Sequence[float], *, cut: Sequence[int] = ()) -> tuple[Acquisition, ...]:
    """One every five days of 2017 with these cloud covers; those named by `cut` do not show the southern tiles."""
    west, south, east, north = question.neighbourhood.bounds
    items = []
    for number, cover in enumerate(clouds):
        days = timedelta(days=BEGIN + 5 * number)
        datatake = f"{START + days:%Y%m%dT095031}"
        low = south + question.lattice.dy if number in cut else south - 1000
        bounds = (west - 1000, low, east + 1000, north + 1000)
        items.append(
            item(bounds, clouds=cover, seconds=days.total_seconds(), datatake=datatake, epsg=question.lattice.epsg)
        )
    return join(items, question.neighbourhood)


class Strict(MemoryFrames):
    """Frames of which single planes may be missing."""

    def read(self, key: FrameKey, planes: Collection[str]) -> dict[str, NDArray[Any]]:
        """As the cache does it."""
        if not set(planes) <= set(self.planes.get(key, ())):
            raise MissingFrame(f"A plane of {key.acquisition} is not there.", "Fetch it again.")
        return super().read(key, planes)

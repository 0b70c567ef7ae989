"""What an order takes at its worst moment, before anything is paid for."""

from dataclasses import replace

import pytest

from services.errors import CapacityExceeded
from services.jobs import Room
from services.mosaic import Sizes
from services.orders.survey import Needs
from services.settings import load_settings

SIZES = Sizes(kept={"mosaic": 10**6}, temporary=10**6, memory=10**8)
COUNTRY = Needs(frames=12_000_000, cache=10**9, sizes=SIZES, tile=10**8, answer=10**7)
"""300,000 tiles at 40 dates."""
ROOM = Room(memory=4 * 10**9, disk=10**12, cache=10**12, results=10**12, taken=0)


def test_the_list_of_a_country_s_frames_is_counted_and_refused_with_its_numbers() -> None:
    settings = load_settings(workers=2, connections=8)
    region = replace(COUNTRY, frames=COUNTRY.frames // 100)
    region.check(settings, ROOM, 0)
    assert COUNTRY.memory(settings, ROOM.memory) - region.memory(settings, ROOM.memory) == 500 * 11_880_000
    with pytest.raises(CapacityExceeded) as caught:
        COUNTRY.check(settings, ROOM, 0)
    for words in ("6.3 GB of memory", "6.0 GB of them", "12,000,000 frames", "4.0 GB are free"):
        assert words in caught.value.cause
    assert "a smaller area" in caught.value.remedy

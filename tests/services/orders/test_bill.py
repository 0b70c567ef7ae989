"""The bill of a whole order, from answers of a catalogue that are kept: nothing is asked of anybody."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from services.cache import frame_key
from services.catalogue import join
from services.errors import OrderError
from services.grid import Lattice, TileIndex
from services.ninepatch import Ninepatch
from services.orders import Order, Sheet, service, survey
from services.orders.dates import searched
from services.plan import Cost
from services.providers import keep_search
from services.recipe import Interval, Recipe
from services.sentinel2 import ANGLES
from services.settings import load_settings
from services.storage import MemoryCache
from tests.services.granule_items import item

LATTICE = Lattice(32635, 0.0, 0.0, 3300.0, 3300.0)
RECIPE = Recipe(
    LATTICE, TileIndex(119, 2044), Interval(date(2017, 6, 1), date(2017, 7, 1)), radius=0, nbar=True, provider="demo"
)
COLUMNS, ROWS = 9, 7
SHEET = Sheet.of(LATTICE, (TileIndex(119 + x, 2044 + y) for x in range(COLUMNS) for y in range(ROWS)))
"""Parts begin at multiples of seven: one of 7 × 7 tiles, and one of 2 × 7."""
ORDER = Order.of(RECIPE, [SHEET])
DAYS = 3


@pytest.fixture
def ours(tmp_path: Path) -> Ninepatch:
    """Its catalogue has shown the whole order on some days."""
    product = Ninepatch(load_settings(home=tmp_path, provider="demo", demo_url="http://127.0.0.1:9"))
    west, south, east, north = SHEET.rectangle.bounds
    shown = (west - 9e3, south - 9e3, east + 9e3, north + 9e3)
    days = [item(shown, seconds=86_400 * n, datatake=f"2017060{7 + n}T095031") for n in range(DAYS)]
    found = join(days, SHEET.rectangle)
    keep_search(product.provider(RECIPE), product.settings, SHEET.rectangle, searched(ORDER), found)
    return product


def units_of_angles(columns: int, rows: int) -> float:
    """Of one request, by the documented formula: four bands of at least a hundredth of 512 × 512 px, four a tile of
    3300 m and a side."""
    return max(4 * columns * 4 * rows / 512**2, 0.01) * 4 / 3


def test_the_bill_says_what_view_angles_cost_besides_and_leaves_out_what_is_cached(ours: Ninepatch) -> None:
    bill = ours.orders.estimate(ORDER, "anna")
    whole = DAYS * (units_of_angles(7, 7) + units_of_angles(2, 7))
    assert (bill.dates, bill.search, bill.angles.requests) == (DAYS, Cost(), 2 * DAYS)
    assert bill.angles.units == pytest.approx(whole)
    plain = ours.orders.estimate(Order.of(RECIPE.with_(nbar=False), [SHEET]), "anna")
    assert plain.angles == Cost() and bill.pixels.units == pytest.approx(plain.pixels.units + whole)
    assert bill.pixels.requests == plain.pixels.requests + bill.angles.requests

    first = ours.orders.dates(ORDER, "anna")[0]
    for index in (TileIndex(126 + x, 2044 + y) for x in range(2) for y in range(ROWS)):
        key = frame_key(RECIPE, index, first)
        ours.frames.write(key, {name: np.zeros(key.shape(name), np.uint16) for name in ANGLES})
    fewer = ours.orders.estimate(ORDER, "anna")
    assert fewer.angles.requests == 2 * DAYS - 1 and fewer.cached == 2 * ROWS * len(ANGLES)
    assert fewer.angles.units == pytest.approx(whole - units_of_angles(2, 7))


def test_an_answer_that_is_too_long_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    product = Ninepatch(load_settings(home=tmp_path, provider="demo", demo_url="http://127.0.0.1:9"))
    sheet = Sheet.of(LATTICE, (TileIndex(x, 2044 + y) for x in (-270, 570) for y in (0, 200)))
    wide = Order.of(RECIPE.with_(interval=Interval.of_year(2018)), [sheet])
    with pytest.raises(OrderError, match=r"about \d+,\d00 pictures of 2018 .* UTM zone 35 N; at most 50,000") as raised:
        product.orders.estimate(wide, "anna")
    assert "--zones" in raised.value.remedy


def test_far_too_many_frames_are_refused_before_they_are_looked_up(
    ours: Ninepatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "MOST_FRAMES", DAYS * COLUMNS * ROWS)
    told: list[str] = []
    ours.orders.estimate(ORDER, "anna", lambda words, part: told.append(words))
    assert told[-1].startswith("Looking up what is cached of 2 parts")
    monkeypatch.setattr(survey, "MOST_FRAMES", DAYS * COLUMNS * ROWS - 1)
    monkeypatch.setattr(service, "_surveys", MemoryCache(8))
    with pytest.raises(OrderError, match=r"The order has 189 frames, .* at most 188 are"):
        ours.orders.estimate(ORDER, "anna", lambda words, part: told.append(words))
    assert told[-1].startswith("Deciding the dates of 63 tiles")

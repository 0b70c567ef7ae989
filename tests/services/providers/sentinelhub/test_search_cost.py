"""What a search is expected to take, against the demo archive's own formula, which shares no code with it."""

from datetime import date, timedelta

import pytest
import shapely

from services.demo.protocol.account import search_units
from services.grid import Lattice, TileIndex
from services.providers.item_search import expected_pages
from services.providers.sentinelhub.cost import search_cost
from services.recipe import Interval

YEAR = Interval.of_year(2018)
INTERVALS = (YEAR, Interval(date(2018, 6, 1), date(2018, 6, 2)), Interval(date(2016, 1, 1), date(2026, 1, 1)))


def place(metres: float, north: float = 6_738_000.0) -> Lattice:
    return Lattice(32635, 390_000.0, north, metres, metres)


@pytest.mark.parametrize("metres", [600.0, 3300.0, 90_000.0, 350_000.0])
@pytest.mark.parametrize("interval", INTERVALS, ids=lambda one: one.label)
def test_a_page_costs_what_the_documented_formula_says(metres: float, interval: Interval) -> None:
    block = place(metres, 0.0).neighbourhood(TileIndex(0, 0), 1)
    found = search_cost(block, interval)
    span = interval.end_time - interval.start_time + timedelta(minutes=4)
    told = search_units(shapely.box(*block.bounds_wgs84), span)
    assert found.units / found.requests == pytest.approx(told, rel=0.05)
    assert 0.01 <= found.units / found.requests <= 1.0


def test_a_year_over_a_small_patch_is_twelve_hundredths_a_page() -> None:
    found = search_cost(place(600.0).neighbourhood(TileIndex(0, 0), 0), YEAR)
    assert found.units / found.requests == pytest.approx(0.12)


@pytest.mark.parametrize(("north", "pages"), [(0.0, 1), (6_650_000.0, 2)])
def test_a_year_has_73_passes_at_the_equator_and_twice_as_many_at_60_degrees(north: float, pages: int) -> None:
    assert expected_pages(place(600.0, north).neighbourhood(TileIndex(0, 0), 0), YEAR) == pages


def test_a_longer_interval_and_a_larger_place_have_more_pages() -> None:
    small, large = (place(metres).neighbourhood(TileIndex(0, 0), 0) for metres in (600.0, 200_000.0))
    counts = [expected_pages(small, one) for one in (INTERVALS[1], YEAR, INTERVALS[2])]
    assert counts == sorted(counts) and counts[0] == 1 < counts[1]
    assert expected_pages(large, YEAR) > counts[1]

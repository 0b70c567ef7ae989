"""The same question of another year and at another limit."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.errors import RecipeError
from services.grid import Lattice, TileIndex
from services.recipe import MOST_LIMITS, MOST_YEARS, Interval, Recipe, Variant, Veto, shifted, variant, variants

RECIPE = Recipe(Lattice(32635, 0.0, 0.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2017), maxcc=10)
YEARS = st.integers(2016, 2060)
DAYS = st.dates(date(2016, 1, 1), date(2040, 12, 31))


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    """A day to three years long."""
    start = draw(DAYS)
    return Interval(start, start + timedelta(days=draw(st.integers(1, 1100))))


def test_a_calendar_year_becomes_that_year() -> None:
    other = variant(RECIPE, Variant(2020, 40))
    assert other == RECIPE.with_(interval=Interval.of_year(2020), maxcc=40)
    assert other.interval.label == "2020"


def test_a_season_keeps_its_days_and_one_over_new_year_ends_in_the_next() -> None:
    summer = Interval(date(2018, 6, 1), date(2018, 9, 1))
    assert shifted(summer, 2023) == Interval(date(2023, 6, 1), date(2023, 9, 1))
    winter = Interval(date(2018, 11, 15), date(2019, 3, 1))
    assert shifted(winter, 2021) == Interval(date(2021, 11, 15), date(2022, 3, 1))


@pytest.mark.parametrize(
    ("start", "end", "year", "first", "last"),
    [
        (date(2020, 2, 29), date(2020, 3, 10), 2021, date(2021, 2, 28), date(2021, 3, 9)),
        (date(2020, 2, 29), date(2020, 3, 1), 2021, date(2021, 2, 28), date(2021, 2, 28)),
        (date(2020, 2, 1), date(2020, 2, 29), 2021, date(2021, 2, 1), date(2021, 2, 28)),
        (date(2020, 2, 1), date(2020, 3, 1), 2021, date(2021, 2, 1), date(2021, 2, 28)),
        (date(2020, 2, 29), date(2020, 3, 10), 2024, date(2024, 2, 29), date(2024, 3, 9)),
        (date(2021, 2, 1), date(2021, 3, 1), 2020, date(2020, 2, 1), date(2020, 2, 29)),
    ],
)
def test_a_leap_day_is_the_28th_where_there_is_none(start: date, end: date, year: int, first: date, last: date) -> None:
    moved = shifted(Interval(start, end), year)
    assert (moved.start, moved.end - timedelta(days=1)) == (first, last)


@given(intervals(), YEARS)
def test_a_shifted_interval_starts_in_the_year_and_is_as_long_but_for_leap_days(interval: Interval, year: int) -> None:
    moved = shifted(interval, year)
    assert moved.start.year == year
    assert moved.start.month == interval.start.month
    assert moved.end.year - moved.start.year == interval.end.year - interval.start.year
    years = moved.end.year - moved.start.year + 1
    assert abs((moved.end - moved.start) - (interval.end - interval.start)) <= timedelta(days=years)
    assert shifted(interval, interval.start.year) == interval


@given(intervals(), YEARS)
def test_moving_there_and_back_is_the_same_unless_a_leap_day_is_an_end(interval: Interval, year: int) -> None:
    assume((2, 29) not in {(day.month, day.day) for day in (interval.start, interval.end)})
    assert shifted(shifted(interval, year), interval.start.year) == interval


def test_vetoes_of_other_years_are_dropped_and_a_recipe_is_its_own_variant() -> None:
    mine = Veto("S2A_R079_20170607T095031", "haze")
    theirs = Veto("S2B_R036_20180607T095031", "snow")
    by_day = Veto("S2B_R036_20180101", "snow")
    odd = Veto("anything", "who knows")
    recipe = RECIPE.with_(vetoes=(mine, theirs, by_day, odd))
    assert variant(recipe, Variant(2017, 10)) == recipe
    assert variant(recipe, Variant(2018, 10)).vetoes == (by_day, theirs)
    assert variant(recipe, Variant(2019, 10)).vetoes == ()


def test_a_veto_of_a_datatake_that_began_before_midnight_counts_for_the_year_of_its_pictures() -> None:
    veto = Veto("S2A_R079_20171231T235500", "haze")
    assert variant(RECIPE.with_(vetoes=(veto,)), Variant(2018, 10)).vetoes == (veto,)
    assert datetime(2017, 12, 31, 23, 55, tzinfo=UTC) < Interval.of_year(2018).start_time


def test_all_years_at_all_limits_are_in_order_and_each_once() -> None:
    found = variants(RECIPE, (2019, 2017, 2019), [40, 5, 10, 5])
    assert list(found) == [Variant(year, maxcc) for year in (2017, 2019) for maxcc in (5, 10, 40)]
    assert found[Variant(2017, 10)] == RECIPE
    assert found[Variant(2019, 40)] == RECIPE.with_(interval=Interval.of_year(2019), maxcc=40)


def test_what_is_not_possible_is_said_with_its_number() -> None:
    with pytest.raises(RecipeError, match=f"1 to {MOST_YEARS} years, got 9"):
        variants(RECIPE, range(2016, 2025), (10,))
    with pytest.raises(RecipeError, match=f"1 to {MOST_LIMITS} values of max. cloud cover, got 0"):
        variants(RECIPE, (2017,), ())
    with pytest.raises(RecipeError, match="got 101"):
        variants(RECIPE, (2017,), (10, 101))
    with pytest.raises(RecipeError, match="ends 2015-01-01"):
        variants(RECIPE, (2014, 2017), (10,))
    for year in (-1, 0, 9999, 12_000):
        with pytest.raises(RecipeError, match=f"^{year} is not a year"):
            shifted(RECIPE.interval, year)


def test_as_many_as_fit_are_possible() -> None:
    assert len(variants(RECIPE, range(2016, 2024), range(8))) == MOST_YEARS * MOST_LIMITS

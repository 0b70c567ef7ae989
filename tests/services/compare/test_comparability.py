"""What differs between two sides besides the land, and how it is evened out."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue import kept
from services.compare import EQUALISED, caveats, equalise
from services.errors import RecipeError
from services.grid import Lattice, TileIndex
from services.recipe import Interval, Recipe, Veto
from tests.services.overpasses import Overpass

LEFT = Recipe(Lattice(32635, 0.0, 0.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2018), maxcc=40)
RIGHT = LEFT.with_(interval=Interval.of_year(2019))
GROWING = (4, 5, 6, 7, 8, 9)
Both = tuple[Any, Any]


def released(recipe: Recipe) -> Recipe:
    """Without what was vetoed to even it out."""
    return recipe.with_(vetoes=[veto for veto in recipe.vetoes if veto.reason != EQUALISED])


def side(
    year: int,
    months: Sequence[int],
    *,
    satellites: Sequence[str] = ("S2A",),
    orbits: Sequence[int] = (79,),
    clouds: Sequence[float] = (4.5,),
) -> tuple[Any, ...]:
    """One date for each of the months, with satellites, orbits and clouds in turn."""
    made = []
    for number, month in enumerate(months):
        time = datetime(year, month, 1 + number % 28, 9, 50, 31, tzinfo=UTC)
        satellite, orbit = satellites[number % len(satellites)], orbits[number % len(orbits)]
        key = f"{satellite}_R{orbit:03}_{time:%Y%m%dT%H%M}{number:02}"
        made.append(Overpass(key, time, frozenset(), satellite, orbit, clouds[number % len(clouds)]))
    return tuple(made)


def words(left: Any, right: Any, *observations: float) -> dict[str, str]:
    """By kind."""
    return {caveat.kind: caveat.words for caveat in caveats(left, right, *observations)}


def test_sides_that_are_alike_have_no_caveat() -> None:
    satellites, orbits = ("S2A", "S2B"), (36, 79)
    left = side(2018, GROWING * 2, satellites=satellites, orbits=orbits)
    right = side(2019, GROWING * 2, satellites=satellites, orbits=orbits)
    assert caveats(left, right, 8.0, 9.0) == ()
    assert caveats(left, left, 8.0, 8.0) == ()
    assert caveats((), ()) == ()


@given(st.integers(1, 40), st.integers(0, 8))
def test_a_side_has_no_caveat_against_itself(count: int, observations: int) -> None:
    dates = side(2018, [1 + number % 12 for number in range(count)], satellites=("S2A", "S2B"), orbits=(7, 50, 108))
    assert caveats(dates, dates, observations, observations) == ()


def test_the_number_of_dates_is_told_where_one_side_has_half_as_many_again() -> None:
    twelve, thirty_one = side(2018, GROWING * 2), side(2019, (GROWING * 6)[:31])
    assert words(twelve, thirty_one) == {"dates": "2018 has 12 dates, 2019 has 31."}
    assert words(twelve, side(2019, (GROWING * 3)[:17])) == {}
    assert words((), twelve) == {"dates": "The left side has no dates, the right side has 12."}
    assert words(side(2018, (5,)), ()) == {"dates": "The left side has 1 date, the right side has none."}


def test_clear_looks_are_told_where_one_side_has_half_as_many_again() -> None:
    dates = side(2018, GROWING), side(2019, GROWING)
    assert words(*dates, 4.0, 17.5) == {
        "looks": "The median count of clear observations is 4 in 2018 against 17.5 in 2019."
    }
    assert words(*dates, 0.0, 1.0)["looks"].startswith("The median count of clear observations is 0")
    assert words(*dates, 8.0, 11.0) == {}
    assert words(*dates, 0.0, 0.0) == {}


def test_months_of_one_side_alone_are_named() -> None:
    left, right = side(2018, (5, 6, 6, 7, 8, 9)), side(2018, (6, 6, 7, 8, 9))
    assert words(left, right) == {"months": "Only the left side has dates in May (1 of 6)."}
    assert words(right, left) == {"months": "Only the right side has dates in May (1 of 6)."}
    both = words(side(2018, (4, 5, 7, 7, 8)), side(2019, (7, 7, 8, 10)))
    assert both == {"months": "Only 2018 has dates in April and May (2 of 5); only 2019 has dates in October (1 of 4)."}
    many = side(2018, (3, *(GROWING * 2)))
    assert words(many, side(2019, GROWING * 2)) == {}, "one of thirteen does not matter"


def test_another_spread_over_the_same_months_is_told() -> None:
    left, right = side(2018, (5,) * 6 + (6, 7, 8, 9)), side(2019, (5, 6, 6, 7, 7, 7, 8, 8, 9, 9))
    assert words(left, right) == {"months": "May has 6 of 10 dates in 2018, and 1 of 10 in 2019."}


def test_another_satellite_is_told() -> None:
    left = side(2016, GROWING)
    right = side(2016, GROWING, satellites=("S2A", "S2B"))
    assert words(left, right) == {"satellites": "S2A alone on the left, S2A (3 dates) and S2B (3) on the right."}
    assert words(right, left)["satellites"] == "S2A (3 dates) and S2B (3) on the left, S2A alone on the right."
    mostly = side(2016, GROWING, satellites=("S2A", "S2A", "S2A", "S2A", "S2B", "S2A"))
    assert words(left, mostly) == {}, "one of six moves no median far"


def test_other_orbits_are_told_where_the_catalogue_says_them() -> None:
    left = side(2018, GROWING, orbits=(36, 79, 122))
    right = side(2019, GROWING, orbits=(79,))
    assert words(left, right) == {"orbits": "Orbits 36 (2 dates), 79 (2) and 122 (2) in 2018, orbit 79 alone in 2019."}
    assert words(left, side(2019, GROWING, orbits=(0,))) == {}


def test_the_weightiest_comes_first() -> None:
    left = side(2016, (5, 5, 5, 5), orbits=(36,))
    right = side(2019, GROWING * 3, satellites=("S2A", "S2B"))
    kinds = [caveat.kind for caveat in caveats(left, right, 2.0, 9.0)]
    assert kinds == ["dates", "looks", "months", "satellites", "orbits"]


def evened(left: Any, right: Any, one: Recipe = LEFT, other: Recipe = RIGHT) -> tuple[Any, Any, Recipe, Recipe]:
    """What both sides keep afterwards, and their recipes."""
    first, second = equalise(one, kept(left, one), other, kept(right, other))
    return kept(left, first), kept(right, second), first, second


DATES = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 60)), min_size=1, max_size=30)


@st.composite
def sides(draw: st.DrawFn) -> Both:
    """Dates of two years with their clouds."""
    made = []
    for year in (2018, 2019):
        months, clouds = zip(*draw(DATES), strict=True)
        made.append(side(year, months, clouds=[float(cover) for cover in clouds]))
    return made[0], made[1]


@given(sides())
def test_both_sides_have_the_same_months_with_as_many_dates_each_and_the_clearest_of_them(
    both: Both,
) -> None:
    before = [kept(dates, recipe) for dates, recipe in zip(both, (LEFT, RIGHT), strict=True)]
    months = [Counter(one.time.month for one in dates) for dates in before]
    wanted = {month: min(months[0][month], months[1][month]) for month in months[0].keys() & months[1]}
    if not wanted:
        with pytest.raises(RecipeError, match="share no month"):
            evened(*both)
        return
    *after, first, second = evened(*both)
    for dates, candidates in zip(after, before, strict=True):
        assert Counter(one.time.month for one in dates) == wanted
        assert set(dates) <= set(candidates)
        left_out = set(candidates) - set(dates)
        for month in wanted:
            here = [one.cloud_cover for one in dates if one.time.month == month]
            there = [one.cloud_cover for one in left_out if one.time.month == month]
            assert max(here) <= min(there, default=100)
    assert {veto.reason for veto in (*first.vetoes, *second.vetoes)} <= {EQUALISED}
    assert (first.interval, second.interval) == (LEFT.interval, RIGHT.interval)
    assert evened(*both, first, second)[2:] == (first, second), "once more changes nothing"
    assert (released(first), released(second)) == (LEFT, RIGHT)


@given(sides(), st.data())
def test_vetoes_that_are_there_stay_and_their_dates_do_not_come_back(both: Both, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(both[0]), unique_by=lambda one: one.key))
    mine = tuple(Veto(one.key, "haze") for one in chosen)
    recipe = LEFT.with_(vetoes=mine)
    try:
        dates, _, first, _ = evened(*both, one=recipe)
    except RecipeError:
        return
    assert set(recipe.vetoes) <= set(first.vetoes)
    assert not {one.key for one in dates} & {veto.acquisition for veto in mine}
    assert released(first) == recipe


def test_sides_without_a_common_month_are_refused_with_the_months() -> None:
    with pytest.raises(RecipeError) as refused:
        evened(side(2018, (5, 6)), side(2019, (9, 8)))
    assert "dates in May and June" in refused.value.cause
    assert "dates in August and September" in refused.value.cause
    with pytest.raises(RecipeError, match="the right one no dates"):
        evened(side(2018, (5,)), ())


def test_equalised_sides_have_no_caveat_of_dates_or_months() -> None:
    left = side(2018, (5, 5, 6, 7, 7, 7, 8), clouds=(3.0, 8.0, 1.0))
    right = side(2019, (4, 5, 6, 6, 7, 8, 8, 9, 9, 9, 9), clouds=(9.0, 2.0))
    assert {"dates", "months"} <= words(left, right).keys()
    one, other, _, _ = evened(left, right)
    assert words(one, other) == {}

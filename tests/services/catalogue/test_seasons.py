"""Which acquisitions a recipe keeps: its months, and the dates that somebody takes in or leaves out."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue import choose, in_season, kept, kept_or_raise
from services.errors import EmptyIntervalError
from services.recipe import Interval, Veto
from tests.services.overpasses import Overpass
from tests.services.scenes import recipe

YEARS = Interval(date(2021, 1, 1), date(2025, 1, 1))
SEEN = tuple(
    Overpass(f"S2A_R079_{year}{month:02d}15", datetime(year, month, 15, 10, tzinfo=UTC), cloud_cover=8.0 * month)
    for year in range(2021, 2025)
    for month in range(1, 13)
)
"""One date a month, the cloudier the later in the year."""
KEYS = [one.key for one in SEEN]


def test_a_summer_of_four_years_is_twelve_dates_and_the_others_are_none() -> None:
    chosen = choose(SEEN, recipe(interval=YEARS, months=(6, 7, 8), maxcc=60))  # type: ignore[arg-type]
    assert [choice.acquisition.date[5:7] for choice in chosen] == ["06", "07", "08"] * 4
    assert [choice.kept for choice in chosen] == [True, True, False] * 4


def test_a_season_without_a_date_is_said_with_its_words() -> None:
    asked = recipe(interval=YEARS, months=(2,))
    with pytest.raises(EmptyIntervalError, match="February of 2021 to 2024"):
        kept_or_raise([one for one in SEEN if one.time.month != 2], asked)  # type: ignore[misc]


@given(
    months=st.sets(st.integers(1, 12), max_size=11).map(lambda found: tuple(sorted(found))),
    maxcc=st.integers(0, 100),
    included=st.sets(st.sampled_from(KEYS)),
    vetoed=st.sets(st.sampled_from(KEYS)),
)
def test_season_limit_and_hand_compose(
    months: tuple[int, ...], maxcc: int, included: set[str], vetoed: set[str]
) -> None:
    asked = recipe(
        interval=YEARS,
        months=months,
        maxcc=maxcc,
        included=tuple(sorted(included)),
        vetoes=[Veto(key, "haze") for key in vetoed],
    )
    found = {one.key for one in kept(SEEN, asked)}  # type: ignore[arg-type]
    expected = {
        one.key
        for one in SEEN
        if (not months or one.time.month in months)
        and one.key not in vetoed
        and (one.cloud_cover <= maxcc or one.key in included)
    }
    assert found == expected
    over = {choice.acquisition.key for choice in choose(SEEN, asked) if choice.included}  # type: ignore[arg-type]
    assert over == {key for key in expected & included if SEEN[KEYS.index(key)].cloud_cover > maxcc}
    assert len(in_season(SEEN, asked)) == 4 * (len(months) or 12)  # type: ignore[arg-type]


def test_a_sliver_is_taken_in_by_hand_and_says_what_is_against_it() -> None:
    sliver = Overpass("S2A_R079_20210615", datetime(2021, 6, 15, tzinfo=UTC), coverage=0.002)
    asked = recipe(interval=YEARS, least_coverage=1, included=(sliver.key,))
    (choice,) = choose([sliver], asked)  # type: ignore[list-item]
    assert (choice.kept, choice.sliver, choice.included) == (True, False, "covers 0.2 % < 1 %")


def test_what_is_gone_is_not_brought_back_by_hand() -> None:
    lost = Overpass("S2A_R079_20210615", datetime(2021, 6, 15, tzinfo=UTC), gone="Its files are not there.")
    assert not kept([lost], recipe(interval=YEARS, included=(lost.key,)))  # type: ignore[list-item]

"""Months of the year that count, as texts and in words."""

from calendar import month_name

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import RecipeError
from services.recipe import months_of, months_text, months_words, typed_months

MONTHS = st.sets(st.integers(1, 12), max_size=11).map(lambda found: tuple(sorted(found)))


@given(MONTHS)
def test_the_text_of_a_link_brings_the_same_months_back(months: tuple[int, ...]) -> None:
    assert typed_months(months_text(months)) == months


@given(MONTHS)
def test_a_month_is_among_the_words_where_a_season_begins_or_ends_with_it(months: tuple[int, ...]) -> None:
    said = months_words(months)
    for month in months:
        edge = (month - 2) % 12 + 1 not in months or month % 12 + 1 not in months
        assert (month_name[month] in said) == edge


@pytest.mark.parametrize(
    ("typed", "months", "words"),
    [
        ("6-8", (6, 7, 8), "June to August"),
        ("dec-feb", (1, 2, 12), "December to February"),
        ("3, 6 – 8", (3, 6, 7, 8), "March and June to August"),
        ("1,3,9", (1, 3, 9), "January, March and September"),
        ("1-12", (), ""),
        ("", (), ""),
    ],
)
def test_seasons_are_typed_and_said(typed: str, months: tuple[int, ...], words: str) -> None:
    assert typed_months(typed) == months
    assert months_words(months) == words


@pytest.mark.parametrize("typed", ["13", "0", "ju", "summer", "6-", "6--8", "6-8-9", "../", "junes"])
def test_what_is_no_month_is_named(typed: str) -> None:
    with pytest.raises(RecipeError, match="no month"):
        typed_months(typed)


def test_all_twelve_are_no_choice() -> None:
    assert months_of(range(1, 13)) == ()
    assert months_of([8, 6, 6]) == (6, 8)

"""Vetoes: what is one, and in which days it may be."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import RecipeError
from services.recipe import LONGEST, Interval, Veto, ordered
from services.recipe.veto import NO_REASON

KEY = "S2A_R079_20170607T095031"


@pytest.mark.parametrize(
    ("key", "reason", "words"),
    [
        ("", "haze", "not the key"),
        ("../../etc", "haze", "not the key"),
        ("S2A R079", "haze", "S2A R079"),
        ("S2A\n", "haze", "not the key"),
        ("x" * 61, "haze", "not the key"),
        (KEY, "", "printable"),
        (KEY, " haze", "printable"),
        (KEY, "haze\n", "printable"),
        (KEY, "ha\x00ze", "printable"),
        (KEY, "\u202ehaze", "printable"),
        (KEY, "x" * (LONGEST + 1), "got 81"),
    ],
)
def test_what_is_no_veto_is_refused_with_its_value(key: str, reason: str, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        Veto(key, reason)


@given(st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" \t\n"), max_size=LONGEST))
def test_typed_words_are_put_in_order(words: str) -> None:
    assert Veto.typed(KEY, words).reason == (" ".join(words.split()) or NO_REASON)


@pytest.mark.parametrize(
    ("key", "start", "end", "expected"),
    [
        (KEY, date(2017, 6, 7), date(2017, 6, 8), True),
        (KEY, date(2017, 6, 8), date(2017, 7, 1), False),
        (KEY, date(2017, 1, 1), date(2017, 6, 7), False),
        ("S2A_R079_20170607", date(2017, 6, 7), date(2017, 6, 8), True),
        ("S2A_R079_20170607T235031", date(2017, 6, 8), date(2017, 6, 9), True),
        ("S2A_R079_20170607T225931", date(2017, 6, 8), date(2017, 6, 9), False),
        ("S2A_R079_20171307", date(2017, 1, 1), date(2019, 1, 1), False),
        ("S2A", date(2017, 1, 1), date(2019, 1, 1), False),
    ],
)
def test_the_key_tells_whether_it_may_be_in_the_interval(key: str, start: date, end: date, expected: bool) -> None:
    """A datatake that began before midnight may show the place after it."""
    assert Veto(key, "haze").may_be_in(Interval(start, end)) is expected


def test_of_two_reasons_the_later_one_counts() -> None:
    other = "S2A_R079_20170517T095031"
    vetoes = [Veto(KEY, "haze"), Veto(other, "snow"), Veto(KEY, "smoke")]
    assert ordered(vetoes) == (Veto(other, "snow"), Veto(KEY, "smoke"))

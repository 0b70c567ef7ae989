"""Figures as words."""

import pytest

from pages.components.shared.format import ordinal, whole_percent


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0 %"), (0.04, "< 1 %"), (1, "1 %"), (22.6, "23 %"), (98.7, "99 %"), (99.6, "> 99 %"), (100, "100 %")],
)
def test_what_is_not_all_or_nothing_does_not_look_like_it(value: float, words: str) -> None:
    assert whole_percent(value) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (22, "22nd")],
)
def test_an_ordinal_ends_as_it_is_spoken(number: int, words: str) -> None:
    assert ordinal(number) == words

"""Figures as words."""

import pytest

from pages.components.shared.format import whole_percent


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0 %"), (0.04, "< 1 %"), (1, "1 %"), (22.6, "23 %"), (98.7, "99 %"), (99.6, "> 99 %"), (100, "100 %")],
)
def test_what_is_not_all_or_nothing_does_not_look_like_it(value: float, words: str) -> None:
    assert whole_percent(value) == words

"""Words beside a difference."""

import pytest

from pages.components.compare.difference_view import every


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (1, "every pixel"),
        (2, "every second pixel of every second row"),
        (3, "every third pixel of every third row"),
        (4, "every 4th pixel of every 4th row"),
    ],
)
def test_the_pixels_that_are_counted_are_said_in_words(step: int, words: str) -> None:
    assert every(step) == words

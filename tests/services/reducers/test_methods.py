"""The names of methods, which end in links, file names and features."""

import re

import pytest

from services.recipe import METHODS, Method


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_names_are_safe_wherever_they_end(method: Method) -> None:
    assert METHODS[method.name] is method
    assert re.fullmatch(r"[a-z-]+", method.name) and re.fullmatch(r"[A-Z_]+", method.feature)


def test_a_picture_is_of_so_many_acquisitions() -> None:
    assert METHODS["median"].of(12) == "median of 12 acquisitions"
    assert METHODS["least-cloudy"].of(1) == "least cloudy observation of 1 acquisition"

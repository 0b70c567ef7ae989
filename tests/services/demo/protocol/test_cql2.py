"""Filters of the catalogue."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.demo.protocol.cql2 import parse_filter
from services.demo.protocol.payload import ApiError


def holds(value: Any, cover: float, language: str = "") -> bool:
    return all(one.holds(cover) for one in parse_filter(value, language))


@pytest.mark.parametrize(
    ("text", "passing", "failing"),
    [
        ("eo:cloud_cover < 30", 29.99, 30),
        ("eo:cloud_cover <= 30", 30, 30.01),
        ("eo:cloud_cover>30", 30.01, 30),
        ("eo:cloud_cover >= 3e1", 30, 29.99),
        ("eo:cloud_cover = 0", 0, 0.01),
        ("eo:cloud_cover <> 0", 0.01, 0),
        ('"eo:cloud_cover" < .5', 0.4, 0.5),
        ("eo:cloud_cover BETWEEN 10 AND 20", 20, 20.01),
        ("eo:cloud_cover > 10 AND eo:cloud_cover < 20", 15, 20),
        ("eo:cloud_cover between 10 and 20 and eo:cloud_cover <> 15", 10, 15),
    ],
)
def test_a_text_compares_the_cloud_cover(text: str, passing: float, failing: float) -> None:
    assert holds(text, passing, "cql2-text")
    assert not holds(text, failing, "cql2-text")


@given(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), st.integers(0, 100), st.integers(0, 100))
def test_json_says_the_same_as_text(operator: str, value: int, cover: int) -> None:
    as_json = {"op": operator, "args": [{"property": "eo:cloud_cover"}, value]}
    assert holds(as_json, cover, "cql2-json") == holds(f"eo:cloud_cover {operator} {value}", cover)


def test_json_joins_and_reaches_between() -> None:
    between = {"op": "between", "args": [{"property": "eo:cloud_cover"}, 10, 20]}
    both = {"op": "and", "args": [between, {"op": "neq", "args": [{"property": "eo:cloud_cover"}, 15]}]}
    assert holds(both, 10)
    assert not holds(both, 15)
    assert not holds(both, 21)


@pytest.mark.parametrize(
    ("value", "language"),
    [
        ("eo:cloud_cover < 30 OR eo:cloud_cover > 40", ""),
        ("eo:cloud_cover < 30 AND", ""),
        ("eo:cloud_cover", ""),
        ("platform = 'sentinel-2a'", ""),
        ("datetime < 5", ""),
        ("", ""),
        ("eo:cloud_cover < 30", "cql2-json"),
        ({"op": "<", "args": [{"property": "eo:cloud_cover"}, 30]}, "cql2-text"),
        ({"op": "or", "args": []}, ""),
        ({"op": "<", "args": [{"property": "platform"}, 30]}, ""),
        ({"op": "<", "args": [{"property": "eo:cloud_cover"}, "30"]}, ""),
        ({"op": "<"}, ""),
        (5, ""),
    ],
)
def test_anything_else_is_refused(value: Any, language: str) -> None:
    with pytest.raises(ApiError):
        parse_filter(value, language)


def test_no_filter_lets_everything_through() -> None:
    assert parse_filter(None, "cql2-text") == ()

"""A table that a spreadsheet opens: nothing of it is carried out, and nothing of it is lost."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text import csv_cell, csv_text


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_would_be_a_formula_begins_with_an_apostrophe(evil: str) -> None:
    assert csv_cell(evil).startswith("'")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (3, "3"), (-2.5, "-2.5"), (4.0, "4"), (0.0, "0"), (1234567.125, "1234567.125"), ("S2A_1", "S2A_1")],
)
def test_numbers_stay_numbers_and_nothing_stays_empty(value: object, shown: str) -> None:
    assert csv_cell(value) == shown


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_any_texts_come_back_as_one_cell_each_and_none_is_a_formula(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(("a", "b"), rows), newline="")))
    assert read[0] == ["a", "b"]
    assert len(read) == len(rows) + 1
    for row in read[1:]:
        assert len(row) == 2
        assert not any(one[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") for one in row if one)

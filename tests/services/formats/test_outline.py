"""Names and numbers as people and files write them."""

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import AreaError
from services.formats import Outline
from services.formats.outline import coordinate, left_out
from services.text import NAME_LENGTH, clean_name, counted, shorten

SEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(st.text(alphabet=st.characters(), max_size=300))
def test_a_cleaned_name_is_one_short_line_without_anything_unseen(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= NAME_LENGTH
    assert not {unicodedata.category(character) for character in name} & SEEN
    assert name == " ".join(name.split())
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Southern\n\tFinland ", "Southern Finland"),
        ("Åland \u202eexe.gpj", "Åland exe.gpj"),
        ("a\x1b[31mb\0c", "a[31mbc"),
        ("東京", "東京"),
        ("x" * 5000, "x" * NAME_LENGTH),
        (None, ""),
        (17, ""),
        (["a"], ""),
    ],
)
def test_names_keep_what_can_be_seen(text: object, name: str) -> None:
    assert clean_name(text) == name


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"), (None, "null"), ("24", "'24'"), ([24], "[24]"), ({}, "{}"), (math.nan, "NaN"),
        (math.inf, "Infinity"), (-math.inf, "-Infinity"), (10**400, "1" + "0" * 38), (-(10**310), "-1" + "0" * 37),
    ],
    ids=lambda v: str(v)[:9],
)  # fmt: skip
def test_what_is_no_finite_number_is_refused_with_its_value_as_json_writes_it(value: object, shown: str) -> None:
    with pytest.raises(AreaError, match="is not a finite number") as raised:
        coordinate(value)
    assert f"The coordinate {shown}" in raised.value.cause
    assert raised.value.remedy


def test_numbers_are_taken_as_they_are() -> None:
    assert coordinate(24) == 24.0
    assert coordinate(-0.1) == -0.1


def test_what_is_left_out_is_counted() -> None:
    assert counted(["Point"]) == "a Point"
    assert counted(["Point", "empty Feature", "Point"]) == "2 Points and an empty Feature"
    assert counted(["A", "B", "C"]) == "a A, a B and a C"
    assert left_out([]) == ()
    assert left_out(["Point"]) == ("Only polygons are used; left out: a Point.",)


def test_long_values_are_shortened_to_one_line() -> None:
    assert shorten("a\nb") == "a b"
    assert shorten(list(range(1000))) == "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …"
    assert len(shorten("x" * 1000)) == 40


def test_vertices_are_counted_in_all_rings() -> None:
    ring = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    assert Outline(((ring, ring), (ring,))).vertices == 9

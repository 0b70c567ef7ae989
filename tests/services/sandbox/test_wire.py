"""Rings as bytes and back, and what is refused of bytes that a stranger may have written."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sandbox.wire import lengths, packed, unpacked

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
RINGS = st.lists(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=5).map(tuple), min_size=1, max_size=3).map(tuple)
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))


@given(st.lists(RINGS, max_size=4).map(tuple))
def test_what_is_packed_comes_out_to_the_last_bit(
    polygons: tuple[tuple[tuple[tuple[float, float], ...], ...], ...],
) -> None:
    again = unpacked(lengths(polygons), packed(polygons))
    assert repr(again) == repr(polygons)  # that tells −0.0 from 0.0 and tuples from lists


def test_the_bytes_are_the_numbers_in_order() -> None:
    assert packed(((SQUARE,),)) == struct.pack("=6d", 0, 0, 1, 0, 1, 1)
    assert lengths(((SQUARE, SQUARE[:2]), (SQUARE,))) == [[3, 2], [3]]


@pytest.mark.parametrize(
    ("sizes", "data"),
    [
        (None, b""),
        ({"0": [1]}, bytes(16)),
        ("ab", bytes(32)),
        ([1], bytes(16)),
        ([None], b""),
        ([[]], b""),
        ([[[1]]], bytes(16)),
        ([[1.0]], bytes(16)),
        ([[True]], bytes(16)),
        ([["1"]], bytes(16)),
        ([[2, -1]], bytes(16)),
        ([[-1]], b""),
        ([[1]], b""),
        ([[1]], bytes(15)),
        ([[1]], bytes(17)),
        ([[1]], bytes(32)),
        ([[10**30]], bytes(16)),
        ([], bytes(16)),
        ([[1]], struct.pack("=2d", 0, float("nan"))),
        ([[1]], struct.pack("=2d", float("-inf"), 0)),
    ],
)
def test_lengths_and_bytes_that_do_not_fit_are_refused(sizes: object, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"numbers|finite|rings|list"):
        unpacked(sizes, data)


@given(st.binary(max_size=80), st.lists(st.lists(st.integers(-1, 4), max_size=3), max_size=3))
def test_any_bytes_are_finite_rings_of_those_lengths_or_refused(data: bytes, sizes: list[list[int]]) -> None:
    try:
        polygons = unpacked(sizes, data)
    except ValueError:
        return
    assert lengths(polygons) == sizes
    assert packed(polygons) == data

"""The rings of an outline as bytes, from one process of ours to another: how long each ring is, then all numbers."""

import math
from array import array
from collections.abc import Sequence
from itertools import chain, islice

from services.formats import Rings

_FLOATS = 2
"""Of a position."""


def lengths(polygons: Sequence[Rings]) -> list[list[int]]:
    """Of each polygon how many positions each ring has."""
    return [[*map(len, rings)] for rings in polygons]


def packed(polygons: Sequence[Rings]) -> bytes:
    """All x and y one after another: eight bytes each, in the order of this machine."""
    rings = chain.from_iterable(polygons)
    return array("d", chain.from_iterable(chain.from_iterable(rings))).tobytes()


def unpacked(sizes: object, data: bytes) -> tuple[Rings, ...]:
    """The polygons again. Raises ValueError where lengths and bytes do not fit, and where a number is not finite.

    Neither is believed: who wrote them had read a foreign file.
    """
    whole = [_whole(rings) for rings in _listed(sizes)]
    numbers = array("d")
    if sum(map(sum, whole)) * _FLOATS * numbers.itemsize != len(data):
        raise ValueError("there are more or fewer numbers than the rings have")
    numbers.frombytes(data)
    if not all(map(math.isfinite, numbers)):
        raise ValueError("a number is not finite")
    values = iter(numbers)
    positions = zip(values, values, strict=True)
    return tuple(tuple(tuple(islice(positions, length)) for length in rings) for rings in whole)


def _whole(rings: object) -> list[int]:
    """The lengths of one polygon's rings."""
    counts = _listed(rings)
    if not counts or not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError("a polygon has no rings, or one of no length")
    return counts


def _listed(plain: object) -> list[int]:
    if not isinstance(plain, list):
        raise ValueError("what must be a list is none")
    return plain

"""Positions of rings as arrays and back: hundreds of thousands in some hundredths of a second."""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from services.outline import Position, Rings

Positions = NDArray[np.float64]
"""(n, 2): x and y."""


def flat(rings: Iterable[Sequence[Position]]) -> Positions:
    """The positions of all rings, one after another."""
    return np.fromiter(chain.from_iterable(chain.from_iterable(rings)), np.float64).reshape(-1, 2)


def ring_of(positions: Positions) -> tuple[Position, ...]:
    """One ring as plain numbers."""
    return tuple(zip(*positions.T.tolist(), strict=True))


def shaped(polygons: Iterable[Rings], positions: Positions) -> tuple[Rings, ...]:
    """Rings of the same lengths with other positions, of which there are as many."""
    values = iter(ring_of(positions))
    return tuple(tuple(tuple(next(values) for _ in ring) for ring in rings) for rings in polygons)

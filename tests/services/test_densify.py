"""Rings that come back with their corners, and with more between them; tests/services/geo has the projections."""

import numpy as np
from hypothesis import given

from services.densify import Positions, densify
from tests.services.shapes import Ring, outlines


@given(outlines())
def test_what_is_straight_in_both_comes_back_in_its_rings(polygons: list[list[Ring]]) -> None:
    whole = tuple(tuple(map(tuple, polygon)) for polygon in polygons)
    assert repr(densify(whole, lambda positions: positions.copy())) == repr(whole)


def test_a_curve_gets_positions_and_the_other_rings_of_its_polygon_do_not() -> None:
    wide = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 0.0))
    small = ((8.0, 1.0), (8.001, 1.0), (8.001, 1.001), (8.0, 1.0))

    def bent(positions: Positions) -> Positions:
        return positions + np.column_stack([np.zeros(len(positions)), 0.01 * positions[:, 0] ** 2])

    (first, second), (third,) = densify(((wide, small), (small,)), bent)
    assert len(first) > 4 and len(second) == len(third) == 4
    longitudes, latitudes = np.array(first).T
    below = latitudes == 0.01 * longitudes**2
    assert below.sum() > 50 and np.all(np.diff(longitudes[below][:-1]) < 0.25)


def test_no_rings_are_none() -> None:
    assert densify((), lambda positions: positions) == ()
    assert densify(((),), lambda positions: positions) == ((),)

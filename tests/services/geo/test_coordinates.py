"""Positions as arrays and back."""

import numpy as np
from hypothesis import given

from services.geo import flat
from services.geo.coordinates import ring_of
from tests.services.shapes import Ring, outlines


@given(outlines())
def test_all_positions_come_in_order(polygons: list[list[Ring]]) -> None:
    rings = [ring for polygon in polygons for ring in polygon]
    positions = flat(rings)
    assert positions.tolist() == [[x, y] for ring in rings for x, y in ring]


def test_a_ring_is_plain_numbers() -> None:
    ring = ring_of(np.array([[24.0, 60.0], [25.5, -0.0]]))
    assert repr(ring) == "((24.0, 60.0), (25.5, -0.0))"


def test_nothing_has_no_positions() -> None:
    assert flat([]).shape == (0, 2)
    assert flat([()]).shape == (0, 2)
    assert ring_of(np.zeros((0, 2))) == ()

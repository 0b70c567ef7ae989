"""The geometric median against scipy's minimiser, which knows nothing of Weiszfeld, and against what must be so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as bounded
from numpy.typing import NDArray
from scipy.optimize import minimize

from services.reducers import median_of
from services.reducers.geometric_median import CLOSE, geometric_median
from tests.services.reducers.stacks import Drawn, many, stacks

ALLOWED = 1.0
"""DN: how far from the minimum it may be, where enough observations say where that is."""


def summed(points: NDArray[np.float64], place: NDArray[np.float64]) -> float:
    """Distances in DN."""
    return float(np.linalg.norm(points - place, axis=1).sum())


def test_it_is_scipys_minimum_to_less_than_one_dn() -> None:
    """Of few observations nearly in a line only the sum of distances is known well."""
    observations, clear = many(25, side=6)
    found, count = geometric_median(observations, clear)
    for y, x in zip(*np.nonzero(count > 2), strict=True):
        points = observations[clear[:, y, x], :, y, x].astype(np.float64)
        place = found[:, y, x].astype(np.float64) * 10_000
        best = minimize(lambda at, points=points: summed(points, at), points.mean(axis=0), method="BFGS")
        at_rest = [points[np.argmin([summed(points, one) for one in points])], best.x]
        nearest = min(at_rest, key=lambda at: summed(points, at))
        assert summed(points, place) < summed(points, nearest) + ALLOWED / 2
        assert len(points) < 8 or np.linalg.norm(place - nearest) < ALLOWED


@bounded(deadline=None)
@given(stack=stacks())
def test_no_observation_and_no_median_is_a_better_place(stack: Drawn) -> None:
    """Ties, few observations and none: the sum of distances is the least, but for the tolerance."""
    observations, clear = stack
    found, count = geometric_median(observations, clear)
    middles, _ = median_of(observations, clear)
    np.testing.assert_array_equal(np.isnan(found).all(axis=0), count == 0)
    for y, x in zip(*np.nonzero(count), strict=True):
        points = observations[clear[:, y, x], :, y, x].astype(np.float64)
        place = summed(points, found[:, y, x].astype(np.float64) * 10_000)
        rivals = [*points, points.mean(axis=0), middles[:, y, x].astype(np.float64) * 10_000]
        least = min(summed(points, rival) for rival in rivals)
        assert place <= least * (1 + 1e-4) + CLOSE * len(points)


def test_of_one_observation_it_is_that_one_and_of_two_their_middle() -> None:
    observations = np.array([[[[100]], [[4000]]], [[[301]], [[2000]]]], np.uint16)
    one, _ = geometric_median(observations[:1], np.ones((1, 1, 1), np.bool_))
    two, _ = geometric_median(observations, np.ones((2, 1, 1), np.bool_))
    np.testing.assert_array_equal(one[:, 0, 0], np.array([100, 4000], np.float32) / np.float32(10_000))
    np.testing.assert_allclose(two[:, 0, 0], [0.02005, 0.3], rtol=1e-6)


@pytest.mark.parametrize("block", [1, 7, 100])
def test_blocks_do_not_change_a_bit(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    observations, clear = many(20, side=12)
    whole, _ = geometric_median(observations, clear)
    monkeypatch.setattr("services.reducers.geometric_median.BLOCK", block)
    np.testing.assert_array_equal(geometric_median(observations, clear)[0], whole)

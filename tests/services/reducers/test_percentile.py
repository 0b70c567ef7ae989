"""Percentiles against `np.nanpercentile` of the float32 cube, to the last bit."""

import warnings
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from numpy.typing import NDArray

from services.composite.indices import normalized_difference
from services.reducers import METHODS, Statistic, median_of
from services.reducers.percentile import percentile_index, percentile_picture
from tests.services.reducers.stacks import Drawn, cube, many, stacks


def oracle(numbers: NDArray[np.float32], percentile: int) -> NDArray[np.float32]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")
        found: NDArray[np.float32] = np.nanpercentile(numbers, percentile, axis=0)
    return found


@bounded(deadline=None)
@given(stack=stacks(), percentile=st.integers(1, 99))
def test_it_is_numpys_to_the_last_bit(stack: Drawn, percentile: int) -> None:
    found, count = percentile_picture(percentile, *stack)
    np.testing.assert_array_equal(found, oracle(cube(*stack), percentile))
    np.testing.assert_array_equal(count, stack[1].sum(axis=0))
    assert found.dtype == np.float32 and count.dtype == np.uint16


@pytest.mark.parametrize("times", [1, 2, 40, 61])
@pytest.mark.parametrize("percentile", [1, 25, 29, 99])
def test_so_it_is_of_many_observations_and_their_index(
    times: int, percentile: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.reducers.float_median.BLOCK", 700)
    observations, clear = many(times, bands=2, side=22)
    found, _ = percentile_picture(percentile, observations, clear)
    np.testing.assert_array_equal(found, oracle(cube(observations, clear), percentile))
    each = np.array([normalized_difference(list(planes)) for planes in observations])
    index = percentile_index(percentile, normalized_difference, observations, clear)
    np.testing.assert_array_equal(index, oracle(np.where(clear, each, np.float32(np.nan)), percentile))


@bounded(deadline=None)
@given(stack=stacks())
def test_the_fiftieth_is_the_median(stack: Drawn) -> None:
    """Between two middles numpy goes half of the way, which float32 may round to its neighbour."""
    np.testing.assert_allclose(percentile_picture(50, *stack)[0], median_of(*stack)[0], rtol=2e-7)


def test_the_first_quartile_is_the_twenty_fifth_and_the_words_say_which() -> None:
    at = METHODS["percentile"].at
    assert at is not None
    twelfth, observations = at(12), many(9)
    assert isinstance(twelfth.way, Statistic) and isinstance(METHODS["first-quartile"].way, Statistic)
    for percentile, way in ((12, twelfth.way), (25, METHODS["first-quartile"].way)):
        expected = partial(percentile_picture, percentile)(*observations)
        np.testing.assert_array_equal(way.picture(*observations)[0], expected[0])
    assert twelfth.of(3) == "12th percentile of 3 acquisitions" and "PERCENTILE = 12\n" in twelfth.program.code
    assert [at(number).words for number in (1, 2, 3, 11, 21)] == [
        *("1st percentile", "2nd percentile", "3rd percentile", "11th percentile", "21st percentile")
    ]

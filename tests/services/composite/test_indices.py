"""Indices of observations, against numpy on the whole cube."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from services.composite.indices import (
    NO_INDEX,
    indices_of,
    normalized_difference,
    whole_index,
)
from services.reducers import first_index, median_index

DN = st.one_of(st.integers(0, 65_535), st.sampled_from([0, 0, 1, 3000, 65_535]))


def cube(observations: NDArray[np.uint16], clear: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(time, height, width) of float32: the index of each observation, NaN where it does not count."""
    first, second = observations[:, 0].astype(np.float32), observations[:, 1].astype(np.float32)
    with np.errstate(invalid="ignore"):
        return np.where(clear, (first - second) / (first + second), np.float32(np.nan))


def oracle(observations: NDArray[np.uint16], clear: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Numpy's median of these."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")
        median: NDArray[np.float32] = np.nanmedian(cube(observations, clear), axis=0)
    return median


def pairs(observations: NDArray[np.uint16]) -> list[list[NDArray[np.uint16]]]:
    return [list(observation) for observation in observations]


@given(st.data())
def test_the_median_is_numpys_of_each_looks_index_to_the_last_bit(data: st.DataObject) -> None:
    times = data.draw(st.integers(1, 12))
    observations = data.draw(arrays(np.uint16, (times, 2, 3, 5), elements=DN))
    clear = data.draw(arrays(np.bool_, (times, 3, 5)))
    found = median_index(normalized_difference, pairs(observations), list(clear))
    np.testing.assert_array_equal(found, oracle(observations, clear))
    assert found.dtype == np.float32


@pytest.mark.parametrize("times", [1, 2, 7, 40, 70])
def test_so_it_is_over_many_blocks(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(times)
    observations = random.integers(0, 5000, (times, 2, 90, 80)).astype(np.uint16)
    clear = random.random((times, 90, 80)) < random.random((90, 80))
    monkeypatch.setattr("services.reducers.float_median.BLOCK", 1234)
    found = median_index(normalized_difference, pairs(observations), list(clear))
    np.testing.assert_array_equal(found, oracle(observations, clear))


def test_it_is_not_the_index_of_the_medians() -> None:
    """A meadow that is green in one observation, bare in another, and under thin haze in the third."""
    observations = np.array([[4000, 400], [1500, 1200], [5000, 3000]], np.uint16).reshape(3, 2, 1, 1)
    clear = np.ones((3, 1, 1), np.bool_)
    of_medians = (4000 - 1200) / (4000 + 1200)
    found = float(median_index(normalized_difference, pairs(observations), list(clear))[0, 0])
    assert found == pytest.approx((5000 - 3000) / (5000 + 3000))
    assert abs(found - of_medians) > 0.25


def test_the_first_clear_look_that_has_one_is_the_least_cloudys() -> None:
    random = np.random.default_rng(4)
    observations = random.integers(0, 3, (6, 2, 20, 20)).astype(np.uint16)
    clear, order = random.random((6, 20, 20)) < 0.4, (3, 0, 5, 1, 2, 4)
    found, each = first_index(normalized_difference, pairs(observations), list(clear), order), cube(observations, clear)
    for y, x in np.ndindex(20, 20):
        there = [each[time, y, x] for time in order if not np.isnan(each[time, y, x])]
        np.testing.assert_array_equal(found[y, x], there[0] if there else np.float32(np.nan))


def test_a_look_whose_bands_are_both_0_has_none_and_does_not_count() -> None:
    observations = np.array([[0, 0], [3000, 1000]], np.uint16).reshape(2, 2, 1, 1)
    clear = np.ones((2, 1, 1), np.bool_)
    assert np.isnan(normalized_difference([observations[0, 0], observations[0, 1]])).all()
    assert median_index(normalized_difference, pairs(observations), list(clear))[0, 0] == np.float32(0.5)


@given(arrays(np.float32, (4, 4), elements=st.floats(-1, 1, width=32) | st.just(float("nan"))))
def test_as_whole_numbers_it_is_known_to_a_twenty_thousandth(index: NDArray[Any]) -> None:
    whole = whole_index(index)
    np.testing.assert_array_equal(whole == NO_INDEX, np.isnan(index))
    there = ~np.isnan(index)
    nearest = 0.00005 + np.finfo(np.float32).eps  # half a step, and what float32 keeps of a number up to 1
    assert np.abs(whole[there] / 10_000 - index[there]).max(initial=0) <= nearest


def test_the_bands_decide_which_there_are() -> None:
    assert [index.name for index in indices_of(("B03", "B04", "B08", "B11"))] == ["ndvi", "ndwi", "ndsi"]
    assert indices_of(("B02", "B03", "B04")) == ()

"""The scatter of single observations, against numpy's medians in double precision."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from services.composite import LOW, mad_sigma


def oracle(observations: NDArray[np.uint16], clear: NDArray[np.bool_]) -> NDArray[np.float64]:
    """1.4826 × the median absolute deviation over the clear observations; NaN where fewer than three are clear."""
    cube = np.where(clear, np.minimum(observations, 32_767) / 10_000, np.nan)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")
        median = np.nanmedian(cube, axis=0)
        scatter: NDArray[np.float64] = 1.4826 * np.nanmedian(np.abs(cube - median), axis=0)
    scatter[clear.sum(axis=0) < 3] = np.nan
    return scatter


@pytest.mark.parametrize("times", [0, 1, 2, 3, 4, 7, 40, 41])
def test_it_is_the_median_absolute_deviation_of_the_clear_looks(times: int) -> None:
    random = np.random.default_rng(times)
    observations = random.integers(0, 12_000, (times, 30, 31)).astype(np.uint16)
    clear = random.random((times, 30, 31)) < random.random((30, 31))
    found = mad_sigma(observations, clear)
    assert found.shape == (30, 31)
    assert found.dtype == np.float32
    expected = oracle(observations, clear) if times else np.full((30, 31), np.nan)
    np.testing.assert_allclose(found, expected, rtol=3e-7, atol=1e-9)


@given(
    arrays.arrays(np.uint16, (6, 2, 3), elements=st.sampled_from([0, 1, 2, 32_766, 32_767, 32_768, 65_535])),
    arrays.arrays(np.bool_, (6, 2, 3)),
)
def test_no_extreme_look_overflows(observations: NDArray[np.uint16], clear: NDArray[np.bool_]) -> None:
    before = observations.copy()
    np.testing.assert_allclose(mad_sigma(observations, clear), oracle(observations, clear), rtol=3e-7, atol=1e-9)
    np.testing.assert_array_equal(observations, before)


def test_for_normal_errors_it_is_their_standard_deviation_and_a_few_clouds_do_not_matter() -> None:
    random = np.random.default_rng(5)
    observations = np.rint(random.normal(2000, 150, (201, 20, 20))).astype(np.uint16)
    observations[:40] = 9000
    found = mad_sigma(observations, np.ones(observations.shape, np.bool_))
    assert 0.015 < np.median(found) < 0.021


@pytest.mark.parametrize(("count", "known"), [(0, False), (LOW - 1, False), (LOW, True)])
def test_two_looks_say_nothing_and_three_do(count: int, known: bool) -> None:
    clear = np.zeros((9, 1, 1), np.bool_)
    clear[:count] = True
    assert bool(np.isfinite(mad_sigma(np.full((9, 1, 1), 500, np.uint16), clear))[0, 0]) is known


def test_real_looks_scatter_as_numpy_says(shared_data: Path) -> None:
    real = np.load(shared_data / "real_s2" / "romania_10m" / "data.npz")
    clear = ~np.isin(real["scl"], (0, 1, 3, 8, 9, 10))
    observations = real["bands"][..., 2]
    np.testing.assert_allclose(mad_sigma(observations, clear), oracle(observations, clear), rtol=3e-7, atol=1e-9)

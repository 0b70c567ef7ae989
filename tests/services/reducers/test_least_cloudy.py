"""The least cloudy clear observation, against a loop over pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from services.reducers import first_of, least_cloudy, masked_median, picked


@bounded(deadline=None)
@given(
    clouds=st.lists(st.sampled_from([0.0, 0.5, 0.50001, 3.0, 99.0, 100.0]), min_size=1, max_size=6),
    bands=st.integers(1, 3),
    height=st.integers(1, 5),
    width=st.integers(1, 5),
    clarity=st.sampled_from([0.0, 0.2, 0.7, 1.0]),
    seed=st.integers(0, 2**32),
)
def test_each_pixel_is_of_the_least_cloudy_look_at_which_it_is_clear(
    clouds: list[float], bands: int, height: int, width: int, clarity: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    times = len(clouds)
    observations = random.integers(0, 2**16, (times, bands, height, width)).astype(np.uint16)
    clear = random.random((times, height, width)) < clarity
    found, count = picked(observations, clear, first_of(clear, least_cloudy(clouds)))
    assert found.dtype == np.float32 and count.dtype == np.uint16
    for y in range(height):
        for x in range(width):
            candidates = [(clouds[time], time) for time in range(times) if clear[time, y, x]]
            assert count[y, x] == len(candidates)
            if candidates:
                dn = observations[min(candidates)[1], :, y, x]
                np.testing.assert_array_equal(found[:, y, x], (dn / 10_000).astype(np.float32))
            else:
                assert np.isnan(found[:, y, x]).all()


def test_of_one_look_it_is_the_median_to_the_last_bit() -> None:
    observations = np.arange(2**16, dtype=np.uint16).reshape(1, 1, 256, 256)
    clear = np.ones((1, 256, 256), np.bool_)
    one, other = picked(observations, clear, first_of(clear, [0])), masked_median(observations, clear)
    np.testing.assert_array_equal(one[0].view(np.uint32), other[0].view(np.uint32))
    np.testing.assert_array_equal(one[1], other[1])


def test_equal_clouds_are_taken_in_the_order_of_time() -> None:
    assert least_cloudy([3.0, 1.0, 3.0, 1.0]) == (1, 3, 0, 2)


def test_shapes_and_orders_that_do_not_match_are_refused() -> None:
    observations, clear = np.zeros((2, 1, 3, 4), np.uint16), np.ones((2, 3, 4), np.bool_)
    with pytest.raises(ValueError, match=r"clear must be \(2, 3, 4\)"):
        picked(observations, clear[:1], first_of(clear, [0, 1]))
    for order in ([0], [0, 0], [0, 2], [0, 1, 1]):
        with pytest.raises(ValueError, match="each of 2 observations once"):
            first_of(clear, order)

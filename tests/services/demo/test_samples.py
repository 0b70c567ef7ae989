"""From the world's numbers to samples and to the output's type."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from services.demo.bands import Plane
from services.demo.samples import sampled

LIMITS = {"INT8": (-128, 127), "UINT8": (0, 255), "INT16": (-32768, 32767), "UINT16": (0, 65535)}


@given(
    st.sampled_from(list(LIMITS)),
    st.one_of(
        arrays.arrays(np.float32, 20, elements=st.floats(-1e5, 1e5, width=32)),
        arrays.arrays(np.uint16, 20),
        arrays.arrays(np.uint8, 20),
    ),
)
def test_integers_are_rounded_and_clamped(sample_type: str, plane: Plane) -> None:
    low, high = LIMITS[sample_type]
    wanted = [min(max(round(float(value)), low), high) for value in plane]
    assert sampled(plane, sample_type).tolist() == wanted
    assert sampled(plane, sample_type).dtype == np.dtype(sample_type.lower())


def test_auto_spreads_nothing_to_one_over_a_byte() -> None:
    plane = np.array([-1, 0, 0.25, 0.5, 1, 2], np.float32)
    assert sampled(plane, "AUTO").tolist() == [0, 0, 64, 128, 255, 255]


def test_floats_stay_as_they_are() -> None:
    plane = np.array([0.1234, 1.5], np.float32)
    assert sampled(plane, "FLOAT32") is plane
    assert sampled(np.array([7], np.uint16), "FLOAT32").tolist() == [7.0]
    assert sampled(np.array([1], np.uint8), "FLOAT32").dtype == np.float32


@pytest.mark.parametrize("sample_type", LIMITS)
def test_what_fits_is_not_changed(sample_type: str) -> None:
    assert sampled(np.array([0, 11, 100], np.uint8), sample_type).tolist() == [0, 11, 100]

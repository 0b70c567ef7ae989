"""Kernels and c-factors, against the same model by vectors, and against what is known of it in closed form."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nbar import COEFFICIENTS, c_factors, kernels
from services.sentinel2 import BANDS
from tests.services.nbar import oracle

suns, views, azimuths = st.floats(5, 75), st.floats(0.5, 13), st.floats(0, 360)


def ours(sun: float, view: float, apart: float) -> tuple[float, float]:
    """Of one pixel."""
    ross, li = kernels(*(np.array([angle]) for angle in (sun, view, apart)))
    return float(ross[0]), float(li[0])


@given(sun=suns, view=views, first=azimuths, second=azimuths)
def test_kernels_are_those_of_the_vectors(sun: float, view: float, first: float, second: float) -> None:
    found = ours(sun, view, second - first)
    assert found == pytest.approx(oracle.kernels(oracle.Angles(sun, first, view, second)), abs=1e-7)
    assert ours(view, sun, second - first) == pytest.approx(found, abs=1e-7), "sun and view may change places"


@pytest.mark.parametrize("zenith", [0.0, 20.0, 45.0, 70.0])
def test_with_the_sun_behind_the_satellite_kernels_are_known(zenith: float) -> None:
    secant = 1 / math.cos(math.radians(zenith))
    assert ours(zenith, zenith, 0) == pytest.approx((math.pi / 4 * (secant - 1), secant**2 - secant), abs=1e-9)


@given(sun=suns, first=azimuths, view=views, second=azimuths, wanted=suns)
def test_factors_are_the_ratio_of_the_two_reflectances(
    sun: float, first: float, view: float, second: float, wanted: float
) -> None:
    angles = oracle.Angles(sun, first, view, second)
    found = c_factors(list(oracle.WEIGHTS), [np.array([angle]) for angle in angles], np.array(wanted))
    for band in oracle.WEIGHTS:
        assert float(found[band][0]) == pytest.approx(oracle.factor(band, angles, wanted), rel=1e-6)


def test_all_bands_but_that_of_water_vapour_have_weights_and_the_first_those_of_blue() -> None:
    assert set(BANDS) - set(COEFFICIENTS) == {"B09"}
    assert COEFFICIENTS["B01"] == COEFFICIENTS["B02"]


def test_a_view_with_the_sun_behind_it_is_darkened_and_one_towards_it_brightened() -> None:
    angles = [np.array(pair) for pair in ([40.0, 40.0], [150.0, 150.0], [10.0, 10.0], [150.0, 330.0])]
    behind, towards = c_factors(["B04"], angles, None)["B04"]
    assert behind < 0.97 and towards > 1.03


@pytest.mark.parametrize(
    "angles",
    [(40, 150, 0, 0), (0, 0, 9, 104), (80.01, 150, 9, 104), (89.9, 150, 9, 104)],
    ids=["no view", "no sun", "low sun", "no sun to speak of"],
)
def test_what_is_not_known_or_lies_beyond_the_model_stays_as_it_is(angles: tuple[float, ...]) -> None:
    found = c_factors(["B04", "B12"], [np.array([float(angle)]) for angle in angles], np.array(39.0))
    assert [one.tolist() for one in found.values()] == [[1.0], [1.0]]


def test_a_low_sun_that_is_wanted_changes_nothing() -> None:
    angles = [np.array([angle]) for angle in (79.0, 150.0, 9.0, 104.0)]
    assert c_factors(["B04"], angles, np.array(81.0))["B04"].tolist() == [1.0]

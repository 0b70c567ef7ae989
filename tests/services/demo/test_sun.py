"""The sun's place, against almanac facts."""

from datetime import UTC, datetime

import numpy as np
import pytest

from services.demo.sun import sun_angles


def test_at_the_june_solstice_it_stands_over_the_tropic_of_cancer() -> None:
    zenith, _ = sun_angles(datetime(2017, 6, 21, 12, 2, tzinfo=UTC), 0.0, 23.44)
    assert float(zenith) < 0.3


def test_at_the_december_solstice_helsinki_sees_it_six_degrees_high_in_the_south() -> None:
    zenith, azimuth = sun_angles(datetime(2017, 12, 21, 10, 20, tzinfo=UTC), 24.94, 60.17)
    assert float(zenith) == pytest.approx(90 - 6.4, abs=0.2)
    assert float(azimuth) == pytest.approx(180, abs=3)


def test_at_the_equinox_it_rises_in_the_east_everywhere() -> None:
    latitudes = np.array([-40.0, 0.0, 40.0])
    zenith, azimuth = sun_angles(datetime(2019, 3, 20, 6, 7, tzinfo=UTC), np.zeros(3), latitudes)
    assert np.allclose(zenith, 90, atol=1)
    assert np.allclose(azimuth, 90, atol=1)


def test_at_midnight_it_is_below_the_horizon_but_not_in_a_polar_summer() -> None:
    zenith, _ = sun_angles(datetime(2018, 6, 21, 0, 0, tzinfo=UTC), np.zeros(2), np.array([40.0, 75.0]))
    assert zenith[0] > 90
    assert zenith[1] < 90

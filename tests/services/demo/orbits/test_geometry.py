"""Track, swath and sun."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.demo.orbits.geometry import SWATH_KM, sun_angles, swath_edge, track_position, view_angles
from services.demo.orbits.passes import ARC_SECONDS, PERIOD


@given(st.floats(-ARC_SECONDS, ARC_SECONDS), st.sampled_from([1, -1]))
def test_a_point_on_the_edge_is_half_a_swath_from_the_track(seconds: float, side: int) -> None:
    longitude, latitude = swath_edge(np.array([seconds]), side)
    abeam, across = track_position(longitude, latitude)
    assert float(across[0]) == pytest.approx(side * SWATH_KM / 2, abs=0.001)
    if abs(seconds) < ARC_SECONDS * 0.98:  # at the turning point the satellite passes twice
        assert float(abeam[0]) == pytest.approx(seconds, abs=0.01)


def test_the_satellite_goes_south_and_west() -> None:
    longitude, latitude = swath_edge(np.array([-600.0, -300.0, 0.0, 300.0, 600.0]), 0)
    assert (np.diff(latitude) < 0).all()
    assert (np.diff(longitude) < 0).all()
    assert abs(longitude[2]) < 1e-9
    assert abs(latitude[2]) < 1e-9


def test_it_flies_at_the_speed_of_its_period() -> None:
    longitude, latitude = swath_edge(np.array([0.0, 10.0]), 0)
    metres = np.hypot(np.diff(latitude) * 111_000, np.diff(longitude) * 111_320)
    ground = 2 * np.pi * 6371e3 / PERIOD
    assert metres[0] / 10 == pytest.approx(ground, rel=0.03)


def test_it_reaches_within_eight_degrees_of_the_pole() -> None:
    seconds = np.linspace(-ARC_SECONDS, ARC_SECONDS, 2001)
    assert 82.5 < max(swath_edge(seconds, side)[1].max() for side in (1, -1)) < 83


def test_the_satellite_stands_higher_in_the_middle_of_the_swath_than_at_its_edges() -> None:
    seconds = np.array([-500.0])
    middle, _ = view_angles(*swath_edge(seconds, 0))
    east, west_of_it = view_angles(*swath_edge(seconds, 1))
    west, east_of_it = view_angles(*swath_edge(seconds, -1))
    assert float(middle[0]) < 0.1
    assert float(east[0]) == pytest.approx(float(west[0]), abs=0.2)
    assert 10 < float(east[0]) < 13
    assert 260 < float(west_of_it[0]) < 300
    assert 80 < float(east_of_it[0]) < 120


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

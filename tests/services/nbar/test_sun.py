"""The sun that all observations of a day are brought to, against an orbit followed step by step and another almanac."""

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from services.demo.orbits import sun_angles
from services.nbar import HIGHEST_LATITUDE, overpass_zenith


def local_hour(latitude: float, inclination: float, equator: float) -> float:
    """Mean solar time where a satellite going south crosses the latitude: its plane stands still before the sun."""
    steps = np.radians(np.linspace(90, 270, 200_001))  # from the north of its orbit over the node to the south
    north = np.sin(steps) * math.sin(inclination)
    place = steps[np.argmin(np.abs(north - math.sin(math.radians(latitude))))]
    east = math.atan2(math.sin(place) * math.cos(inclination), math.cos(place)) - math.pi  # of the node
    return equator + (math.degrees(east) + 180) % 360 / 15 - 12


@pytest.mark.parametrize("day", [date(2016, 2, 29), date(2018, 6, 21), date(2023, 11, 3)])
@pytest.mark.parametrize("place", [(25.0, 60.5), (-58.4, -34.6), (179.9, 10.0), (-179.9, 70.0), (151.2, -80.0)])
def test_it_is_the_sun_of_a_pass_between_both_satellites(day: date, place: tuple[float, float]) -> None:
    longitude, latitude = place
    hour = (local_hour(latitude, math.radians(98.41), (10 + 11 / 60 + 10.5) / 2) - longitude / 15) % 24
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)
    wanted = float(sun_angles(moment, longitude, latitude)[0])
    assert overpass_zenith(day, longitude, latitude) == pytest.approx(wanted, abs=0.02)


def test_it_is_close_to_the_sun_of_a_real_pass() -> None:
    """S2A over southern Finland, 2017-06-07 09:50 UTC."""
    seen = float(sun_angles(datetime(2017, 6, 7, 9, 50, 31, tzinfo=UTC), 25.0, 60.5)[0])
    assert overpass_zenith(date(2017, 6, 7), 25.0, 60.5) == pytest.approx(seen, abs=0.5)


def test_beyond_the_reach_of_the_orbit_there_is_none() -> None:
    assert overpass_zenith(date(2018, 6, 21), 0, HIGHEST_LATITUDE) is not None
    assert overpass_zenith(date(2018, 6, 21), 0, 81.4) is None and overpass_zenith(date(2018, 1, 1), 0, -82) is None

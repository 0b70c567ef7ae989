"""Where the sun stands: J. Meeus, Astronomical Algorithms, chapter 25, low accuracy (0.01°)."""

import math
from datetime import UTC, datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)


def sun_angles(
    time: datetime, longitude: ArrayLike, latitude: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Zenith angle and azimuth (clockwise from north) in degrees, of places in degrees, arrays of one shape."""
    days = (time - _J2000).total_seconds() / 86_400
    mean = math.radians((280.46646 + 0.98564736 * days) % 360)
    anomaly = math.radians((357.52911 + 0.98560028 * days) % 360)
    ecliptic = mean + math.radians(1.914602 * math.sin(anomaly) + 0.019993 * math.sin(2 * anomaly))
    tilt = math.radians(23.439291 - 3.56e-7 * days)
    declination = math.asin(math.sin(tilt) * math.sin(ecliptic))
    ascension = math.atan2(math.cos(tilt) * math.sin(ecliptic), math.cos(ecliptic))
    sidereal = math.radians((280.46061837 + 360.98564736629 * days) % 360)
    lat = np.radians(np.asarray(latitude, float))
    hour = sidereal + np.radians(np.asarray(longitude, float)) - ascension
    up = np.sin(lat) * math.sin(declination) + np.cos(lat) * math.cos(declination) * np.cos(hour)
    east = -math.cos(declination) * np.sin(hour)
    north = math.sin(declination) * np.cos(lat) - math.cos(declination) * np.sin(lat) * np.cos(hour)
    return np.degrees(np.arccos(np.clip(up, -1, 1))), np.degrees(np.arctan2(east, north)) % 360

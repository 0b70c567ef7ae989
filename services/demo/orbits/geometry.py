"""Geometry of an overpass: where the sun stands, and where places and the swath's edges lie along the track.

Sun: J. Meeus, Astronomical Algorithms, chapter 25, low accuracy (0.01°). The orbit is a circle whose plane turns with
the sun, the Earth a sphere that turns under it once a day; geodetic latitudes become geocentric ones first.
Longitudes count from the descending node, `w` and seconds from its passage.
"""

import math
from datetime import UTC, datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.demo.orbits.passes import PERIOD

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


INCLINATION = math.radians(98.62)
SWATH_KM = 290.0
RADIUS_KM = 6371.0
ALTITUDE_KM = 786.0
DAY = 86_400.0
_FLAT = 1 - 0.00669437999014
"""1 − e² of WGS 84."""
_ALONG = np.array([0.0, math.cos(INCLINATION), -math.sin(INCLINATION)])
"""Direction of flight at the node: x through the node, y east, z north."""
_NORMAL = np.array([0.0, math.sin(INCLINATION), math.cos(INCLINATION)])
_ROUNDS = 6
"""Each leaves a 14th of the error; six leave less than a metre."""


def track_position(longitude: ArrayLike, latitude: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seconds from the node at which the satellite passes abeam, and distance across the track in km.

    Longitudes in degrees east of the node, latitudes geodetic, arrays of one shape. The distance is positive
    to the left, east of a descending track.
    """
    lon = np.radians(np.asarray(longitude, float))
    lat = np.arctan(_FLAT * np.tan(np.radians(np.clip(np.asarray(latitude, float), -89.999, 89.999))))
    flat, z = np.cos(lat), np.sin(lat)
    seconds = -np.degrees(lat) / 360 * PERIOD
    for _ in range(_ROUNDS):
        x, y = _turned(lon, flat, seconds)
        seconds = np.arctan2(y * _ALONG[1] + z * _ALONG[2], x) / (2 * math.pi) * PERIOD
    x, y = _turned(lon, flat, seconds)
    across = np.arcsin(np.clip(y * _NORMAL[1] + z * _NORMAL[2], -1, 1)) * RADIUS_KM
    return seconds, across


def _turned(
    lon: NDArray[np.float64], flat: NDArray[np.float64], seconds: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The earth has turned on since the node."""
    angle = lon + 2 * math.pi / DAY * seconds
    return flat * np.cos(angle), flat * np.sin(angle)


def view_angles(longitude: ArrayLike, latitude: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Zenith angle and azimuth (clockwise from north) in degrees of the satellite when it passes abeam of a place."""
    seconds, across = track_position(longitude, latitude)
    angle = np.asarray(across) / RADIUS_KM
    height = RADIUS_KM + ALTITUDE_KM
    zenith = np.arctan2(height * np.sin(np.abs(angle)), height * np.cos(angle) - RADIUS_KM)
    before, after = (swath_edge(np.asarray(seconds + step), 0) for step in (-1.0, 1.0))
    east = (after[0] - before[0]) * np.cos(np.radians(np.asarray(latitude, float)))
    heading = np.degrees(np.arctan2(east, after[1] - before[1]))
    return np.degrees(zenith), (heading + np.where(angle > 0, 90, -90)) % 360


def swath_edge(seconds: NDArray[np.float64], side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes east of the node and geodetic latitudes of the swath's edge.

    `side` is 1 for the left (east), −1 for the right, 0 for the middle.
    """
    w = seconds / PERIOD * 2 * math.pi
    half = side * SWATH_KM / 2 / RADIUS_KM
    x = np.cos(w) * math.cos(half)
    y = np.sin(w) * math.cos(half) * _ALONG[1] + math.sin(half) * _NORMAL[1]
    z = np.sin(w) * math.cos(half) * _ALONG[2] + math.sin(half) * _NORMAL[2]
    longitude = np.degrees(np.arctan2(y, x)) - seconds / DAY * 360
    latitude = np.degrees(np.arctan(np.tan(np.arcsin(np.clip(z, -1, 1))) / _FLAT))
    return longitude, latitude

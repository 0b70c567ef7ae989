"""Climate and sunlight of a place: a year's warmth and wetness, the day's temperature, the sun at an overpass."""

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

LAPSE = 0.0065
"""Kelvin that a metre of height costs."""
_WETNESS = (
    (0, 8, 15, 20, 25, 31, 38, 46, 60, 70, 85),
    (0.92, 0.82, 0.55, 0.28, 0.1, 0.17, 0.42, 0.62, 0.68, 0.55, 0.4),
)
"""Moisture (0 desert to 1 rain forest) over degrees of latitude: rains at the equator, dry belts at 25°."""


def mean_warmth(latitude: ArrayLike) -> NDArray[np.float64]:
    """Yearly mean at sea level in °C, of latitudes in radians."""
    degrees = np.degrees(np.asarray(latitude, float))
    found: NDArray[np.float64] = 27.0 - 0.0064 * degrees * degrees
    return found


def swing(latitude: ArrayLike) -> NDArray[np.float64]:
    """Half the difference between midsummer and midwinter in kelvin, never negative."""
    found: NDArray[np.float64] = 0.21 * np.abs(np.degrees(np.asarray(latitude, float)))
    return found


def wetness(latitude: ArrayLike) -> NDArray[np.float64]:
    """Moisture of the belt, 0 to 1, of latitudes in radians."""
    found: NDArray[np.float64] = np.interp(np.abs(np.degrees(np.asarray(latitude, float))), *_WETNESS)
    return found


def warmth(latitude: float, day: float) -> float:
    """°C at sea level, `day` of the year in days, latitude in radians; midsummer is a month after the solstice."""
    season = math.cos(2 * math.pi * (day - 201) / 365.25) * math.copysign(1, latitude)
    return float(mean_warmth(latitude)) + float(swing(latitude)) * season


def anomaly(latitude: float, time: datetime) -> float:
    """How much warmer than usual these weeks are, in kelvin: slow waves of periods that never meet."""
    days = time.timestamp() / 86_400
    slow = math.sin(days / 58.1 + 2.3 * latitude) + math.sin(days / 140.3 - 1.7 * latitude)
    return 0.8 * slow + 0.7 * math.sin(days / 27.7 + 5 * latitude)


def day_of_year(time: datetime) -> float:
    """Days since the year began."""
    return time.timetuple().tm_yday - 1 + time.hour / 24


_NODE_HOUR = 10.5
"""Mean local solar time at the descending node, in hours (ESA, Sentinel-2 orbit)."""
_TILT = math.radians(98.62 - 90)
"""By how much the orbit leans."""
_LOWEST = math.radians(6)
"""The sun is not drawn lower: then the real archive has no pictures, or dark ones."""


@dataclass(frozen=True)
class Daylight:
    """Sunlight at a place."""

    elevation: float
    """Radians above the horizon."""
    azimuth: float
    """Radians from north, clockwise."""

    @property
    def strength(self) -> float:
        """Brightness of the whole picture: 1 for a high sun, less for a low one in the forests' own shade."""
        return 0.70 + 0.30 * min(1.0, math.sin(self.elevation) / math.sin(math.radians(48)))

    def towards(self, height: float) -> tuple[float, float]:
        """Metres east and north from a shadow to what casts it from `height` metres."""
        away = height * min(1 / math.tan(self.elevation), 5.0)
        return away * math.sin(self.azimuth), away * math.cos(self.azimuth)


def daylight(latitude: float, day: float) -> Daylight:
    """At a latitude in radians on a day of the year."""
    declination = math.radians(-23.44) * math.cos(2 * math.pi * (day + 10) / 365.25)
    lean = max(-1.0, min(1.0, math.tan(latitude) * math.tan(_TILT)))
    hour = (_NODE_HOUR - 12) * math.pi / 12 + math.asin(lean)
    up = math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(hour)
    east = -math.cos(declination) * math.sin(hour)
    north = math.sin(declination) * math.cos(latitude) - math.cos(declination) * math.sin(latitude) * math.cos(hour)
    return Daylight(max(_LOWEST, math.asin(up)), math.atan2(east, north) % (2 * math.pi))

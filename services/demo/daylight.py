"""The light of an overpass: where the sun stands when the satellite comes by, at half past ten by the sun."""

import math
from dataclasses import dataclass

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

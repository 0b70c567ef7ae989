"""Under which sun all observations of a place and day are to be seen: as in HLS 1.5 and 2.0.

The sun's zenith angle at the moment when a satellite between Landsat 8 and Sentinel-2 passes the latitude on its way
south: a smooth function of day and latitude, close to every observation, so that the model of the ground need not tell
what other suns would show; views from the east and from the west are brought to one. Sources:

- Local time of the overpass: Z. Li, H. K. Zhang, D. P. Roy, Investigation of Sentinel-2 bidirectional reflectance
  hot-spot sensing conditions, IEEE Transactions on Geoscience and Remote Sensing 57(6), 2019, equation 4; with means of
  what is said there of both satellites, as HLS has them: 98.2° and 98.62°, 10:11 and 10:30.
- Sun: M. Blanco-Muriel et al., Computing the solar vector, Solar Energy 70(5), 2001, to 0.01°.
- HLS: J. Ju et al., The Harmonized Landsat and Sentinel-2 version 2.0 surface reflectance dataset, Remote Sensing of
  Environment 324, 2025. Where no satellite's nadir comes, HLS takes the sun that was observed.
"""

from datetime import date
from math import acos, asin, atan2, cos, degrees, radians, sin, tan

INCLINATION = (98.2 + 98.62) / 2
"""Of the orbit, degrees."""
EQUATOR_HOUR = (10 + 11 / 60 + 10.5) / 2
"""Local mean solar time at the descending node, hours."""
HIGHEST_LATITUDE = 81.3
"""Degrees, north and south; HLS has that number for the north."""
_J2000 = date(2000, 1, 1)
_PARALLAX = 6371.01 / 149_597_890
"""Radius of the Earth in astronomical units."""


def overpass_zenith(day: date, longitude: float, latitude: float) -> float | None:
    """Degrees, of a place in degrees on a day of UTC; None beyond HIGHEST_LATITUDE."""
    if abs(latitude) > HIGHEST_LATITUDE:
        return None
    late = degrees(asin(tan(radians(latitude)) / tan(radians(INCLINATION)))) / 15
    hours = (EQUATOR_HOUR - late - longitude / 15) % 24
    days = (day - _J2000).days - 0.5 + hours / 24
    turned = 2.1429 - 0.0010394594 * days
    anomaly = 6.2400600 + 0.0172019699 * days
    ecliptic = 4.8950630 + 0.017202791698 * days + 0.03341607 * sin(anomaly) + 0.00034894 * sin(2 * anomaly)
    ecliptic += -0.0001134 - 0.0000203 * sin(turned)
    tilt = 0.4090928 - 6.2140e-9 * days + 0.0000396 * cos(turned)
    ascension = atan2(cos(tilt) * sin(ecliptic), cos(ecliptic))
    declination = asin(sin(tilt) * sin(ecliptic))
    sidereal = radians(15 * (6.6974243242 + 0.0657098283 * days + hours) + longitude)
    height = cos(radians(latitude)) * cos(sidereal - ascension) * cos(declination)
    zenith = acos(height + sin(declination) * sin(radians(latitude)))
    return degrees(zenith + _PARALLAX * sin(zenith))

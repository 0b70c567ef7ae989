"""UTM zones: which one a place is in, and the way there and back."""

import math
from bisect import bisect
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from services.formats import WGS84

Bounds = tuple[float, float, float, float]
"""West, south, east, north; metres of a UTM zone, or degrees where said so."""
Ring = list[tuple[float, float]]
"""Longitude and latitude in degrees, the last as the first."""

_SVALBARD = (9, 21, 33)
"""Degrees east at which zones 31X, 33X and 35X end; there is no 32X, 34X or 36X."""


_SOUTH = 32_700
"""EPSG codes of UTM zones from here on are south of the equator."""


@lru_cache(maxsize=256)
def transformer(source: int, target: int) -> Transformer:
    """Between two EPSG codes, x (longitude, easting) first. May be shared by threads (pyproj >= 3.1)."""
    return Transformer.from_crs(source, target, always_xy=True)


def utm_epsg(longitude: float, latitude: float) -> int:
    """Zone of Sentinel-2's tiles: EPSG 326zz north, 327zz south, with the exceptions 32V and 31X to 37X.

    As `CRS.get_utm_from_wgs84` of sentinelhub: in another zone than the tiles' every pixel would be resampled.
    """
    east = (longitude + 180) % 360 - 180
    if 56 <= latitude < 64 and 3 <= east < 12:  # west Norway
        return 32632
    if 72 <= latitude <= 84 and 0 <= east < 42:  # Svalbard
        return 32631 + 2 * bisect(_SVALBARD, east)
    return plain_epsg(longitude, latitude)


def plain_epsg(longitude: float, latitude: float) -> int:
    """The zone of 6° without exceptions, which grids had at first: their links and recipes stay in it."""
    zone = math.floor((longitude + 180) / 6) % 60 + 1
    return (32600 if latitude >= 0 else _SOUTH) + zone


def zone_name(epsg: int) -> str:
    """`34 N`."""
    return f"{epsg % 100} {'N' if epsg < _SOUTH else 'S'}"


def central_meridian(epsg: int) -> int:
    """Degrees east of a UTM zone's middle."""
    return 6 * (epsg % 100) - 183


def to_utm(epsg: int, longitudes: Any, latitudes: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Degrees → metres; infinite where the zone's projection has no value. Scalars or arrays."""
    x, y = transformer(WGS84, epsg).transform(longitudes, latitudes)
    return x, y


def to_wgs84(epsg: int, x: Any, y: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Metres → degrees, continuous: beyond the 180th meridian the longitudes go on (181, or −181)."""
    longitudes, latitudes = transformer(epsg, WGS84).transform(x, y)
    middle = central_meridian(epsg)
    turns = np.round((np.asarray(longitudes) - middle) / 360)
    return np.asarray(longitudes) - 360 * turns, np.asarray(latitudes)

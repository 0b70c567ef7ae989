"""Processing units, by the formula of the service's documentation ("Processing unit definition").

A Process request costs max(w·h / 512², 0.01) × (bands / 3) × 2 for a 32-bit float TIFF, at least 0.005; dataMask is
not counted beside other bands. A search costs its area in 10⁶ km² (at least 0.01) × the months begun, at most 1.
"""

import math
from collections.abc import Collection
from datetime import timedelta

from pyproj import Geod
from shapely.geometry.base import BaseGeometry

_MONTH = timedelta(days=31)
_GEOD = Geod(ellps="WGS84")


def process_units(width: int, height: int, bands: Collection[str], *, float32: bool) -> float:
    """Of one Process request with SIMPLE mosaicking; `bands` are the script's inputs."""
    counted = len(set(bands) - {"dataMask"}) or 1
    size = max(width * height / 512**2, 0.01)
    return max(size * counted / 3 * (2 if float32 else 1), 0.005)


def search_units(area: BaseGeometry | None, span: timedelta) -> float:
    """Of one search of the catalogue."""
    km2 = 0.0 if area is None else abs(_GEOD.geometry_area_perimeter(area)[0]) / 1e6
    return min(max(km2 / 1e6, 0.01) * max(math.ceil(span / _MONTH), 1), 1.0)

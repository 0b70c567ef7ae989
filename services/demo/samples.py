"""From the world's numbers to a band's samples in its unit, and from there to the output's type."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.demo.bands import DATA_MASK, OPTICAL, REFLECTANCE, Plane
from services.demo.degrees import degrees_of
from services.demo.granules import Granule
from services.demo.orbits import view_angles
from services.demo.request import ProcessRequest
from services.demo.satellites import node_longitude
from services.demo.sun import sun_angles
from services.demo.world import Window, render

_CLOUDS = (8, 9, 10)
"""Classes of SCL that are clouds."""
_RANGES: dict[str, np.dtype[np.integer]] = {
    "INT8": np.dtype(np.int8),
    "UINT8": np.dtype(np.uint8),
    "INT16": np.dtype(np.int16),
    "UINT16": np.dtype(np.uint16),
}


def planes(window: Window, granule: Granule, request: ProcessRequest) -> dict[str, Plane]:
    """All input bands of the script over a window that one pass covers, each (height, width)."""
    units = request.script.inputs
    rendered = [band for band in units if band in OPTICAL or band in {"SCL", "SNW", "CLD"}]
    if "CLM" in units and "SCL" not in rendered:
        rendered.append("SCL")
    if "CLP" in units and "CLD" not in rendered:
        rendered.append("CLD")
    made: dict[str, Any] = dict(render(window, granule.moment, rendered)) if rendered else {}
    offset = 0 if request.harmonize else granule.passage.offset
    result: dict[str, Plane] = {}
    for band, unit in units.items():
        if band in OPTICAL:
            dn = (
                made[band] if not offset else np.minimum(made[band].astype(np.uint32) + offset, 65535).astype(np.uint16)
            )
            result[band] = _reflectance()[dn] if unit == REFLECTANCE else dn
        elif band in made:
            result[band] = made[band]
        else:
            result[band] = _derived(band, made, window, granule)
    return result


def _derived(band: str, made: dict[str, Plane], window: Window, granule: Granule) -> Plane:
    """What follows from other bands, or from geometry in the middle of the window."""
    shape = (window.height, window.width)
    if band == DATA_MASK:
        return np.ones(shape, np.uint8)
    if band == "CLM":
        return np.isin(made["SCL"], _CLOUDS).astype(np.uint8)
    if band == "CLP":
        return (made["CLD"].astype(np.float32) * 2.55).round().astype(np.uint8)
    west, south, east, north = window.bounds
    longitude, latitude = degrees_of(window.epsg, (west + east) / 2, (south + north) / 2)
    if band.startswith("sun"):
        zenith, azimuth = sun_angles(granule.time, longitude, latitude)
    else:
        zenith, azimuth = view_angles(longitude - node_longitude(granule.passage.orbit), latitude)
    return np.full(shape, zenith if "Zenith" in band else azimuth, np.float32)


@lru_cache(maxsize=1)
def _reflectance() -> NDArray[np.float32]:
    """Of every DN."""
    return (np.arange(65536) * 0.0001).astype(np.float32)


def sampled(plane: Plane, sample_type: str) -> Plane:
    """As the service writes it: integers rounded and clamped, AUTO from [0, 1] to 0–255."""
    if sample_type == "FLOAT32":
        return plane.astype(np.float32, copy=False)
    if sample_type == "AUTO":
        return np.rint(np.clip(plane.astype(np.float64), 0, 1) * 255).astype(np.uint8)
    target = _RANGES[sample_type]
    if plane.dtype == target:
        return plane
    if np.can_cast(plane.dtype, target):
        return plane.astype(target)
    limits = np.iinfo(target)
    whole = np.rint(plane.astype(np.float64)) if plane.dtype.kind == "f" else plane
    return np.clip(whole, limits.min, limits.max).astype(target)

"""SIMPLE mosaicking: each pixel from the first granule in order that has data, its samples in the script's units."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import rasterio.features
from affine import Affine
from numpy.typing import NDArray

from services.demo.orbits import (
    Granule,
    Pass,
    degrees_of,
    granules_over,
    node_longitude,
    pixels_of,
    sun_angles,
    track_position,
    view_angles,
)
from services.demo.protocol.evalscript import DATA_MASK, OPTICAL, REFLECTANCE
from services.demo.protocol.request import ProcessRequest
from services.demo.world import PLANES, Samples, Window, render

Mask = NDArray[np.bool_]


def mosaic(request: ProcessRequest) -> dict[str, Samples]:
    """Every input band of the script as (height, width), in its unit; 0 where there is no data."""
    window = request.bounds.window
    bands = tuple(request.script.inputs)
    shares = _shares(request)
    if len(shares) == 1 and shares[0][1].all():
        return band_samples(window, shares[0][0], request)
    result: dict[str, Samples] = {}
    for granule, mask in shares:
        rows, columns = _extent(mask)
        inside = mask[rows, columns]
        made = band_samples(_part(window, rows, columns), granule, request)
        for band in bands:
            plane = result.setdefault(band, np.zeros((window.height, window.width), made[band].dtype))
            np.copyto(plane[rows, columns], made[band], where=inside)
    for band in bands:
        result.setdefault(band, np.zeros((window.height, window.width), np.uint16))
    if "CLM" in result:
        seen = np.any([mask for _, mask in shares], axis=0) if shares else np.zeros(result["CLM"].shape, bool)
        result["CLM"] = np.where(seen, result["CLM"], np.uint8(255))
    return result


def _shares(request: ProcessRequest) -> list[tuple[Granule, Mask]]:
    """One granule of each pass that shows, with the pixels that it gives."""
    window = request.bounds.window
    remaining = _clipped(request)
    shares: dict[object, tuple[Granule, Mask]] = {}
    tried = set()
    for granule in _ordered(request):
        if not remaining.any():
            break
        if (granule.view.tile, granule.view.orbit) in tried:  # a later pass of the same view covers nothing more
            continue
        tried.add((granule.view.tile, granule.view.orbit))
        given = pixels_of(granule.view, window)
        taken = remaining & given if given is not None else remaining.copy()
        if taken.any():
            remaining &= ~taken
            before = shares.get(granule.passage)
            shares[granule.passage] = (granule, taken if before is None else before[1] | taken)
    return list(shares.values())


def _ordered(request: ProcessRequest) -> Iterable[Granule]:
    """The granules that may be used, first choice first."""
    found: Collection[Granule] = list(granules_over(request.bounds.area, request.begin, request.end))
    if request.max_cloud_cover < 100:
        found = [one for one in found if one.cloud_cover <= request.max_cloud_cover]
    newest = sorted(found, key=lambda one: (one.time, one.view.tile.name), reverse=True)
    if request.order == "leastRecent":
        return newest[::-1]
    return sorted(newest, key=lambda one: one.cloud_cover) if request.order == "leastCC" else newest


def _clipped(request: ProcessRequest) -> Mask:
    """True where pixels are wanted."""
    window, clip = request.bounds.window, request.bounds.clip
    shape = (window.height, window.width)
    if clip is None:
        return np.ones(shape, bool)
    grid = Affine(window.dx, 0, window.bounds[0], 0, -window.dy, window.bounds[3])
    mask: Mask = rasterio.features.geometry_mask([clip], shape, grid, invert=True)
    return mask


def _extent(mask: Mask) -> tuple[slice, slice]:
    """The rows and columns in which there is anything."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _part(window: Window, rows: slice, columns: slice) -> Window:
    """Some pixels of a window, as a window."""
    west, _, _, north = window.bounds
    x, y = window.dx, window.dy
    bounds = (west + columns.start * x, north - rows.stop * y, west + columns.stop * x, north - rows.start * y)
    return replace(window, bounds=bounds, width=columns.stop - columns.start, height=rows.stop - rows.start)


_CLOUDS = (8, 9, 10)
"""Classes of SCL that are clouds."""
_ANGLE_METRES, _ANGLE_DEGREES, _DEGREES = 5000, 0.05, 4326
"""Side of a pixel of angles in metres and in degrees, and the code of what is in degrees."""
_SECONDS_PER_DEGREE = 240
"""That the Earth takes to turn: the sun comes from so much farther west meanwhile."""
_DERIVED_FROM = {"CLM": "SCL", "CLP": "CLD"}


def band_samples(window: Window, granule: Granule, request: ProcessRequest) -> dict[str, Samples]:
    """All input bands of the script over a window that one pass covers, each (height, width)."""
    units = request.script.inputs
    needed = [_DERIVED_FROM.get(band, band) for band in units]
    rendered = [band for band in dict.fromkeys(needed) if band in PLANES]
    made: dict[str, Any] = dict(render(window, granule.passage.start, rendered)) if rendered else {}
    offset = 0 if request.harmonize else granule.passage.offset
    result: dict[str, Samples] = {}
    for band, unit in units.items():
        if band in OPTICAL:
            dn = made[band]
            if offset:
                dn = np.minimum(dn.astype(np.uint32) + offset, 65535).astype(np.uint16)
            result[band] = _reflectance()[dn] if unit == REFLECTANCE else dn
        elif band in made:
            result[band] = made[band]
        else:
            result[band] = _derived(band, made, window, granule)
    return result


def _derived(band: str, made: dict[str, Samples], window: Window, granule: Granule) -> Samples:
    """What follows from other bands, or from geometry."""
    shape = (window.height, window.width)
    if band == DATA_MASK:
        return np.ones(shape, np.uint8)
    if band == "CLM":
        return np.isin(made["SCL"], _CLOUDS).astype(np.uint8)
    if band == "CLP":
        return (made["CLD"].astype(np.float32) * 2.55).round().astype(np.uint8)
    return _angles(band, window, granule.passage)


def _angles(band: str, window: Window, passage: Pass) -> Samples:
    """Of a pass, in pixels of 5 km that are where they are, whatever window is asked for."""
    side = _ANGLE_DEGREES if window.epsg == _DEGREES else _ANGLE_METRES
    west, _, _, north = window.bounds
    columns = np.floor((west + (np.arange(window.width) + 0.5) * window.dx) / side).astype(int)
    rows = np.floor((north - (np.arange(window.height) + 0.5) * window.dy) / side).astype(int)
    left, low = columns.min(), rows.min()
    x, y = np.meshgrid(np.arange(left, columns.max() + 1) + 0.5, np.arange(low, rows.max() + 1) + 0.5)
    longitude, latitude = degrees_of(window.epsg, x * side, y * side)
    east_of_node = longitude - node_longitude(passage.orbit)
    if band.startswith("sun"):
        seconds, _ = track_position(east_of_node, latitude)
        zenith, azimuth = sun_angles(passage.node, longitude + seconds / _SECONDS_PER_DEGREE, latitude)
    else:
        zenith, azimuth = view_angles(east_of_node, latitude)
    found = np.asarray(zenith if "Zenith" in band else azimuth, np.float32)
    return found[np.ix_(rows - low, columns - left)]


@lru_cache(maxsize=1)
def _reflectance() -> NDArray[np.float32]:
    """Of every DN."""
    return (np.arange(65536) * 0.0001).astype(np.float32)


def scaled(plane: Samples, scale: int) -> Samples:
    """In double precision, as scripts compute; untouched where nothing is to be done."""
    return plane if scale == 1 else plane.astype(np.float64) * scale


def to_sample_type(plane: Samples, sample_type: str) -> Samples:
    """As the service writes it: integers rounded and clamped, AUTO from [0, 1] to 0–255."""
    if sample_type == "FLOAT32":
        return plane.astype(np.float32, copy=False)
    if sample_type == "AUTO":
        return np.rint(np.clip(plane.astype(np.float64), 0, 1) * 255).astype(np.uint8)
    target = np.dtype(sample_type.lower())
    if np.can_cast(plane.dtype, target):
        return plane.astype(target, copy=False)
    limits = np.iinfo(target)
    whole = np.rint(plane.astype(np.float64)) if plane.dtype.kind == "f" else plane
    return np.clip(whole, limits.min, limits.max).astype(target)

"""SIMPLE mosaicking: each pixel comes from the first granule, in the order asked for, that has data there."""

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np
import rasterio.features
from affine import Affine
from numpy.typing import NDArray

from services.demo.bands import Plane
from services.demo.coverage import pixels_of
from services.demo.granules import Granule, granules_over
from services.demo.request import ProcessRequest
from services.demo.samples import planes
from services.demo.world import Window

Mask = NDArray[np.bool_]


def mosaic(request: ProcessRequest) -> dict[str, Plane]:
    """Every input band of the script as (height, width), in its unit; 0 where there is no data."""
    window = request.bounds.window
    bands = tuple(request.script.inputs)
    shares = _shares(request)
    if len(shares) == 1 and shares[0][1].all():
        return planes(window, shares[0][0], request)
    result: dict[str, Plane] = {}
    for granule, mask in shares:
        rows, columns = _extent(mask)
        inside = mask[rows, columns]
        made = planes(_part(window, rows, columns), granule, request)
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
            before = shares.get(granule.moment)
            shares[granule.moment] = (granule, taken if before is None else before[1] | taken)
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
    west, south, east, north = window.bounds
    grid = Affine((east - west) / window.width, 0, west, 0, (south - north) / window.height, north)
    mask: Mask = rasterio.features.geometry_mask([clip], shape, grid, invert=True)
    return mask


def _extent(mask: Mask) -> tuple[slice, slice]:
    """The rows and columns in which there is anything."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _part(window: Window, rows: slice, columns: slice) -> Window:
    """Some pixels of a window, as a window."""
    west, south, east, north = window.bounds
    x, y = (east - west) / window.width, (north - south) / window.height
    bounds = (west + columns.start * x, north - rows.stop * y, west + columns.stop * x, north - rows.start * y)
    return replace(window, bounds=bounds, width=columns.stop - columns.start, height=rows.stop - rows.start)

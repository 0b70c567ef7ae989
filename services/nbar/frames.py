"""Frames read as a recipe wants them: the one place where bands are normalised, for pictures, previews and series."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.cache import FrameKey, Frames
from services.geo import Bounds, to_wgs84
from services.nbar.c_factor import COEFFICIENTS, c_factors
from services.nbar.sun import overpass_zenith
from services.recipe import Recipe
from services.sentinel2 import ANGLES, PER_DEGREE

MEANING = (
    "NBAR: each observation is multiplied by a c-factor to that of a view from straight above (Roy et al. 2016, 2017) "
    "under the sun of the day's pass over the latitude, as in HLS 2.0 (Li et al. 2019). Where the angles of a pixel "
    "are not known or the sun is lower than 10 degrees, it stays as it is; so does B09."
)
"""What it does to pixels; ASCII, as a tag of TIFF is."""
_MOST = 65_535
"""DN that a plane can hold."""


def read_frame(frames: Frames, recipe: Recipe, key: FrameKey, planes: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The planes, (height, width) each; the bands among them normalised where the recipe says so.

    Raises MissingFrame where one is not there or damaged, also one of the angles that bands need.
    """
    bands = tuple(plane for plane in planes if recipe.nbar and plane in COEFFICIENTS)
    if not bands:
        return frames.read(key, planes)
    found = frames.read(key, (*planes, *ANGLES))
    return found | nadir_bands(key, found, bands)


def nadir_bands(
    key: FrameKey, frame: Mapping[str, NDArray[Any]], bands: Sequence[str]
) -> dict[str, NDArray[np.uint16]]:
    """DN of these bands times their c-factors, half to even; the whole frame has the sun of its middle.

    Angles come in steps of 5 km, so their planes are taken in runs of equal pixels, row by row.
    """
    rows = np.stack([frame[angle].reshape(-1) for angle in ANGLES])
    starts = np.flatnonzero(np.concatenate(([True], np.any(rows[:, 1:] != rows[:, :-1], axis=0))))
    lengths = np.diff(starts, append=rows.shape[1])
    wanted = _wanted(key.epsg, key.bounds, key.day)
    sun = None if wanted is None else np.array(wanted)
    factors = c_factors(bands, list(rows[:, starts] / PER_DEGREE), sun)
    return {band: _times(frame[band], np.repeat(factors[band], lengths)) for band in bands}


def _times(plane: NDArray[np.uint16], factor: NDArray[np.float64]) -> NDArray[np.uint16]:
    whole = np.rint(plane * factor.reshape(plane.shape))
    return np.minimum(whole, _MOST).astype(np.uint16)


@lru_cache(maxsize=4096)
def _wanted(epsg: int, bounds: Bounds, day: date) -> float | None:
    """The sun's zenith angle over the middle of a tile."""
    west, south, east, north = bounds
    longitude, latitude = to_wgs84(epsg, (west + east) / 2, (south + north) / 2)
    return overpass_zenith(day, float(longitude), float(latitude))

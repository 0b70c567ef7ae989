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
_IN_SHORT = "view angles evened out (NBAR)"
_MOST = 65_535
"""DN that a plane can hold."""


def angles_words(recipe: Recipe) -> str:
    """`view angles evened out (NBAR)`; empty where they are not."""
    return _IN_SHORT if recipe.nbar else ""


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

    A pixel has the angles of the coarse pixel in which its middle lies.
    """
    wanted = _wanted(key.epsg, key.bounds, key.day)
    angles = [frame[angle] / PER_DEGREE for angle in ANGLES]
    factors = c_factors(bands, angles, None if wanted is None else np.array(wanted))
    rows, columns = (_nearest(*sizes) for sizes in zip(angles[0].shape, (key.height, key.width), strict=True))
    return {band: _times(frame[band], factors[band][:, columns][rows]) for band in bands}


def _nearest(coarse: int, fine: int) -> NDArray[np.int64]:
    """Of each fine pixel along a side the coarse one in which its middle lies."""
    return (2 * np.arange(fine) + 1) * coarse // (2 * fine)


def _times(plane: NDArray[np.uint16], factor: NDArray[np.float64]) -> NDArray[np.uint16]:
    whole = plane * factor
    np.rint(whole, out=whole)
    return np.minimum(whole, _MOST, out=whole).astype(np.uint16)


@lru_cache(maxsize=4096)
def _wanted(epsg: int, bounds: Bounds, day: date) -> float | None:
    """The sun's zenith angle over the middle of a tile."""
    west, south, east, north = bounds
    longitude, latitude = to_wgs84(epsg, (west + east) / 2, (south + north) / 2)
    return overpass_zenith(day, float(longitude), float(latitude))

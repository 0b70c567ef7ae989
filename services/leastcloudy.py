"""The least cloudy clear look of each pixel: all bands of a pixel are of one date."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.median import DN_PER_UNIT


def first_clear(
    looks: NDArray[np.uint16], clear: NDArray[np.bool_], order: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Reflectance of each pixel's first clear look, (band, height, width), and the count of all, (height, width).

    `looks` are DN, (time, band, height, width); `clear`, (time, height, width), is True for a look that counts. `order`
    has the place of each look once, the preferred one first. The reflectance is NaN where no look is clear.
    Raises ValueError where the shapes do not match, and for another order.
    """
    times, bands, height, width = looks.shape
    if clear.shape != (times, height, width):
        raise ValueError(f"clear must be {(times, height, width)} as the looks, got {clear.shape}")
    if sorted(order) != list(range(times)):
        raise ValueError(f"the order must have each of {times} looks once, got {list(order)}")
    dn = np.zeros((bands, height, width), np.uint16)
    bare = np.ones((height, width), np.bool_)
    for time in order:
        here = clear[time] & bare
        if here.any():
            for band in range(bands):
                np.copyto(dn[band], looks[time, band], where=here)
            bare &= ~here
            if not bare.any():
                break
    reflectance = np.divide(dn, np.float32(DN_PER_UNIT), dtype=np.float32)
    reflectance[:, bare] = np.nan
    return reflectance, clear.sum(axis=0, dtype=np.uint16)


def least_cloudy(clouds: Sequence[float]) -> tuple[int, ...]:
    """The order of looks by their cloud cover; of equal ones the earlier first."""
    return tuple(sorted(range(len(clouds)), key=clouds.__getitem__))

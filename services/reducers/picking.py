"""What becomes of a picture where each pixel is one of its observations."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.reducers.method import NOWHERE, Clear, Formula, Observations
from services.sentinel2 import DN_PER_UNIT


def picked(
    observations: Observations, clear: Clear, which: NDArray[np.int16]
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Reflectance of the pixels' observations, (band, height, width), NaN where there is none, and the count of all
    that are clear. Raises ValueError where the shapes do not match."""
    if {plane.shape for plane in clear} != {which.shape} or len(clear) != len(observations):
        raise ValueError(f"clear must be {(len(observations), *which.shape)} as the observations, got {len(clear)}")
    dn = np.zeros((len(observations[0]), *which.shape), np.uint16)
    count = np.zeros(which.shape, np.uint16)
    for time, planes in enumerate(observations):
        count += clear[time]
        here = which == time
        if here.any():
            for band, plane in enumerate(planes):
                np.copyto(dn[band], plane, where=here)
    reflectance = np.divide(dn, np.float32(DN_PER_UNIT), dtype=np.float32)
    reflectance[:, which == NOWHERE] = np.nan
    return reflectance, count


def picked_index(formula: Formula, observations: Observations, which: NDArray[np.int16]) -> NDArray[np.float32]:
    """The index of the pixels' observations, (height, width); NaN where there is none, or it has none."""
    found = np.full(which.shape, np.nan, np.float32)
    for time, planes in enumerate(observations):
        here = which == time
        if here.any():
            np.copyto(found, formula(planes), where=here)
    return found


def first_of(clear: Clear, order: Sequence[int]) -> NDArray[np.int16]:
    """The place of each pixel's first clear observation in that order; ValueError where it has not each place once."""
    if sorted(order) != list(range(len(clear))):
        raise ValueError(f"the order must have each of {len(clear)} observations once, got {list(order)}")
    which = np.full(clear[0].shape, NOWHERE, np.int16)
    for time in reversed(order):
        which[clear[time]] = time
    return which

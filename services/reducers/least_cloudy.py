"""The least cloudy clear observation of each pixel: all bands of a pixel are of one date."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.reducers.method import Chapter, Clear, Formula, Method, Observations
from services.sentinel2 import DN_PER_UNIT


def first_clear(
    observations: NDArray[np.uint16], clear: NDArray[np.bool_], order: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Reflectance of each pixel's first clear observation, (band, height, width), and the count of all, (height,
    width).

    `observations` are DN, (time, band, height, width); `clear`, (time, height, width), is True for an observation that
    counts. `order` has the place of each observation once, the preferred one first. The reflectance is NaN where no
    observation is clear. Raises ValueError where the shapes do not match, and for another order.
    """
    times, bands, height, width = observations.shape
    if clear.shape != (times, height, width):
        raise ValueError(f"clear must be {(times, height, width)} as the observations, got {clear.shape}")
    if sorted(order) != list(range(times)):
        raise ValueError(f"the order must have each of {times} observations once, got {list(order)}")
    dn = np.zeros((bands, height, width), np.uint16)
    bare = np.ones((height, width), np.bool_)
    for time in order:
        here = clear[time] & bare
        if here.any():
            for band in range(bands):
                np.copyto(dn[band], observations[time, band], where=here)
            bare &= ~here
            if not bare.any():
                break
    reflectance = np.divide(dn, np.float32(DN_PER_UNIT), dtype=np.float32)
    reflectance[:, bare] = np.nan
    return reflectance, clear.sum(axis=0, dtype=np.uint16)


def least_cloudy(clouds: Sequence[float]) -> tuple[int, ...]:
    """The order of observations by their cloud cover; of equal ones the earlier first."""
    return tuple(sorted(range(len(clouds)), key=clouds.__getitem__))


def first_index(
    formula: Formula, observations: Observations, clear: Clear, order: Sequence[int]
) -> NDArray[np.float32]:
    """The index of each pixel's first observation that counts and has one, in that order; NaN where there is none."""
    found = np.full(clear[0].shape, np.nan, np.float32)
    for time in order:
        bare = np.isnan(found) & clear[time]
        if bare.any():
            np.copyto(found, formula(observations[time]), where=bare)
    return found


def _least_cloudy_picture(
    observations: Observations, clear: Clear, clouds: Sequence[float]
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    cube = np.asarray(observations, np.uint16).reshape(len(clear), len(observations[0]), *clear[0].shape)
    return first_clear(cube, np.asarray(clear), least_cloudy(clouds))


def _least_cloudy_index(
    formula: Formula, observations: Observations, clear: Clear, clouds: Sequence[float]
) -> NDArray[np.float32]:
    return first_index(formula, observations, clear, least_cloudy(clouds))


PROGRAM = Chapter(
    "The least cloudy observation",
    "Of the observations that count, each pixel has the one of the acquisition with the lowest cloud cover, the "
    "earlier of equal ones; where none counts there is no number.",
    """\
def reduce(dn, clear, clouds):
    \"\"\"Reflectance, (height, width, band), of DN (time, height, width, band) and clear (time, height, width).\"\"\"
    order = np.argsort(clouds, kind="stable")
    first = order[np.argmax(clear[order], axis=0)]
    picture = np.take_along_axis(dn, first[np.newaxis, ..., np.newaxis], axis=0)[0] / np.float32(10_000)
    picture[~clear.any(axis=0)] = np.nan
    return picture
""",
)
LEAST_CLOUDY = Method(
    name="least-cloudy",
    title="Least cloudy",
    feature="LEAST_CLOUDY",
    words="least cloudy observation",
    meaning="Each pixel is, in all bands, as it was at the least cloudy date at which it is clear.",
    index="An index is that of the pixel's least cloudy clear observation.",
    reduce=_least_cloudy_picture,
    reduce_index=_least_cloudy_index,
    program=PROGRAM,
)

"""The least cloudy clear observation of each pixel: all bands of a pixel are of one date."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.reducers.method import Chapter, Clear, Formula, Method, Observations, Pick, Scenes
from services.reducers.picking import first_of


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


def _order(scenes: Scenes) -> tuple[int, ...]:
    return least_cloudy(scenes.clouds)


def _which(
    observations: Observations,  # noqa: ARG001 - whatever their pixels are
    clear: Clear,
    scenes: Scenes,
) -> NDArray[np.int16]:
    return first_of(clear, _order(scenes))


PROGRAM = Chapter(
    "The least cloudy observation",
    "Of the observations that count, each pixel has the one of the acquisition with the lowest cloud cover, the "
    "earlier of equal ones; where none counts there is no number.",
    """\
def reduce(dn, clear, wanted):
    \"\"\"Reflectance, (height, width, band), of DN (time, height, width, band) and clear (time, height, width).\"\"\"
    order = np.argsort([acquisition[3] for acquisition in wanted], kind="stable")
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
    way=Pick(_which, order=_order),
    program=PROGRAM,
)

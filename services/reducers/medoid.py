"""The medoid: of each pixel the clear observation that is nearest to the median of all of them.

Nearest is by the squared distance in the space of the recipe's bands, summed over them, to the vector of the bands'
medians (R. E. Kennedy et al., Implementation of the LandTrendr algorithm on Google Earth Engine, Remote Sensing 10(5),
2018); of equal ones the earlier. The observation with the least summed distance to all others (N. Flood, Seasonal
composite Landsat TM/ETM+ images using the medoid, Remote Sensing 5(12), 2013) is seldom another one, and takes time
that grows with the square of their number.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.reducers.blocks import Rows, by_blocks
from services.reducers.median_network import Sorter
from services.reducers.method import NOWHERE, Chapter, Clear, Method, Observations, Pick, Scenes


def nearest_to_median(
    observations: Observations,
    clear: Clear,
    scenes: Scenes,  # noqa: ARG001 - no date comes before another one
) -> NDArray[np.int16]:
    """The place of each pixel's medoid, (height, width). Exact: distances are whole numbers of half a DN squared."""
    which = np.empty(clear[0].shape, np.int16)
    by_blocks(_fill, observations, clear, which)
    return which


def _fill(rows: Rows, counts: NDArray[np.bool_], out: NDArray[Any]) -> None:
    sorter = Sorter(counts, np.uint16)
    twice = np.empty((len(rows[0]), counts.shape[1]), np.int64)
    for band in range(len(twice)):
        low, high = sorter.pair([planes[band] for planes in rows])
        np.add(low, high, out=twice[band], dtype=np.int64)
    out[:] = NOWHERE
    nearest = np.full(counts.shape[1], np.iinfo(np.int64).max)
    for time, (planes, seen) in enumerate(zip(rows, counts, strict=True)):
        apart = np.zeros(counts.shape[1], np.int64)
        for plane, middle in zip(planes, twice, strict=True):
            off = np.multiply(plane, 2, dtype=np.int64)
            off -= middle
            off *= off
            apart += off
        better = seen & (apart < nearest)
        np.copyto(nearest, apart, where=better)
        out[better] = time


PROGRAM = Chapter(
    "The medoid",
    "Of the observations that count, each pixel has the one that is nearest to the median of them all, by the squared "
    "distance over the bands; the earlier of equal ones. Where none counts there is no number.",
    """\
def reduce(dn, clear, wanted):
    \"\"\"Reflectance, (height, width, band), of DN (time, height, width, band) and clear (time, height, width).\"\"\"
    strips = []
    for top in range(0, dn.shape[1], 64):
        part, seen = dn[:, top : top + 64], clear[:, top : top + 64]
        counted = np.where(seen[..., np.newaxis], part, np.nan)  # float64: all that follows is exact
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # no clear observation: NaN, as it should be
            median = np.nanmedian(counted, axis=0)
        apart = np.where(seen, ((counted - median) ** 2).sum(axis=-1), np.inf)
        nearest = apart.argmin(axis=0)[np.newaxis, ..., np.newaxis]
        picture = np.take_along_axis(part, nearest, axis=0)[0] / np.float32(10_000)
        picture[~seen.any(axis=0)] = np.nan
        strips.append(picture)
    return np.concatenate(strips)
""",
    imports=("warnings",),
)
MEDOID = Method(
    name="medoid",
    title="Medoid",
    feature="MEDOID",
    words="medoid",
    meaning="Each pixel is, in all bands, the clear observation that is nearest to the median of them all.",
    index="An index is that of the observation that the pixel is of.",
    remark="The bands belong together, as they do not in a median; the date of each pixel comes with it.",
    way=Pick(nearest_to_median, joint=True),
    program=PROGRAM,
)

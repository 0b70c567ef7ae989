"""The median of the clear observations of each pixel, band by band; of an index, of what each observation has."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from services.reducers.float_median import Block, of_blocks
from services.reducers.median_network import median_of
from services.reducers.method import Chapter, Clear, Formula, Method, Observations, Statistic


def median_index(formula: Formula, observations: Observations, clear: Clear) -> NDArray[np.float32]:
    """Median of the observations' indices, of the shape of a plane; NaN where no observation that counts has one.

    To the last bit `np.nanmedian` of the formula of the observations that count.
    """
    return indexed(formula, observations, clear, of_blocks)


def indexed(
    formula: Formula,
    observations: Observations,
    clear: Clear,
    reduce: Callable[[Callable[[slice], Block], int, int], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """The observations' indices, reduced a block at a time, of the shape of a plane."""
    shape = clear[0].shape
    flat = [[plane.reshape(-1) for plane in planes] for planes in observations]
    seen = [observation.reshape(-1) for observation in clear]

    def block(part: slice) -> Block:
        for planes, counts in zip(flat, seen, strict=True):
            index = formula([plane[part] for plane in planes])
            yield index, counts[part] & ~np.isnan(index)

    return reduce(block, len(observations), seen[0].size).reshape(shape)


PROGRAM = Chapter(
    "The median",
    "Over the observations that count, pixel by pixel and band by band; where none counts there is no number. A few "
    "rows at a time: the float32 cube of all dates may not fit into memory.",
    """\
def reduce(dn, clear, wanted):
    \"\"\"Reflectance, (height, width, band), of DN (time, height, width, band) and clear (time, height, width).\"\"\"
    strips = []
    for top in range(0, dn.shape[1], 64):
        reflectance = dn[:, top : top + 64] / np.float32(10_000)
        reflectance[~clear[:, top : top + 64]] = np.nan
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # no clear observation: NaN, as it should be
            strips.append(np.nanmedian(reflectance, axis=0))
    return np.concatenate(strips)
""",
    imports=("warnings",),
)
MEDIAN = Method(
    name="median",
    title="Median",
    feature="MEDIAN",
    words="median",
    meaning="Each pixel is, band by band, the median of its clear observations.",
    index="An index is computed of each clear observation of a pixel, and the pixel has the median of these.",
    remark="A cloud that the mask has missed is seldom in the middle.",
    way=Statistic(median_of, median_index),
    program=PROGRAM,
    halves=True,
)

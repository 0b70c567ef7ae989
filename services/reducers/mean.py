"""The arithmetic mean of the clear observations of each pixel, band by band; of an index, of what each of them has."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.reducers.blocks import Rows, by_blocks, picture_by_blocks
from services.reducers.method import Chapter, Clear, Formula, Method, Observations, Statistic
from services.sentinel2 import DN_PER_UNIT


def mean_picture(observations: Observations, clear: Clear) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Of all bands, and the count of clear observations: the sum of DN is exact, its quotient rounded to float64."""

    def fill(rows: Rows, counts: NDArray[np.bool_], out: NDArray[Any]) -> None:
        whole = np.maximum(counts.sum(axis=0), 1) * np.float64(DN_PER_UNIT)
        for band in range(len(out)):
            total = np.zeros(counts.shape[1], np.uint32)
            for planes, seen in zip(rows, counts, strict=True):
                total += planes[band] * seen
            out[band] = total / whole

    return picture_by_blocks(fill, observations, clear)


def mean_index(formula: Formula, observations: Observations, clear: Clear) -> NDArray[np.float32]:
    """Mean of the observations' indices, of the shape of a plane, summed in float64; NaN where none has one."""
    found = np.empty(clear[0].shape, np.float32)

    def fill(rows: Rows, counts: NDArray[np.bool_], out: NDArray[Any]) -> None:
        total, count = np.zeros(counts.shape[1]), np.zeros(counts.shape[1], np.uint16)
        for planes, seen in zip(rows, counts, strict=True):
            index = formula(planes)
            there = seen & ~np.isnan(index)
            np.add(total, index, out=total, where=there)
            count += there
        out[:] = np.where(count > 0, total / np.maximum(count, 1), np.nan)

    by_blocks(fill, observations, clear, found)
    return found


PROGRAM = Chapter(
    "The mean",
    "Over the observations that count, pixel by pixel and band by band; where none counts there is no number.",
    """\
def reduce(dn, clear, wanted):
    \"\"\"Reflectance, (height, width, band), of DN (time, height, width, band) and clear (time, height, width).\"\"\"
    total = np.zeros(dn.shape[1:], np.uint32)
    for observation, seen in zip(dn, clear):
        total += observation * seen[..., np.newaxis]
    count = clear.sum(axis=0)
    picture = (total / (np.maximum(count, 1)[..., np.newaxis] * 10_000.0)).astype(np.float32)
    picture[count == 0] = np.nan
    return picture
""",
)
MEAN = Method(
    name="mean",
    title="Mean",
    feature="MEAN",
    words="mean",
    meaning="Each pixel is, band by band, the arithmetic mean of its clear observations.",
    index="An index is computed of each clear observation of a pixel, and the pixel has the mean of these.",
    remark="The least noise where the mask misses nothing; a single cloud that it missed is in the picture.",
    way=Statistic(mean_picture, mean_index),
    program=PROGRAM,
)

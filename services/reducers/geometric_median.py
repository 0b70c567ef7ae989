"""The geometric median: of each pixel the point with the least summed distance to its clear observations in all bands.

Found by Weiszfeld's iteration from the median, with the correction where a point is an observation (Y. Vardi, C.-H.
Zhang, The multivariate L1-median and associated data depth, PNAS 97(4), 2000), until a step is shorter than TOLERANCE;
as a composite: D. Roberts, N. Mueller, A. McIntyre, High-dimensional pixel composites from Earth observation time
series, IEEE Transactions on Geoscience and Remote Sensing 55(11), 2017. Each number is made by the same steps of
float32 whatever its neighbours are, so that the result does not depend on blocks.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.reducers.blocks import Rows, picture_by_blocks
from services.reducers.median import median_index
from services.reducers.median_network import Sorter
from services.reducers.method import Chapter, Clear, Method, Observations, Statistic
from services.sentinel2 import DN_PER_UNIT

TOLERANCE = 0.01
"""DN: a step that is shorter is the last one."""
CLOSE = 0.5
"""DN: an observation that is nearer is taken for the point itself."""
MOST_STEPS = 300
"""A pixel that has not come to rest by then stays where it is: a few observations nearly in a line, of which many
places are as good to less than half a DN of all distances together."""
BLOCK = 4096
"""Pixels: what a step works on stays in the processor's cache."""


def geometric_median(observations: Observations, clear: Clear) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Reflectance, (band, height, width), and the count of clear observations."""
    return picture_by_blocks(_fill, observations, clear, BLOCK)


def _fill(rows: Rows, counts: NDArray[np.bool_], out: NDArray[Any]) -> None:
    """Pixels that have come to rest leave once they are half of those that are worked on."""
    points = np.array(rows, np.float32)
    place, seen = _medians(rows, counts), counts.astype(np.float32)
    left = np.arange(counts.shape[1])
    moving = np.ones(left.size, np.bool_)
    for _ in range(MOST_STEPS):
        move = _step(points, seen, place)
        place += np.where(moving, move, np.float32(0))
        moving &= _length(move) >= np.float32(TOLERANCE)
        if 2 * np.count_nonzero(moving) <= moving.size:
            out[:, left] = place
            points, seen, place, left = points[..., moving], seen[:, moving], place[:, moving], left[moving]
            moving = moving[moving]
            if not left.size:
                break
    out[:, left] = place
    out /= np.float32(DN_PER_UNIT)


def _medians(rows: Rows, counts: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Where the search begins, in DN, (band, pixel)."""
    sorter = Sorter(counts, np.uint16)
    found = np.empty((len(rows[0]), counts.shape[1]), np.float32)
    for band in range(len(found)):
        low, high = sorter.pair([planes[band] for planes in rows])
        np.add(low, high, out=found[band], dtype=np.float32)
    found *= np.float32(0.5)
    return found


def _step(points: NDArray[np.float32], seen: NDArray[np.float32], place: NDArray[np.float32]) -> NDArray[np.float32]:
    """From each place, (band, pixel), to the mean of its observations, (time, band, pixel), weighted by 1 / distance.

    One observation after another, for a sum's rounding depends on its order; those that are CLOSE hold it back.
    """
    total, held = np.zeros_like(place[0]), np.zeros_like(place[0])
    pull, apart = np.zeros_like(place), np.empty_like(place)
    for point, counts in zip(points, seen, strict=True):
        np.subtract(point, place, out=apart)
        distance = _length(apart)
        far = distance >= np.float32(CLOSE)
        weight = np.divide(counts, distance, out=np.zeros_like(distance), where=far)
        np.add(held, counts, out=held, where=~far)
        total += weight
        apart *= weight
        pull += apart
    strength = _length(pull)
    kept = np.zeros_like(total)
    np.divide(strength - held, strength * total, out=kept, where=strength > held)
    pull *= kept
    return pull


def _length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of (band, pixel), band after band."""
    squares = vectors * vectors
    total: NDArray[np.float32] = squares[0].copy()
    for square in squares[1:]:
        total += square
    return np.sqrt(total, out=total)


PROGRAM = Chapter(
    "The geometric median",
    "The point with the least summed distance to the observations that count, in the space of the bands: Weiszfeld's "
    "iteration from the median until a step is shorter than 0.01 DN, in float32, one observation after another. Where "
    "none counts there is no number.",
    """\
def length(vectors):
    \"\"\"Of (band, …), band after band: the rounding of a sum depends on its order.\"\"\"
    total = vectors[0] * vectors[0]
    for vector in vectors[1:]:
        total += vector * vector
    return np.sqrt(total)


def step(points, seen, place):
    \"\"\"From a place to the mean of its points, weighted by 1 / distance; those within 0.5 DN hold it back.\"\"\"
    total, held, pull = np.zeros_like(place[0]), np.zeros_like(place[0]), np.zeros_like(place)
    for point, counts in zip(points, seen):
        apart = point - place
        distance = length(apart)
        far = distance >= np.float32(0.5)
        weight = np.divide(counts, distance, out=np.zeros_like(distance), where=far)
        held += np.where(far, np.float32(0), counts)
        total += weight
        pull += apart * weight
    strength, kept = length(pull), np.zeros_like(total)
    np.divide(strength - held, strength * total, out=kept, where=strength > held)
    return pull * kept


def reduce(dn, clear, wanted):
    \"\"\"Reflectance, (height, width, band), of DN (time, height, width, band) and clear (time, height, width).\"\"\"
    strips = []
    for top in range(0, dn.shape[1], 64):
        seen = clear[:, top : top + 64]
        points = np.ascontiguousarray(np.moveaxis(dn[:, top : top + 64], -1, 1), np.float32)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # no clear observation: NaN, as it should be
            place = np.nanmedian(np.where(seen[:, np.newaxis], points, np.float32(np.nan)), axis=0)
        moving = seen.any(axis=0)
        for _ in range(300):
            move = step(points, seen.astype(np.float32), place)
            place = np.where(moving, place + move, place)
            moving &= length(move) >= np.float32(0.01)
            if not moving.any():
                break
        strips.append(np.moveaxis(place / np.float32(10_000), 0, -1))
    return np.concatenate(strips)
""",
    imports=("warnings",),
)
GEOMETRIC_MEDIAN = Method(
    name="geometric-median",
    title="Geometric median",
    feature="GEOMETRIC_MEDIAN",
    words="geometric median",
    meaning="Each pixel is the point that has the least summed distance to its clear observations in all bands.",
    index="An index is computed of each clear observation of a pixel, and the pixel has the median of these, which is "
    "the geometric median of single numbers.",
    remark="A median whose bands belong together; it takes many times as long.",
    way=Statistic(geometric_median, median_index, joint=True),
    program=PROGRAM,
)

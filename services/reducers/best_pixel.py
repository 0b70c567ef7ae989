"""The best pixel: of each pixel the clear observation with the highest score.

The score is the sum of three, each from 0 to 1: how far it is from what does not count, a logistic curve over
NEAR_PX pixels, and how near it is to the middle of the season, a bell curve, both of the form of P. Griffiths, S. van
der Linden, T. Kuemmerle, P. Hostert, A pixel-based Landsat compositing algorithm for large area land cover mapping,
IEEE JSTARS 6(5), 2013, and J. C. White et al., Pixel-based image compositing for large-area dense time series
applications and science, Canadian Journal of Remote Sensing 40(3), 2014; and the share of its acquisition without
cloud. Equal weights, the widths and the third one are ours; sensor, opacity and year of theirs are left out.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from services.reducers.method import NOWHERE, Chapter, Clear, Method, Observations, Pick, Scenes

NEAR_PX = 50
"""From so many pixels on the distance does not matter."""
SLOPE = 0.2
"""Of the logistic curve, a pixel."""
WIDTH = 45
"""Days: standard deviation of the bell curve."""
THOUSANDTHS = 1000
"""A score's: whole numbers, so that every machine prefers the same observation."""


def distances(clear: Iterable[NDArray[np.bool_]]) -> list[NDArray[np.uint8]]:
    """Of whole planes: pixels from each one that counts to the nearest that does not, rounded down, NEAR_PX at most.

    Within the plane, so that a tile does not depend on its neighbours.
    """
    import cv2  # a quarter of a second, for those alone who need it

    precise = (cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return [
        np.minimum(cv2.distanceTransform(plane.view(np.uint8), *precise), NEAR_PX).astype(np.uint8) for plane in clear
    ]


def of_distance() -> NDArray[np.int16]:
    """The score of each distance, in thousandths."""
    logistic: NDArray[np.float64] = 1 / (1 + np.exp(-SLOPE * (np.arange(NEAR_PX + 1) - NEAR_PX / 2)))
    return np.rint(THOUSANDTHS * logistic).astype(np.int16)


def of_scene(apart: int, cloud: float) -> int:
    """The score of an acquisition so many days from the middle of the season, with so many percent of cloud."""
    season = round(THOUSANDTHS * float(np.exp(-0.5 * (apart / WIDTH) ** 2)))
    return season + round(THOUSANDTHS * (1 - cloud / 100))


def best(
    observations: Observations,  # noqa: ARG001 - whatever their pixels are
    clear: Clear,
    scenes: Scenes,
) -> NDArray[np.int16]:
    """The place of each pixel's best observation, (height, width); the earlier of equal ones."""
    by_distance = of_distance()
    which = np.full(clear[0].shape, NOWHERE, np.int16)
    highest = np.full(which.shape, -1, np.int16)
    for time, seen in enumerate(clear):
        score = by_distance[scenes.near[time]]
        score += np.int16(of_scene(scenes.apart[time], scenes.clouds[time]))
        better = seen & (score > highest)
        np.copyto(highest, score, where=better)
        which[better] = time
    return which


PROGRAM = Chapter(
    "The best pixel",
    "Of the observations that count, each pixel has the one with the highest score: the sum of a logistic curve of its "
    "distance to what does not count, a bell curve of the days from the middle of the season, and the share of its "
    "acquisition without cloud, in thousandths; the earlier of equal ones. Where none counts there is no number.",
    """\
# Days from the middle of the season.
DAYS = $days


def reduce(dn, clear, wanted):
    \"\"\"Reflectance, (height, width, band), of DN (time, height, width, band) and clear (time, height, width).\"\"\"
    by_distance = np.rint(1000 / (1 + np.exp(-0.2 * (np.arange(51) - 25)))).astype(int)
    scores = []
    for seen, (name, _, _, cloud) in zip(clear, wanted):
        away = cv2.distanceTransform(seen.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        season = round(1000 * float(np.exp(-0.5 * (DAYS[name] / 45) ** 2)))
        scene = season + round(1000 * (1 - cloud / 100))
        scores.append(np.where(seen, by_distance[np.minimum(away, 50).astype(int)] + scene, -1))
    first = np.argmax(scores, axis=0)
    picture = np.take_along_axis(dn, first[np.newaxis, ..., np.newaxis], axis=0)[0] / np.float32(10_000)
    picture[~clear.any(axis=0)] = np.nan
    return picture
""",
)
BEST_PIXEL = Method(
    name="best-pixel",
    title="Best pixel",
    feature="BEST_PIXEL",
    words="best pixel",
    meaning="Each pixel is, in all bands, its clear observation with the highest score: far from clouds, near the "
    "middle of the season, of an acquisition with few clouds.",
    index="An index is that of the observation that the pixel is of.",
    remark="Score: 1 / (1 + exp(-0.2 (d - 25))) of d px, exp(-0.5 (t / 45)²) of t days, the part without cloud.",
    way=Pick(best, near=True),
    program=PROGRAM,
)

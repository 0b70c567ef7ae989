"""Numbers of a picture, and how they change with the max. cloud cover: all exact, counted at full resolution."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.catalogue import Acquisition, shows_enough
from services.preview.compositor import PreviewCompositor
from services.preview.subsampling import raster
from services.recipe import Recipe

LIMITS = range(101)
"""Cloud limits in percent."""
SENSITIVITY = 1.0
"""Kneedle's S: how much flatter it must become after the knee; 1 is the paper's choice where all is known."""
FLAT = 0.001
"""Part of the picture: where all limits differ by less, there is nothing to choose."""


@dataclass(frozen=True)
class Numbers:
    """Of one picture."""

    dates: int
    """Acquisitions that are kept."""
    acquisitions: int
    """In the interval, kept or not."""
    no_data: float
    """Part of the pixels without a clear observation, 0 to 1."""
    median_observations: float
    """Median over the pixels of their count of clear observations."""
    least_observations: int
    """Lowest count where there is any, else 0."""
    most_observations: int
    """Highest count."""

    @classmethod
    def of(cls, counted: NDArray[np.int64], acquisitions: int) -> "Numbers":
        """From how many pixels have 0, 1, 2 … clear observations, of as many as are kept."""
        pixels, upto = int(counted.sum()), np.cumsum(counted)
        middles = np.searchsorted(upto, [(pixels - 1) // 2, pixels // 2], side="right")
        there = np.flatnonzero(counted[1:]) + 1
        return cls(
            dates=len(counted) - 1,
            acquisitions=acquisitions,
            no_data=int(counted[0]) / pixels,
            median_observations=float(middles.mean()),
            least_observations=int(there[0]) if there.size else 0,
            most_observations=int(there[-1]) if there.size else 0,
        )


@dataclass(frozen=True)
class Point:
    """What one max. cloud cover would give. Numbers are of the dates that are in the cache."""

    limit: int
    """Percent."""
    dates: int
    """Acquisitions that the limit keeps."""
    no_data: float
    """Part of the pixels without a clear observation, 0 to 1; at most that where dates are missing."""
    cloud: float | None
    """Cloudy share of observations: part of those with data that is cloud or its shadow (SCL 3, 8, 9, 10), which the
    mask has to take out; None where no observation is, or the classification of one is not in the cache."""
    here: bool
    """Whether all that the picture needs is in the cache."""


@dataclass(frozen=True)
class Curve:
    """What each max. cloud cover from 0 to 100 % would give."""

    points: tuple[Point, ...]
    """One a limit: `points[14]` is of 14 %."""

    @property
    def missing_from(self) -> int | None:
        """The lowest limit that keeps a date that is not in the cache; None where all are."""
        return next((point.limit for point in self.points if not point.here), None)


@dataclass(frozen=True)
class Knee:
    """The limit after which a higher one adds little."""

    limit: int
    """Percent."""
    words: str
    """Why, in a sentence."""


def curve(
    recipe: Recipe, acquisitions: Sequence[Acquisition], here: Sequence[bool], compositor: PreviewCompositor
) -> Curve:
    """For every limit; `here` says of each acquisition whether the cache has all that the picture needs of it.

    Vetoed ones and slivers are left out; those included by hand are in at every limit. One pass over the others, the
    least cloudy first: each adds the pixels that
    are clear in it and in none before. Raises MissingFrame where the cache has lost what was here.
    """

    def cover(one: Acquisition) -> float:
        return 0.0 if one.key in recipe.included else one.cloud_cover

    wanted = sorted(
        (
            (one, there)
            for one, there in zip(acquisitions, here, strict=True)
            if recipe.vetoed(one.key) is None and (one.key in recipe.included or shows_enough(one, recipe))
        ),
        key=lambda pair: (cover(pair[0]), pair[0].time),
    )
    found = [one for one, there in wanted if there]
    seen = [compositor.seen(recipe, one) for one in found]
    pixels = raster(recipe).pixels
    empty = (pixels - np.cumsum([0, *compositor.gains(recipe, found)])) / pixels
    data = np.cumsum([0, *(one.data for one in seen)])
    clouds = np.cumsum([0.0, *(np.nan if one.clouds is None else one.clouds for one in seen)])
    covers = [cover(one) for one, _ in wanted]
    found_covers = [cover(one) for one in found]

    def point(limit: int) -> Point:
        dates, there = bisect_right(covers, limit), bisect_right(found_covers, limit)
        known = data[there] > 0 and not np.isnan(clouds[there])
        cloud = float(clouds[there] / data[there]) if known else None
        return Point(limit, dates, float(empty[there]), cloud, here=there == dates)

    return Curve(tuple(map(point, LIMITS)))


def knee(curve: Curve) -> Knee | None:
    """Where the part with data stops growing fast; None where no limit stands out among those whose dates are here.

    Kneedle: the highest point of the curve above its diagonal, both axes scaled to 1, if it falls enough after it
    (V. Satopää, J. Albrecht, D. Irwin, B. Raghavan, Finding a "kneedle" in a haystack: detecting knee points in system
    behavior, ICDCS Workshops 2011). The curve is exact and only grows, so that nothing is smoothed, and of several
    knees the one farthest from the diagonal is meant: steps at single dates make many small ones.
    """
    points = [point for point in curve.points if point.here]
    there = 1 - np.array([point.no_data for point in points])
    if len(points) < 3 or np.ptp(there) < FLAT:
        return None
    above = (there - there[0]) / np.ptp(there) - np.linspace(0, 1, len(points))
    highest = int(np.argmax(above))
    if above[highest] <= 0 or above[highest:].min() >= above[highest] - SENSITIVITY / (len(points) - 1):
        return None
    return Knee(points[highest].limit, _words(points[highest], points[-1]))


def _words(point: Point, last: Point) -> str:
    """What a higher limit adds, and what it lets in."""
    if point.no_data == 0:
        said = f"From {point.limit} % on, a higher limit adds no pixel: each has a clear observation"
    else:
        rest = f"{share(last.no_data)} at {last.limit} %" if last.no_data else f"none at {last.limit} %"
        said = f"From {point.limit} % on, a higher limit adds little: {share(point.no_data)} is without data, {rest}"
    if point.cloud is None or last.cloud is None or last.cloud <= point.cloud:
        return said + "."
    return f"{said}. The cloudy share grows from {share(point.cloud)} to {share(last.cloud)} of the observations."


def share(part: float) -> str:
    """A part of 1 in percent: `2.1 %`; what is there is never said to be nothing."""
    return "< 0.1 %" if 0 < part < 0.0005 else f"{100 * part:.1f} %".replace(".0 %", " %")

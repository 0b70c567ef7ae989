"""Whether two medians of observations differ by more than noise and the season explain, pixel by pixel.

The standard error of a median of n observations is 1.2533 σ / √n, with a factor for few. σ is the scatter of the
observations of both sides about their season, an annual and where there are enough a half-yearly wave (analysis of
covariance: R. A. Fisher, Statistical Methods for Research Workers, 1932), so neither the season nor the change itself
is in it. The same wave is taken out of the difference: sides that were seen in other months do not differ for that.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.reducers import LOW, masked_median
from services.sentinel2 import DN_PER_UNIT

YEAR = 365.25
"""Days."""
HALF_YEARLY = 12
"""Observations of both sides from which on the season has a second wave."""
_WAVES = 4
"""Columns of the season: cosine and sine of the year, and of its half."""
_RIDGE = 1e-4
"""Observations' worth of doubt in the season's height: keeps it finite where all observations are of a few weeks."""
_NONE = 1e9
"""Doubt beyond any number of observations."""
_FINE, _MIDDLE = 20_000, 32_768
"""Adjusted observations as whole numbers: so many a unit, about that number. A step is 0.00005."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The observations of one side."""

    values: NDArray[np.float32]
    """(time, pixel); any number where an observation does not count."""
    counts: NDArray[np.bool_]
    """Whether an observation counts, (time, pixel)."""
    days: NDArray[np.float64]
    """Day of the year of each observation, (time,); only where in the year it lies matters."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Right minus left as if both were seen at the same time of the year, and how well that is known."""

    adjusted: NDArray[np.float32]
    """Right − left without the season, (pixel,); NaN where a side has fewer than LOW observations."""
    error: NDArray[np.float32]
    """Its standard error, (pixel,); NaN at the same pixels."""
    freedom: NDArray[np.int64]
    """Degrees of freedom of that error, (pixel,); 0 at the same pixels."""


@dataclass(frozen=True, eq=False)
class _Sums:
    """Of one side's observations about their mean, a number a pixel."""

    counts: NDArray[np.bool_]
    """Whether an observation counts, (time, pixel)."""
    observations: NDArray[np.float32]
    """Values about their mean, 0 where an observation does not count, (time, pixel)."""
    waves: NDArray[np.float32]
    """The season's columns, (time, _WAVES)."""
    count: NDArray[np.float64]
    """Observations that count, (pixel,)."""
    mean: NDArray[np.float64]
    """Of the values, (pixel,)."""
    centre: NDArray[np.float64]
    """Mean of the columns, (_WAVES, pixel)."""
    products: NDArray[np.float64]
    """Of the columns about their mean, (_WAVES, _WAVES, pixel)."""
    moments: NDArray[np.float64]
    """Of the columns with the values, (_WAVES, pixel)."""


def evidence(left: Sample, right: Sample) -> Evidence:
    """Of observations at the same pixels."""
    middle = _season(np.concatenate([left.days, right.days])).sum(axis=0) / max(1, left.days.size + right.days.size)
    sides = [_summed(side, middle) for side in (left, right)]
    both = sides[0].count + sides[1].count
    apart = sides[1].centre - sides[0].centre
    moments = sides[0].moments + sides[1].moments
    height, share = _solved(_doubted(sides[0].products + sides[1].products, both), [moments, apart])
    known = np.minimum(sides[0].count, sides[1].count) >= LOW
    freedom = np.where(known, both - 2 - np.where(both < HALF_YEARLY, 2, _WAVES), 0)
    (before, left_squares), (after, right_squares) = (_adjusted(side, height) for side in sides)
    variance = (left_squares + right_squares) / np.maximum(freedom, 1)
    variance *= of_median(sides[0].count) + of_median(sides[1].count) + (apart * share).sum(axis=0)
    adjusted = np.where(known, after - before, np.nan).astype(np.float32)
    error = np.where(known, np.sqrt(variance), np.nan).astype(np.float32)
    return Evidence(adjusted, error, freedom.astype(np.int64))


def of_median(count: NDArray[np.float64]) -> NDArray[np.float64]:
    """Variance of the median of so many normal observations, where that of one is 1: π / 2n for many.

    For few the mean of two middles is better than one middle; right to 1 % from 3 observations on.
    """
    variance: NDArray[np.float64] = np.pi / 2 / (count + np.where(count % 2 == 1, 0.47, 1.3))
    return variance


def _doubted(products: NDArray[np.float64], both: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same array with its diagonal raised: a little, and so far that few observations have no second wave."""
    for column in range(_WAVES):
        products[column, column] += _RIDGE if column < 2 else np.where(both < HALF_YEARLY, _NONE, _RIDGE)
    return products


def _season(days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns, (time, _WAVES)."""
    angle = days * (2 * np.pi / YEAR)
    return np.stack([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)], axis=1)


def _summed(side: Sample, middle: NDArray[np.float64]) -> _Sums:
    """The sums; columns are taken about `middle`, which changes nothing but the rounding."""
    waves = (_season(side.days) - middle).astype(np.float32)
    counts = side.counts.astype(np.float32)
    count = counts.sum(axis=0, dtype=np.float64)
    many = np.maximum(count, 1)
    observations = np.where(side.counts, side.values, np.float32(0))
    mean = observations.sum(axis=0, dtype=np.float64) / many
    observations -= mean.astype(np.float32)
    observations *= counts
    centre = (waves.T @ counts) / many
    pairs = (waves[:, :, np.newaxis] * waves[:, np.newaxis]).reshape(len(waves), _WAVES**2)
    products = (pairs.T @ counts).reshape(_WAVES, _WAVES, -1) - many * centre[:, np.newaxis] * centre
    moments = (waves.T @ observations) - centre * observations.sum(axis=0, dtype=np.float64)
    return _Sums(side.counts, observations, waves, count, mean, centre, products, moments)


def _adjusted(side: _Sums, height: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median of a side's observations without their season, and the sum of squares about their mean, (pixel,) each."""
    observations = side.observations - side.waves @ height.astype(np.float32)
    whole = np.clip(np.rint(observations * np.float32(_FINE)) + np.float32(_MIDDLE), 0, 65_535).astype(np.uint16)
    times, pixels = observations.shape
    median, _ = masked_median(whole.reshape(times, 1, 1, pixels), side.counts.reshape(times, 1, pixels))
    observations *= side.counts
    total = observations.sum(axis=0, dtype=np.float64)
    squares = np.einsum("tp,tp->p", observations, observations, dtype=np.float64) - total**2 / np.maximum(side.count, 1)
    return side.mean + (median[0, 0] * np.float64(DN_PER_UNIT) - _MIDDLE) / _FINE, squares


def _solved(matrix: NDArray[np.float64], sides: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Solutions of symmetric positive equations, (row, column, pixel), for right-hand sides (row, pixel): Gauss."""
    rows = matrix.copy()
    found = [side.copy() for side in sides]
    order = range(len(rows))
    for pivot in order:
        for row in order[pivot + 1 :]:
            factor = rows[row, pivot] / rows[pivot, pivot]
            rows[row, pivot:] -= factor * rows[pivot, pivot:]
            for side in found:
                side[row] -= factor * side[pivot]
    for pivot in reversed(order):
        for side in found:
            for row in order[pivot + 1 :]:
                side[pivot] -= rows[pivot, row] * side[row]
            side[pivot] /= rows[pivot, pivot]
    return found

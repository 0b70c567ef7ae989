"""Residuals: which clear observations of a pixel are brighter than all others of it say the ground is.

No truth is asked: each observation is held against the median of the others, which a few clouds do not move. So haze
that is always there, and shadows, which darken, are not seen; snow, which comes and goes, is, unless it was left out
before; and where most of the observations are cloud, the median is cloud too. tests/services/mask_comparison says by
how much the share that is found differs from the one that was put in.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOOR = 0.03
"""Reflectance that an observation must be brighter by at least: aerosol and the sun's height alone make half of it."""
SCATTERS = 3.0
"""And by so many times the pixel's own scatter, which is 1.4826 times the median of distances to its median."""
LEAST_OTHERS = 4
"""Other clear observations without which nothing is said of one."""
_SIGMA = 1.4826
"""Standard deviation of normal values, in medians of their distances to the median."""


@dataclass(frozen=True)
class Residual:
    """Of a stack of observations."""

    clear: int
    """Observations that count as clear."""
    judged: int
    """Those of them that have LEAST_OTHERS."""
    brighter: int
    """Those that are too bright for the ground that the others see."""

    @property
    def share(self) -> float | None:
        """Part of the judged ones that is too bright, 0 to 1; None where none is judged."""
        return self.brighter / self.judged if self.judged else None

    @classmethod
    def of(cls, clear: NDArray[np.bool_], found: NDArray[np.bool_], judged: NDArray[np.bool_]) -> "Residual":
        """Counted."""
        return cls(*(int(np.count_nonzero(one)) for one in (clear, judged, found)))


def brighter(values: NDArray[np.float32], clear: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which clear observations are too bright, and which are judged at all; all are (time, …).

    `values` are reflectances, blue or the mean of what one sees.
    """
    count = clear.sum(axis=0)
    judged = clear & (count > LEAST_OTHERS)
    others = _median_of_others(values, clear, count)
    limit = np.maximum(FLOOR, SCATTERS * _scatter(values, clear))
    return judged & (values - others > limit), judged


def _median_of_others(values: NDArray[np.float32], clear: NDArray[np.bool_], count: NDArray[np.int64]) -> NDArray[Any]:
    """Of each observation the median of the clear ones without it, by its rank: one sort a pixel, not one a look."""
    masked = np.where(clear, values, np.float32(np.inf))
    order = np.argsort(masked, axis=0, kind="stable")
    ranked = np.take_along_axis(masked, order, axis=0)
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.indices(order.shape)[0], axis=0)

    def without(place: NDArray[np.int64]) -> NDArray[np.float32]:
        """The value at that place of the row from which the observation itself is taken out."""
        beyond = np.clip(place + (rank <= place), 0, len(values) - 1)
        found: NDArray[np.float32] = np.take_along_axis(ranked, beyond, axis=0)
        return found

    left = np.broadcast_to(count - 1, order.shape)
    with np.errstate(invalid="ignore"):  # infinite where nothing is clear, and then nothing is judged
        middle: NDArray[np.float32] = (without((left - 1) // 2) + without(left // 2)) * np.float32(0.5)
    return middle


def _scatter(values: NDArray[np.float32], clear: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Of each pixel, robustly; 0 where nothing is clear."""
    known = np.where(clear, values, np.float32(np.nan))
    return _SIGMA * _middle(np.abs(known - _middle(known)))


def _middle(known: NDArray[np.float32]) -> NDArray[np.float32]:
    """The median along time of what is no NaN, the lower one of two; 0 where there is none."""
    ranked = np.sort(known, axis=0)  # NaN is last
    place = np.maximum(np.count_nonzero(~np.isnan(known), axis=0) - 1, 0) // 2
    found: NDArray[np.float32] = np.nan_to_num(np.take_along_axis(ranked, place[np.newaxis], axis=0)[0])
    return found

"""How far noise alone may carry a number that is divided by its own estimated standard error: Student's t."""

from functools import lru_cache
from math import atan, cos, erfc, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

MOST_FREEDOM = 200
"""Degrees of freedom from which on the estimated error is as good as the true one."""
_SHARED = 7
"""k times as many degrees of freedom need half of what Student's t asks for beyond k: the median's own distance to the
mean grows with the scatter that it is divided by, so the quotient has lighter tails than t. Found by simulation."""


def false_alarms(k: float) -> float:
    """Part of the pixels, 0 to 1, that noise alone carries beyond k standard errors: `erfc(k / √2)`."""
    return erfc(k / sqrt(2))


def thresholds(k: float) -> NDArray[np.float32]:
    """Estimated standard errors that are exceeded as rarely as k true ones, by degrees of freedom from 0 on.

    Infinite at 0, where no error can be estimated.
    """
    found = [k + (quantile(k, freedom) - k) / (1 + freedom / (_SHARED * k)) for freedom in range(1, MOST_FREEDOM + 1)]
    return np.array([np.inf, *found], np.float32)


@lru_cache(maxsize=4 * MOST_FREEDOM)
def quantile(k: float, freedom: int) -> float:
    """What Student's t exceeds, on both sides together, as rarely as a normal number exceeds k; by bisection."""
    low, high, wanted = 0.0, 1.0, false_alarms(k)
    while beyond(high, freedom) > wanted:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if beyond(middle, freedom) > wanted else (low, middle)
    return high


def beyond(t: float, freedom: int) -> float:
    """How often Student's t with so many degrees of freedom lies beyond ± t: a finite sum for whole numbers of them.

    M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
    """
    angle = atan(t / sqrt(freedom))
    odd = freedom % 2
    term = cos(angle) if odd else 1.0
    total = term if freedom > 1 else 0.0
    for number in range(3 if odd else 2, freedom - 1, 2):
        term *= cos(angle) ** 2 * (number - 1) / number
        total += term
    within = 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
    return 1 - within

"""How much single looks scatter about their median: 1.4826 × the median absolute deviation, pixel by pixel.

For normal errors it is their standard deviation, and up to half of the looks may be wrong without spoiling it
(P. J. Rousseeuw, C. Croux, Alternatives to the median absolute deviation, Journal of the American Statistical
Association 88(424), 1993).
"""

import numpy as np
from numpy.typing import NDArray

from services.median import DN_PER_UNIT, masked_median

LOW = 3
"""Clear looks from which on they say something of their scatter: one has none, and two only their distance."""
_TO_SIGMA = np.float32(1.4826)
"""1 / the third quartile of the standard normal distribution."""
_MOST = 32_767
"""Looks are doubled so that half DN stay whole, and 16 bits hold that: reflectance above 3.2767 counts as 3.2767."""


def spread(looks: NDArray[np.uint16], clear: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Of whole numbers, 10000 a unit, (time, height, width): the scatter in units, (height, width).

    `clear`, of the same shape, is True for a look that counts. NaN where fewer than LOW do.
    """
    times, height, width = looks.shape
    doubled = np.minimum(looks, np.uint16(_MOST)).reshape(times, 1, height, width)
    doubled <<= 1
    median, count = masked_median(doubled, clear)
    middle = np.rint(np.nan_to_num(median) * np.float32(DN_PER_UNIT)).astype(np.uint16)
    deviation = np.maximum(doubled, middle)
    deviation -= np.minimum(doubled, middle)
    halves, _ = masked_median(deviation, clear)
    scatter: NDArray[np.float32] = halves[0] * (_TO_SIGMA * np.float32(0.5))
    scatter[count < LOW] = np.nan
    return scatter

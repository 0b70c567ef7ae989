"""Random stacks of observations: none clear, one clear, equal ones, and all that lies between."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

Drawn = tuple[NDArray[np.uint16], NDArray[np.bool_]]
"""DN, (time, band, height, width), and where they count, (time, height, width)."""

_DN = st.one_of(st.integers(0, 65_534), st.sampled_from([0, 1, 2, 900, 900, 901, 65_534]))


@st.composite
def stacks(draw: Any, most: int = 9) -> Drawn:
    times, bands = draw(st.integers(1, most)), draw(st.integers(1, 3))
    return draw(arrays(np.uint16, (times, bands, 2, 3), elements=_DN)), draw(arrays(np.bool_, (times, 2, 3)))


def many(times: int, bands: int = 6, side: int = 60, seed: int = 0) -> Drawn:
    """Of land with noise, a tenth under clouds that no mask has found."""
    random = np.random.default_rng(seed)
    land = random.integers(200, 4000, (1, bands, side, side))
    noise = random.normal(0, 150, (times, bands, side, side))
    clouds = 3000 * (random.random((times, 1, side, side)) < 0.1)
    clear = random.random((times, side, side)) < random.random((side, side))
    return np.clip(land + noise + clouds, 0, 65_534).astype(np.uint16), clear


def cube(observations: NDArray[np.uint16], clear: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Reflectance in float32, NaN where it does not count."""
    return np.where(clear[:, np.newaxis], observations / np.float32(10_000), np.float32(np.nan))

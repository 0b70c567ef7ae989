"""Pixels in blocks, so that memory is one block however large the picture is."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.reducers.method import Clear, Observations

BLOCK = 32_768
"""Pixels."""
Rows = Sequence[Sequence[NDArray[np.uint16]]]
"""DN of some pixels: `rows[time][band]`, (pixel,)."""
FillBlock = Callable[[Rows, NDArray[np.bool_], NDArray[Any]], None]
"""What fills the last array, whose last axis is the pixel, from the rows and where they count, (time, pixel)."""


def by_blocks(fill: FillBlock, observations: Observations, clear: Clear, out: NDArray[Any], block: int = BLOCK) -> None:
    """Fill `out`, (…, height, width), a block at a time."""
    rows = [[plane.reshape(-1) for plane in planes] for planes in observations]
    seen = [plane.reshape(-1) for plane in clear]
    pixels = seen[0].size
    flat = out.reshape(*out.shape[:-2], pixels)
    for start in range(0, pixels, block):
        part = slice(start, min(start + block, pixels))
        counts = np.array([plane[part] for plane in seen])
        fill([[plane[part] for plane in planes] for planes in rows], counts, flat[..., part])


def picture_by_blocks(
    fill: FillBlock, observations: Observations, clear: Clear, block: int = BLOCK
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Reflectance, (band, height, width), NaN where none is clear whatever `fill` puts there, and the count."""
    picture = np.empty((len(observations[0]), *clear[0].shape), np.float32)
    by_blocks(fill, observations, clear, picture, block)
    count = np.zeros(clear[0].shape, np.uint16)
    for plane in clear:
        count += plane
    picture[:, count == 0] = np.nan
    return picture, count

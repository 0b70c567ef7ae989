"""The hatching that says more than a colour can."""

import numpy as np
from numpy.typing import NDArray

_LIGHT, _DARK = 236, 178
_PERIOD, _WIDTH = 9, 2
_FEW_PERIOD = 6
"""Widths of a line from one line over few observations to the next; each is a white one beside a black one."""
_PER_PX = 300
"""Px of a picture for each px of a line's width: shown small, lines stay lines and make no pattern of their own."""


def hatched(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours without transparency, (height, width, 3): grey lines that rise to the right where nothing is."""
    height, width = pixels.shape[:2]
    phase = (np.arange(height)[:, np.newaxis] + np.arange(width)) % _PERIOD
    lines = np.where(phase < _WIDTH, _DARK, _LIGHT).astype(np.uint8)
    return np.where(pixels[..., 3:] == 0, lines[..., np.newaxis], pixels[..., :3])


def hatch_few(pixels: NDArray[np.uint8], where: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The same array with fine lines that fall to the right, white beside black, over its colours where `where` is."""
    height, width = where.shape
    thick = max(1, width // _PER_PX)
    line = (np.arange(height)[:, np.newaxis] - np.arange(width)) // thick % _FEW_PERIOD
    for at, shade in ((0, 255), (1, 0)):
        pixels[where & (line == at), :3] = shade
    return pixels

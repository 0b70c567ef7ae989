"""From reflectance to colours: one fixed stretch for every picture, so that pictures can be compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.composite import NO_DATA, Image
from services.median import DN_PER_UNIT

BRIGHTEST = 0.30
"""Reflectance that becomes white; most of the land lies below it."""
GAMMA = 1.4
"""Opens the shadows: forest and water have reflectances of a few per cent."""
STRETCH = f"reflectance 0 to {BRIGHTEST:g}, gamma {GAMMA:g}"
TRUE_COLOUR = ("B04", "B03", "B02")

_HATCH_LIGHT, _HATCH_DARK = 236, 178
_HATCH_PERIOD, _HATCH_WIDTH = 9, 2


@dataclass(frozen=True)
class Channels:
    """Which bands are shown as red, green and blue."""

    bands: tuple[str, str, str]
    words: str
    """What people read."""


def channels(bands: Sequence[str]) -> Channels:
    """True colour where the bands for it are there, else the first three, else the first one in grey."""
    if set(TRUE_COLOUR) <= set(bands):
        return Channels(TRUE_COLOUR, "True colour (B04, B03, B02)")
    if len(bands) >= 3:
        first, second, third = bands[:3]
        return Channels((first, second, third), f"False colour ({first}, {second}, {third})")
    return Channels((bands[0], bands[0], bands[0]), f"Grey ({bands[0]})")


def _table() -> NDArray[np.uint8]:
    reflectance = np.arange(NO_DATA + 1) / DN_PER_UNIT
    return np.rint(255 * np.clip(reflectance / BRIGHTEST, 0, 1) ** (1 / GAMMA)).astype(np.uint8)


TABLE = _table()
"""Brightness 0 to 255 of each DN, in the stretch of the product."""


def rgba(image: Image) -> NDArray[np.uint8]:
    """Colours, (height, width, 4); transparent where there is no clear look."""
    pixels = np.empty((image.height, image.width, 4), np.uint8)
    planes: dict[str, NDArray[np.uint8]] = {}
    for position, band in enumerate(channels(image.bands).bands):
        if band not in planes:
            planes[band] = TABLE[image.dn(band)]
        pixels[..., position] = planes[band]
    return clear_away(pixels, image.count == 0)


def clear_away(pixels: NDArray[np.uint8], empty: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The same array, opaque, and wholly transparent and without a colour where `empty` is True."""
    pixels[..., 3] = 255
    pixels[empty] = 0
    return pixels


def hatched(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours without transparency, (height, width, 3): grey diagonal lines where nothing is."""
    height, width = pixels.shape[:2]
    phase = (np.arange(height)[:, np.newaxis] + np.arange(width)) % _HATCH_PERIOD
    lines = np.where(phase < _HATCH_WIDTH, _HATCH_DARK, _HATCH_LIGHT).astype(np.uint8)
    return np.where(pixels[..., 3:] == 0, lines[..., np.newaxis], pixels[..., :3])

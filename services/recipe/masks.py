"""Which observations of a pixel count: by the scene classification (SCL) of Level 2A, and what lies near its clouds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.registry import Registry

GROWN = (3, 8, 9, 10)
"""SCL classes that grow where a preset masks them: cloud shadow, clouds and cirrus, whose rims the classification
often takes for clear ground."""
MAX_GROW = 20
"""Most pixels by which a mask grows."""
_VERSION = 1
"""Of `clear_observations`: counted up where it comes to other pixels, so that nothing cached before is shown."""


@dataclass(frozen=True)
class MaskPreset:
    """A named set of SCL classes that do not count as a clear observation."""

    name: str
    title: str
    """What people read."""
    invalid: tuple[int, ...]
    """SCL classes that are masked; empty: every observation with data counts."""

    @property
    def growing(self) -> tuple[int, ...]:
        """Those that grow."""
        return tuple(klass for klass in self.invalid if klass in GROWN)

    @property
    def meaning(self) -> tuple[object, ...]:
        """What decides its pixels, whatever it is called: a part of the key of all that is cached."""
        return _VERSION, self.invalid, self.growing


MASKS = Registry(
    "mask",
    (
        MaskPreset("clear", "Clouds, shadows and cirrus out", (0, 1, 3, 8, 9, 10)),
        MaskPreset("strict", "Also dark, unclassified and snow out", (0, 1, 2, 3, 7, 8, 9, 10, 11)),
        MaskPreset("clouds", "Only clouds out", (0, 8, 9, 10)),
        MaskPreset("none", "No mask: every observation with data", ()),
    ),
)


def clear_observations(
    valid: NDArray[np.uint8], classes: NDArray[np.uint8] | None, preset: MaskPreset, grow: int = 0
) -> NDArray[np.bool_]:
    """Where dataMask is 1, the SCL class is not one of the preset's, and none of GROWN that it masks is near.

    Both are (height, width), or many such planes: (time, height, width). `classes` may be None where the preset masks
    none. Near is at most `grow` pixels away in both directions and within the plane, so that a tile's observations
    do not depend on its neighbours.
    """
    clear: NDArray[np.bool_] = valid == 1
    if preset.invalid and classes is not None:
        for klass in preset.invalid:  # comparing is faster than looking up each pixel
            clear &= classes != klass
        if grow and preset.growing:
            masked = np.isin(classes, preset.growing)
            for plane in np.ndindex(masked.shape[:-2]):
                clear[plane] &= ~_grown(masked[plane], grow)
    return clear


def _grown(masked: NDArray[np.bool_], grow: int) -> NDArray[np.bool_]:
    """A plane that is True within a square of 2 · grow + 1 pixels around each pixel that was."""
    import cv2  # a quarter of a second, for those alone who grow a mask

    square = np.ones((2 * grow + 1, 2 * grow + 1), np.uint8)
    return cv2.dilate(masked.view(np.uint8), square).astype(np.bool_)

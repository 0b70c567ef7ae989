"""Which observations of a pixel count: by a classification of its pixels, and what lies near its clouds."""

from dataclasses import dataclass
from importlib.util import find_spec
from math import ceil

import numpy as np
from numpy.typing import NDArray

from services.errors import RecipeError
from services.registry import Registry
from services.sentinel2 import SCL

GROWN = (3, 8, 9, 10)
"""SCL classes that grow where a preset masks them: cloud shadow, clouds and cirrus, whose rims the classification
often takes for clear ground."""
MAX_GROW = 20
"""Most pixels by which a mask grows."""
CSMASK = "CSMASK"
"""Plane of a frame with what ukis-csmask 1.0 makes of six of its bands: 0 clear, 1 cloud, 2 cloud shadow. Another
model, or another way to ask it, needs another name."""
_STRIDE, _MARGIN = 204, 51
"""Of the network's windows of 256 px: px from one to the next, and by how much the first lies outside of the frame."""
_VERSION = 1
"""Of `clear_observations`: counted up where it comes to other pixels, so that nothing cached before is shown."""


@dataclass(frozen=True)
class MaskPreset:
    """A named set of classes that do not count as a clear observation."""

    name: str
    title: str
    """What people read."""
    invalid: tuple[int, ...]
    """Classes that are masked; empty: every observation with data counts."""
    grown: tuple[int, ...] = GROWN
    """Classes that grow where they are masked."""
    usual_grow: int = 0
    """Pixels by which they grow where nobody says otherwise."""
    round: bool = False
    """Whether a disk is put around each pixel that grows; a square else, as in recipes of before."""
    plane: str = SCL
    """Whose classes they are."""
    sources: tuple[str, ...] = ()
    """Bands of which that plane is computed here; empty where the provider has it."""
    packages: tuple[str, ...] = ()
    """What computes it, as Python imports it: no part of the usual installation."""
    window_seconds: float = 0.0
    """That the network takes for one of its windows, by one thread; measured, see bench/masks.py."""

    @property
    def growing(self) -> tuple[int, ...]:
        """Those that grow."""
        return tuple(klass for klass in self.invalid if klass in self.grown)

    @property
    def planes(self) -> tuple[str, ...]:
        """What a mask is made of besides dataMask."""
        return (self.plane,) if self.invalid else ()

    @property
    def classes(self) -> str:
        """`SCL 0, 8, 9, 10`: what is masked, for people; empty where nothing is."""
        return f"{self.plane} {', '.join(map(str, self.invalid))}" if self.invalid else ""

    @property
    def meaning(self) -> tuple[object, ...]:
        """What decides its pixels, whatever it is called: a part of the key of all that is cached."""
        return _VERSION, self.invalid, self.growing, *(("round", self.plane) if self.round else ())

    @property
    def is_here(self) -> bool:
        """Whether this installation can compute it."""
        return all(find_spec(package) for package in self.packages)

    def seconds(self, width: int, height: int) -> float:
        """That one thread takes to compute the plane of a frame of so many px, about."""
        return self.window_seconds * ceil((_MARGIN + width) / _STRIDE) * ceil((_MARGIN + height) / _STRIDE)

    def require(self, bands: tuple[str, ...]) -> None:
        """Raises RecipeError where it cannot be computed here, or not of these bands."""
        if not self.is_here:
            raise RecipeError(
                f"The mask {self.name} needs {' and '.join(self.packages)}, and this installation lacks it.",
                "Choose another mask, or have `pip install -r requirements-csmask.txt` run on the server.",
            )
        lacking = [band for band in self.sources if band not in bands]
        if lacking:
            raise RecipeError(
                f"The mask {self.name} is computed of {', '.join(self.sources)}; not chosen: {', '.join(lacking)}.",
                "Add it to the bands, or choose another mask.",
            )


MASKS = Registry(
    "mask",
    (
        MaskPreset(
            "cautious",
            "Clouds, shadows, cirrus and doubtful pixels out",
            (0, 1, 3, 7, 8, 9, 10),
            grown=(7, *GROWN),
            usual_grow=3,  # of 0 to 5 the one at which a yearly NDVI is wrong most seldom, see docs/decisions
            round=True,
        ),
        MaskPreset("clear", "Clouds, shadows and cirrus out", (0, 1, 3, 8, 9, 10)),
        MaskPreset("strict", "Also dark, unclassified and snow out", (0, 1, 2, 3, 7, 8, 9, 10, 11)),
        MaskPreset("clouds", "Only clouds out", (0, 8, 9, 10)),
        MaskPreset(
            "csmask",
            "Clouds and shadows out, by the network ukis-csmask",
            (1, 2),
            grown=(1, 2),
            usual_grow=3,
            round=True,
            plane=CSMASK,
            sources=("B02", "B03", "B04", "B08", "B11", "B12"),
            packages=("ukis_csmask", "onnxruntime"),
            window_seconds=0.12,
        ),
        MaskPreset("none", "No mask: every observation with data", ()),
    ),
)
BEGINNING = "cautious"
"""The mask with which those begin who bring no link and give no option."""


def offered_masks() -> list[str]:
    """Names of those that can be chosen here."""
    return [name for name, preset in MASKS.items() if preset.is_here]


def clear_observations(
    valid: NDArray[np.uint8], classes: NDArray[np.uint8] | None, preset: MaskPreset, grow: int = 0
) -> NDArray[np.bool_]:
    """Where dataMask is 1, the class is not one of the preset's, and none that grows is near.

    Both are (height, width), or many such planes: (time, height, width). `classes` are those of the preset's plane, and
    may be None where it masks none. Near is at most `grow` pixels away, in both directions or, by a preset with a round
    buffer, from middle to middle; and within the plane, so that a tile's observations do not depend on its neighbours.
    """
    clear: NDArray[np.bool_] = valid == 1
    if preset.invalid and classes is not None:
        for klass in preset.invalid:  # comparing is faster than looking up each pixel
            clear &= classes != klass
        if grow and preset.growing:
            masked, kernel = np.isin(classes, preset.growing), _kernel(grow, disk=preset.round)
            for plane in np.ndindex(masked.shape[:-2]):
                clear[plane] &= ~_grown(masked[plane], kernel)
    return clear


def _kernel(grow: int, *, disk: bool) -> NDArray[np.uint8]:
    """1 within so many pixels of the middle, (2 · grow + 1, 2 · grow + 1)."""
    away = np.arange(-grow, grow + 1) ** 2
    near = away[:, np.newaxis] + away <= grow**2 if disk else np.ones((2 * grow + 1, 2 * grow + 1), np.bool_)
    return near.astype(np.uint8)


def _grown(masked: NDArray[np.bool_], kernel: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """A plane that is True where the kernel around a pixel that was has 1."""
    import cv2  # a quarter of a second, for those alone who grow a mask

    return cv2.dilate(masked.view(np.uint8), kernel).astype(np.bool_)

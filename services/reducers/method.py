"""What a method of compositing is: its words, its two functions and its part of the exported program, in one entry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.text import plural

LOW = 3
"""Clear observations from which on they say something of their scatter: one has none, and two only their distance."""

Planes = Sequence[NDArray[np.uint16]] | NDArray[np.uint16]
"""DN of one observation, `planes[band]`, (height, width)."""
Formula = Callable[[Planes], NDArray[np.float32]]
"""An index of one observation, (height, width), from the planes of its bands; NaN where it has none."""
Observations = Sequence[Planes] | NDArray[np.uint16]
"""The same of several: `observations[time][band]`."""
Clear = Sequence[NDArray[np.bool_]] | NDArray[np.bool_]
"""Where each of them counts: `clear[time]`, (height, width)."""
Reducer = Callable[[Observations, Clear, Sequence[float]], tuple[NDArray[np.float32], NDArray[np.uint16]]]
"""Of one time at least, oldest first, with the cloud cover of each in percent: reflectance, (band, height, width), NaN
where none is clear, and the count of clear observations."""
IndexReducer = Callable[[Formula, Observations, Clear, Sequence[float]], NDArray[np.float32]]
"""The same of an index: the formula of each observation first, one plane afterwards."""


@dataclass(frozen=True)
class Chapter:
    """A part of the exported program: a cell of the notebook."""

    heading: str
    words: str
    """What it does and why, for people."""
    code: str
    imports: tuple[str, ...] = ()
    """Modules of Python's library that the code needs."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way to make a picture of many observations."""

    name: str
    """In recipes, links and file names."""
    title: str
    """What people read."""
    feature: str
    """Name of the picture in an EOPatch, under DATA_TIMELESS."""
    words: str
    """What the picture is: `median` of 12 acquisitions."""
    meaning: str
    """What a pixel is; one sentence."""
    index: str
    """What a pixel of an index is; one sentence."""
    remark: str = ""
    """What else helps to choose it; one sentence, or empty."""
    reduce: Reducer
    """Many observations to one picture."""
    reduce_index: IndexReducer
    """Many observations to one plane of an index."""
    program: Chapter
    """`reduce(dn, clear, clouds)` in plain numpy."""
    halves: bool = False
    """Whether a pixel may lie on half DN."""
    version: int = 1
    """Counted up where it comes to other pixels, so that nothing made before is shown as if it were the same."""

    def of(self, acquisitions: int) -> str:
        """`median of 12 acquisitions`."""
        return f"{self.words} of {plural(acquisitions, 'acquisition')}"

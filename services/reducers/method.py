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
Reducer = Callable[[Observations, Clear], tuple[NDArray[np.float32], NDArray[np.uint16]]]
"""Of one time at least, oldest first: reflectance, (band, height, width), NaN where none is clear, and the count of
clear observations."""
IndexReducer = Callable[[Formula, Observations, Clear], NDArray[np.float32]]
"""The same of an index: the formula of each observation first, one plane afterwards."""
NOWHERE = -1
"""The place of a pixel's observation where none is clear."""


@dataclass(frozen=True, eq=False)
class Scenes:
    """What is known of observations besides their pixels, oldest first."""

    clouds: Sequence[float]
    """Cloud cover of their acquisitions, percent."""
    days: Sequence[int]
    """In UTC, as YYYYMMDD."""
    apart: Sequence[int]
    """Days from the middle of the season."""
    near: Sequence[NDArray[np.uint8]] = ()
    """Pixels from each one to the nearest that does not count, (height, width), for methods that ask for it."""


Picker = Callable[[Observations, Clear, Scenes], NDArray[np.int16]]
"""Of one time at least: the place of each pixel's observation among them, (height, width), NOWHERE where none is
clear."""


@dataclass(frozen=True)
class Statistic:
    """Numbers made of all observations that count: a pixel is of no one date."""

    picture: Reducer
    index: IndexReducer
    joint: bool = False
    """Whether what a band comes to depends on the other bands of the recipe."""


@dataclass(frozen=True)
class Pick:
    """One observation for each pixel, with all its bands: the pixel has a date, and its index is that date's."""

    which: Picker
    joint: bool = False
    """Whether the recipe's bands decide which one."""
    near: bool = False
    """Whether it is told how near clouds are."""
    order: Callable[[Scenes], Sequence[int]] | None = None
    """Where observations are preferred whatever their pixels: the order. An index that one lacks is the next one's."""


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
    way: Statistic | Pick
    """How many observations become one."""
    program: Chapter
    """`reduce(dn, clear, wanted)` in plain numpy; `wanted` has the acquisitions as the program lists them."""
    halves: bool = False
    """Whether a pixel may lie on half DN."""
    version: int = 1
    """Counted up where it comes to other pixels, so that nothing made before is shown as if it were the same."""

    at: "Callable[[int], Method] | None" = None
    """The method at a percentile, from 1 to 99; None where it has none."""

    @property
    def dated(self) -> bool:
        """Whether each pixel is of one date."""
        return isinstance(self.way, Pick)

    def of(self, acquisitions: int) -> str:
        """`median of 12 acquisitions`."""
        return f"{self.words} of {plural(acquisitions, 'acquisition')}"

"""Palettes: matplotlib's colour maps in which readers of every colour vision see the order of the numbers.

Those of one course grow evenly lighter or darker; the diverging ones have two ends that no usual colour blindness
confuses: never red and green.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.registry import Registry

LEGEND_STEPS = 9
"""Colours in a legend."""
_LEVELS = 255
"""Colours of an index; a step is finer than the eye separates."""


@dataclass(frozen=True)
class Palette:
    """The colours of numbers."""

    name: str
    """Its place in links, and matplotlib's name."""
    words: str
    """From which colour to which."""


PALETTES = Registry(
    "palette",
    (
        Palette("viridis", "violet to yellow"),
        Palette("cividis", "blue to yellow, alike for all readers"),
        Palette("magma", "black over purple to cream"),
        Palette("inferno", "black over red to yellow"),
        Palette("plasma", "blue over pink to yellow"),
        Palette("gray", "black to white"),
        Palette("Blues", "white to dark blue"),
        Palette("YlGnBu", "pale yellow over green to dark blue"),
        Palette("YlOrBr", "pale yellow over orange to brown"),
        Palette("PuOr", "brown over white to purple, for two directions"),
        Palette("RdBu", "red over white to blue, for two directions"),
        Palette("BrBG", "brown over white to blue-green, for two directions"),
    ),
)
"""In the order of the page."""


@lru_cache(maxsize=32)
def palette_colours(name: str) -> NDArray[np.uint8]:
    """Colours, (_LEVELS, 4), of one of matplotlib's maps."""
    import matplotlib  # a third of a second, for those alone who draw an index

    colours: NDArray[np.uint8] = matplotlib.colormaps[name](np.linspace(0, 1, _LEVELS), bytes=True)
    return colours


def hexadecimal(colours: NDArray[np.uint8]) -> tuple[str, ...]:
    """LEGEND_STEPS of them in even steps, as `#rrggbb`."""
    places = np.linspace(0, len(colours) - 1, LEGEND_STEPS).round().astype(int)
    return tuple(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue, _ in colours[places].tolist())

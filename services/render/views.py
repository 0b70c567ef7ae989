"""What a picture shows: bands as red, green and blue, or an index in the colours of a map; one fixed scale for each.

No scale depends on the picture, so that any two pictures of one view can be compared by eye. An index is computed of
each observation, and then reduced. The grammar of what else people may write is in `view_text`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.composite import INDICES, Index
from services.registry import Registry, fingerprint

BRIGHTEST = 0.30
"""Reflectance that becomes white in true colour; most of the land lies below it."""
BRIGHTEST_NIR = 0.50
"""The same for B08: meadows and crops in summer reach it."""
BRIGHTEST_SWIR = 0.45
"""The same for B12: dry soil and hot fires reach it, vegetation stays at a third of it."""
GAMMA = 1.4
"""Opens the shadows: forest and water have reflectances of a few per cent."""
EACH_OBSERVATION = "of each observation, then reduced over the observations"
"""How an index is computed: that of reduced bands is another number."""
BRIGHTEST_SNOW = 1.0
"""The same for fresh snow, which all other colours show as plain white."""
FIRST_BANDS = "bands"
"""Name of the view of a recipe whose bands allow no other."""
_VERSION = 1
"""Of how views are drawn: counted up where the same numbers get other colours, so that no old picture is shown."""


@dataclass(frozen=True)
class View:
    """One way to show an image."""

    name: str
    """Its text in links, canonical: `view_named` reads it. No sign in it needs an escape in a path or a query."""
    title: str
    """What people read on a button."""
    bands: tuple[str, ...]
    """What it needs: red, green and blue; a single band in grey; or what the formula of its index takes."""
    white: tuple[float, ...] = ()
    """Of a colour view: reflectance that becomes full brightness, for each band."""
    gamma: float = GAMMA
    """Of a colour view: opens the shadows."""
    index: Index | None = None
    """With its formula, range and colours; None for a colour view."""
    black: tuple[float, ...] = ()
    """Of a colour view: reflectance that becomes black, for each band; 0 for all where it is empty."""

    @classmethod
    def of(cls, index: Index) -> "View":
        """Of an index, in the range and the colours that it declares."""
        return cls(index.name, index.title, index.bands, index=index)

    @property
    def slug(self) -> str:
        """Its place in file names: the name where it is short and plain, else one that stands for it."""
        return self.name if re.fullmatch(r"[A-Za-z0-9-]{1,24}", self.name) else f"view-{fingerprint(self.name)}"

    @property
    def limits(self) -> tuple[tuple[float, float], ...]:
        """Low and high end of each channel, in reflectance; of an index its range alone."""
        if self.index:
            return ((self.index.ticks[0], self.index.ticks[-1]),)
        return tuple(zip(self.black or (0.0,) * len(self.white), self.white, strict=True))

    @property
    def label(self) -> str:
        """`True colour (B04, B03, B02)`, or `Vegetation (NDVI): (B08 − B04) / (B08 + B04)`."""
        return f"{self.title}: {self.formula}" if self.formula else f"{self.title} ({', '.join(self.bands)})"

    @property
    def formula(self) -> str:
        """`(B08 − B04) / (B08 + B04)`; empty for a colour view."""
        return self.index.formula if self.index else ""

    @property
    def scale(self) -> str:
        """The fixed stretch or range: `reflectance 0 to 0.3, gamma 1.4`."""
        if self.index:
            return f"{self.index.ticks[0]:g} to {self.index.ticks[-1]:g}, {self.index.palette}"
        if len(set(self.limits)) == 1:
            low, high = self.limits[0]
            return f"reflectance {low:g} to {high:g}, gamma {self.gamma:g}"
        if any(self.black):
            each = zip(self.bands, self.limits, strict=True)
            ends = ", ".join(f"{band} {low:g} to {high:g}" for band, (low, high) in each)
            return f"reflectance: {ends}, gamma {self.gamma:g}"
        ends = ", ".join(f"{band} to {white:g}" for band, white in zip(self.bands, self.white, strict=True))
        return f"reflectance from 0: {ends}, gamma {self.gamma:g}"

    @property
    def meaning(self) -> tuple[object, ...]:
        """What decides its colours, whatever it is called: a part of the key of all pictures that are cached."""
        stretch = (self.white, self.gamma, *((self.black,) if any(self.black) else ()))
        return _VERSION, self.bands, (self.index.meaning if self.index else stretch)

    @property
    def stamp(self) -> str:
        """The same for the address of a picture, which a browser keeps for a day."""
        return fingerprint(self.meaning)

    @property
    def words(self) -> str:
        """All that one must know to read the picture."""
        source = self.index.source if self.index else ""
        return "; ".join(filter(None, (self.label, self.definition, self.scale, source)))

    @property
    def definition(self) -> str:
        """Of what an index is computed; empty for a colour view."""
        return EACH_OBSERVATION if self.index else ""


VIEWS = Registry(
    "view",
    (
        View("true", "True colour", ("B04", "B03", "B02"), (BRIGHTEST,) * 3),
        View("false", "False colour", ("B08", "B04", "B03"), (BRIGHTEST_NIR, BRIGHTEST, BRIGHTEST)),
        View("swir", "SWIR composite", ("B12", "B08", "B04"), (BRIGHTEST_SWIR, BRIGHTEST_NIR, BRIGHTEST)),
        View("snow", "Snow and ice", ("B04", "B03", "B02"), (BRIGHTEST_SNOW,) * 3),
        *map(View.of, INDICES.values()),
    ),
)
"""In the order of the page; what the indices are is told where they are defined."""


def views_of(bands: Sequence[str]) -> tuple[View, ...]:
    """The views that these bands allow; where there is none, one of the first three bands, or of the first in grey."""
    possible = tuple(view for view in VIEWS.values() if set(view.bands) <= set(bands))
    if possible:
        return possible
    shown = tuple(bands[:3]) if len(bands) >= 3 else (bands[0],)
    title = "False colour" if len(shown) == 3 else "Grey"
    return (View(FIRST_BANDS, title, shown, (BRIGHTEST,) * len(shown)),)


def default_view(bands: Sequence[str]) -> View:
    """The one that is shown where nobody has chosen: the first of views_of."""
    return views_of(bands)[0]

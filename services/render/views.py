"""What a picture shows: bands as red, green and blue, or an index in the colours of a map; one fixed scale for each.

No scale depends on the picture, so that any two pictures of one view can be compared by eye. Colours are made from DN,
the whole numbers of a result's GeoTIFFs: a tile cut from such a file has the colours of the picture to the last bit.
Those of an index are of its whole numbers, ten thousandths. An index is computed of each observation, and then reduced.

What can be compared between two pictures: the reflectance of a band, or an index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import matplotlib
import numpy as np
from numpy.typing import NDArray

from services.composite import INDICES, NO_INDEX, PER_UNIT, Image, Index, whole_index
from services.errors import RecipeError
from services.registry import Registry, fingerprint
from services.sentinel2 import DN_PER_UNIT, NO_DATA
from services.text import quoted

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
LEGEND_STEPS = 9
"""Colours in a legend."""
_VERSION = 1
"""Of how views are drawn: counted up where the same numbers get other colours, so that no old picture is shown."""
_LEVELS = 255
"""Colours of an index; a step is finer than the eye separates."""


@dataclass(frozen=True)
class Legend:
    """The numbers beside the colours."""

    low: float
    """What the first colour means, and everything below it."""
    high: float
    """What the last colour means, and everything above it."""
    ticks: tuple[float, ...]
    """Where a number is written, from `low` to `high`."""
    colours: tuple[str, ...]
    """`#rrggbb` from `low` to `high`, in even steps."""
    words: str
    """What is shown, and how to read it."""
    unit: str = ""
    """`reflectance`, `clear observations`; empty for an index, which has none."""


@dataclass(frozen=True)
class View:
    """One way to show an image."""

    name: str
    """Its place in links and file names."""
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

    @classmethod
    def of(cls, index: Index) -> "View":
        """Of an index, in the range and the colours that it declares."""
        return cls(index.name, index.title, index.bands, index=index)

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
        if len(set(self.white)) == 1:
            return f"reflectance 0 to {self.white[0]:g}, gamma {self.gamma:g}"
        ends = ", ".join(f"{band} to {white:g}" for band, white in zip(self.bands, self.white, strict=True))
        return f"reflectance from 0: {ends}, gamma {self.gamma:g}"

    @property
    def meaning(self) -> tuple[object, ...]:
        """What decides its colours, whatever it is called: a part of the key of all pictures that are cached."""
        return _VERSION, self.bands, (self.index.meaning if self.index else (self.white, self.gamma))

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
    return (View("bands", title, shown, (BRIGHTEST,) * len(shown)),)


def default_view(bands: Sequence[str]) -> View:
    """The one that is shown where nobody has chosen: the first of views_of."""
    return views_of(bands)[0]


def view_named(name: str, bands: Sequence[str]) -> View:
    """One of views_of. Raises RecipeError for a name that there is not, and for bands that are missing."""
    possible = {view.name: view for view in views_of(bands)}
    if name in possible:
        return possible[name]
    if name not in VIEWS:
        raise RecipeError(f"There is no view {quoted(name)}.", f"Choose one of {', '.join(possible)}.")
    view = VIEWS[name]
    missing = ", ".join(band for band in view.bands if band not in bands)
    raise RecipeError(
        f"The view {view.title} needs {missing}, and the bands are {', '.join(bands)}.",
        f"Add {missing} to the bands, or choose one of {', '.join(possible)}.",
    )


def draw(view: View, image: Image) -> NDArray[np.uint8]:
    """Colours, (height, width, 4); transparent where there is no data."""
    if view.index:
        return draw_index(view.index, image.index(view.name))
    return draw_dn(view, {band: image.dn(band) for band in view.bands}, image.count == 0)


def draw_index(index: Index, whole: NDArray[np.int16]) -> NDArray[np.uint8]:
    """The same from an index in whole numbers, (height, width); transparent where it is NO_INDEX."""
    level = whole.astype(np.float32)
    level /= np.float32(PER_UNIT)
    return apply_colormap(level, index.ticks[0], index.ticks[-1], _palette(index.palette), whole == NO_INDEX)


def draw_dn(view: View, planes: Mapping[str, NDArray[np.uint16]], empty: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Of one observation, or of bands in colour, from DN, a plane (height, width) a band; transparent where `empty`.

    An index is transparent too where it is not a number: a normalised difference where both bands are 0. A plane's
    value does not matter where it is empty.
    """
    if view.index:
        values = view.index.of([planes[band] for band in view.bands])
        values[empty] = np.nan
        return draw_index(view.index, whole_index(values))
    pixels = np.empty((*empty.shape, 4), np.uint8)
    for position in range(3):
        band = position if len(view.bands) == 3 else 0
        pixels[..., position] = curve(view.white[band], view.gamma)[planes[view.bands[band]]]
    return clear_away(pixels, empty)


def apply_colormap(
    values: NDArray[np.float32], low: float, high: float, colours: NDArray[np.uint8], empty: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Colours, (height, width, 4), of numbers: `colours` (number, 4) span low to high, and its ends what lies beyond.

    Transparent where `empty` is True. `values` is overwritten.
    """
    last = len(colours) - 1
    values -= np.float32(low)
    values *= np.float32(last / (high - low))
    values += np.float32(0.5)
    np.clip(values, 0, last, out=values)
    values[empty] = 0
    packed = np.ascontiguousarray(colours).view(np.uint32)[:, 0]
    pixels = packed.take(values.astype(np.uint8))
    pixels[empty] = 0
    return pixels.view(np.uint8).reshape(*values.shape, 4)


def clear_away(pixels: NDArray[np.uint8], empty: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The same array, opaque, and wholly transparent and without a colour where `empty` is True."""
    pixels[..., 3] = 255
    pixels[empty] = 0
    return pixels


def legend(view: View) -> Legend | None:
    """Of an index; a colour view has none, its words say the stretch."""
    if view.index is None:
        return None
    ticks, colours = view.index.ticks, hexadecimal(_palette(view.index.palette))
    return Legend(ticks[0], ticks[-1], ticks, colours, f"{view.label}; {view.definition}; {view.index.source}")


def hexadecimal(colours: NDArray[np.uint8]) -> tuple[str, ...]:
    """LEGEND_STEPS of them in even steps, as `#rrggbb`."""
    places = np.linspace(0, len(colours) - 1, LEGEND_STEPS).round().astype(int)
    return tuple(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue, _ in colours[places].tolist())


@lru_cache(maxsize=8)
def curve(white: float, gamma: float) -> NDArray[np.uint8]:
    """Brightness 0 to 255 of each DN, where reflectance `white` is the brightest."""
    reflectance = np.arange(NO_DATA + 1) / DN_PER_UNIT
    return np.rint(255 * np.clip(reflectance / white, 0, 1) ** (1 / gamma)).astype(np.uint8)


@lru_cache(maxsize=8)
def _palette(name: str) -> NDArray[np.uint8]:
    """Colours, (_LEVELS, 4), of one of matplotlib's maps."""
    colours: NDArray[np.uint8] = matplotlib.colormaps[name](np.linspace(0, 1, _LEVELS), bytes=True)
    return colours


BAND_REACH, INDEX_REACH = 0.1, 0.4
"""Differences of reflectance, and of an index, that have the strongest colours: the same for every pair."""


@dataclass(frozen=True)
class Quantity:
    """A band or an index."""

    name: str
    """Its place in links and file names: `B04`, `ndvi`."""
    title: str
    """What people read."""
    bands: tuple[str, ...]
    """What it needs."""
    view: View | None = None
    """Of an index; None for a band."""

    @property
    def unit(self) -> str:
        """`reflectance`; empty for an index, which has none."""
        return "" if self.view else "reflectance"

    @property
    def meaning(self) -> tuple[object, ...]:
        """What decides its values and the colours of their difference, whatever it is called."""
        return self.bands, self.reach, self.view.meaning if self.view else ()

    @property
    def reach(self) -> float:
        """The difference that has the strongest colour."""
        return INDEX_REACH if self.view else BAND_REACH

    @property
    def index(self) -> Index | None:
        """None for a band."""
        return self.view.index if self.view else None

    def of(self, image: Image) -> NDArray[np.float32]:
        """Its values, (height, width); NaN where there are none."""
        if self.view:
            return image.indices[self.name]
        band: NDArray[np.float32] = image.reflectance[..., image.bands.index(self.name)]
        return band

    def each(
        self, observation: Mapping[str, NDArray[np.uint16]], clear: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Of one observation, and where it counts; `observation` has a plane of DN for each band.

        An index does not count where it is not a number: a normalised difference where both bands are 0.
        """
        if self.index is None:
            return np.divide(observation[self.name], np.float32(DN_PER_UNIT), dtype=np.float32), clear
        values = self.index.of([observation[band] for band in self.bands])
        return values, clear & ~np.isnan(values)


def quantities(bands: Sequence[str]) -> tuple[Quantity, ...]:
    """The bands, in their order, and the indices that they allow."""
    indices = (view for view in VIEWS.values() if view.index and set(view.bands) <= set(bands))
    return (
        *(Quantity(band, f"Band {band}", (band,)) for band in bands),
        *(Quantity(view.name, view.title, view.bands, view) for view in indices),
    )

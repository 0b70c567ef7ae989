"""From numbers to colours: a view of an image, of one observation, or of a plane of a file; and the legend beside it.

Colours are made from DN, the whole numbers of a result's GeoTIFFs: a tile cut from such a file has the colours of the
picture to the last bit. Those of an index that files hold are of its whole numbers, ten thousandths.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.composite import NO_INDEX, PER_UNIT, Image, Index, whole_index
from services.render.palettes import hexadecimal, palette_colours
from services.render.views import View
from services.sentinel2 import DN_PER_UNIT, NO_DATA


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


def draw(view: View, image: Image) -> NDArray[np.uint8]:
    """Colours, (height, width, 4); transparent where there is no data."""
    if view.index:
        name = view.index.name
        return draw_index(view.index, image.index(name) if view.index.in_files else image.indices[name])
    return draw_dn(view, {band: image.dn(band) for band in view.bands}, image.count == 0)


def draw_index(index: Index, values: NDArray[np.int16] | NDArray[np.float32]) -> NDArray[np.uint8]:
    """The same from an index, (height, width): in whole numbers where files hold it, transparent where it is
    NO_INDEX; else as it is, transparent where it is NaN."""
    level = values.astype(np.float32)
    if index.in_files:
        level /= np.float32(PER_UNIT)
    empty = values == NO_INDEX if index.in_files else np.isnan(values)
    with np.errstate(over="ignore"):
        return apply_colormap(level, index.ticks[0], index.ticks[-1], palette_colours(index.palette), empty)


def draw_dn(view: View, planes: Mapping[str, NDArray[np.uint16]], empty: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Of one observation, or of bands in colour, from DN, a plane (height, width) a band; transparent where `empty`.

    An index is transparent too where it is not a number: a normalised difference where both bands are 0. A plane's
    value does not matter where it is empty.
    """
    if view.index:
        values = view.index.of([planes[band] for band in view.bands])
        values[empty] = np.nan
        return draw_index(view.index, whole_index(values) if view.index.in_files else values)
    pixels = np.empty((*empty.shape, 4), np.uint8)
    for position in range(3):
        band = position if len(view.bands) == 3 else 0
        pixels[..., position] = curve(*view.limits[band], view.gamma)[planes[view.bands[band]]]
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
    ticks, colours = view.index.ticks, hexadecimal(palette_colours(view.index.palette))
    words = "; ".join(filter(None, (view.label, view.definition, view.index.source)))
    return Legend(ticks[0], ticks[-1], ticks, colours, words)


@lru_cache(maxsize=32)
def curve(black: float, white: float, gamma: float) -> NDArray[np.uint8]:
    """Brightness 0 to 255 of each DN, where reflectance `black` is the darkest and `white` the brightest."""
    reflectance = np.arange(NO_DATA + 1) / DN_PER_UNIT
    return np.rint(255 * np.clip((reflectance - black) / (white - black), 0, 1) ** (1 / gamma)).astype(np.uint8)

"""The simulated world: any window of the Earth at any moment, in the bands of Sentinel-2's Level 2A.

Everything is a function of the place on the sphere and of the time. There is no state but a shelf of blocks made.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.demo.chance import chance
from services.demo.chart import FINEST, SIDE, Chart, transformer
from services.demo.clouds import CIRRUS, MEDIUM, key, opaque, signals
from services.demo.octaves import RADIUS, Mesh
from services.demo.paint import View
from services.demo.spectra import BANDS

FINE = frozenset({"B02", "B03", "B04", "B08"})
"""Bands of 10 m."""
COARSE = frozenset({"B01", "B09"})
"""Bands of 60 m; all others are of 20 m."""
PLANES = (*BANDS, "SCL", "CLD", "SNW")
"""What can be asked for."""
_DEGREE = math.pi / 180 * RADIUS
"""Metres."""
_SAMPLES = 40
"""Places a side at which the cloud cover of a window is looked at."""


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels, north up."""

    epsg: int
    """A UTM zone (326zz, 327zz), 4326 with longitude first, or 3857."""
    bounds: tuple[float, float, float, float]
    """minx, miny, maxx, maxy in units of `epsg`."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""

    @property
    def dx(self) -> float:
        """Width of a pixel in units of `epsg`."""
        return (self.bounds[2] - self.bounds[0]) / self.width

    @property
    def dy(self) -> float:
        """Height of a pixel."""
        return (self.bounds[3] - self.bounds[1]) / self.height


@dataclass(frozen=True)
class Moment:
    """An overpass."""

    start: datetime
    """UTC, aware; when the satellite began to look, the same for all that it saw until it stopped."""
    satellite: str
    """`S2A`."""
    orbit: int
    """Relative orbit."""


def render(window: Window, moment: Moment, bands: Sequence[str]) -> dict[str, NDArray[np.generic]]:
    """(height, width) per band: DN = 10000 × reflectance in uint16; SCL, CLD and SNW in uint8.

    The nearest native pixel is taken. KeyError for what is not in `PLANES`.
    """
    unknown = [band for band in bands if band not in PLANES]
    if unknown:
        raise KeyError(f"{unknown[0]} is not among {', '.join(PLANES)}")
    chart = _chart(window)
    minx, miny, _, _ = window.bounds
    columns = np.floor((minx + (np.arange(window.width) + 0.5) * window.dx) / chart.dx + 1e-6).astype(np.int64)
    rows = np.floor((miny + (np.arange(window.height)[::-1] + 0.5) * window.dy) / chart.dy + 1e-6).astype(np.int64)
    found: dict[str, NDArray[np.generic]] = {
        band: np.empty((window.height, window.width), np.uint16 if band in BANDS else np.uint8) for band in bands
    }
    for row, down in _runs(rows // SIDE):
        for column, right in _runs(columns // SIDE):
            view = View.of(chart.block(column, row), moment.start)
            y, x = (row + 1) * SIDE - 1 - rows[down], columns[right] - column * SIDE
            for band, painted in _painted(view, bands, y, x).items():
                found[band][down, right] = painted
    return found


def _painted(
    view: View, bands: Sequence[str], y: NDArray[np.int64], x: NDArray[np.int64]
) -> dict[str, NDArray[np.generic]]:
    """Rows and columns of a block; a band of 20 m or 60 m has one value in all pixels of such a square."""
    found: dict[str, NDArray[np.generic]] = {}
    for size in (FINEST, 20.0, 60.0):
        some = [band for band in bands if _size(band) == size]
        if not some:
            continue
        snap = max(1, int(size / view.block.pixel))
        if snap == 1:
            found |= view.paint(some, _pick(y), _pick(x))
            continue
        (tall, down), (wide, right) = (np.unique(places // snap, return_inverse=True) for places in (y, x))
        whole = view.paint(some, _pick(tall * snap + snap // 2), _pick(wide * snap + snap // 2))
        found |= {band: values.take(down, axis=0).take(right, axis=1) for band, values in whole.items()}
    return found


def _size(band: str) -> float:
    """Metres of a band's own pixel."""
    return FINEST if band in FINE else 60.0 if band in COARSE else 20.0


def _chart(window: Window) -> Chart:
    """The native grid that a window is read from."""
    middle = (window.bounds[1] + window.bounds[3]) / 2
    if window.epsg == 4326:
        unit, narrow = _DEGREE, max(0.02, math.cos(math.radians(middle)))
    elif window.epsg == 3857:
        unit = narrow = 1 / math.cosh(middle / 6_378_137.0)
    else:
        unit = narrow = 1.0
    ground = min(window.dy * unit, window.dx * (unit * narrow if window.epsg == 4326 else unit))
    level = max(0, math.floor(math.log2(ground / FINEST) + 0.35))
    size = FINEST * 2.0**level
    if window.epsg == 4326:
        return Chart(4326, level, size / _DEGREE * 2.0 ** -round(math.log2(narrow)), size / _DEGREE)
    side = size * 2.0 ** -round(math.log2(narrow))
    return Chart(window.epsg, level, side, side)


def _pick(numbers: NDArray[np.int64]) -> slice | NDArray[np.int64]:
    """The same as a slice, where they are evenly spaced."""
    steps = np.diff(numbers)
    step = int(steps[0]) if len(steps) else 1
    if step > 0 and (steps == step).all():
        return slice(int(numbers[0]), int(numbers[-1]) + 1, step)
    return numbers


def _runs(blocks: NDArray[np.int64]) -> list[tuple[int, slice]]:
    """Which block, and which pixels of the window are in it."""
    edges = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), len(blocks)]
    return [(int(blocks[a]), slice(a, b)) for a, b in pairwise(edges)]


def cloud_cover(window: Window, moment: Moment) -> float:
    """Percent of the window that the scene classification calls cloud or cirrus (8, 9, 10), from samples.

    Up to 0.2 more where it is clear: what real classifications mistake, so that two clear days are seldom equal.
    """
    minx, miny, maxx, maxy = window.bounds
    middle = (minx + maxx) / 2, (miny + maxy) / 2
    corners = transformer(window.epsg, 4326).transform(
        [minx, maxx, minx, maxx, middle[0]], [miny, miny, maxy, maxy, middle[1]]
    )
    turns, latitudes = np.asarray(corners[0]) / 360, np.radians(corners[1])
    turns = turns - np.round(turns - turns[4])
    parts = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    west, east = sorted((turns[:4].min(), turns[:4].max()))
    south, north = latitudes[:4].min(), latitudes[:4].max()
    mesh = Mesh(west + parts * (east - west), south + parts * (north - south))
    apart = (north - south) * RADIUS / _SAMPLES
    thick, veil = signals(mesh, moment.start, max(90.0, apart), scattered=apart > 90)
    part = float(np.mean((opaque(thick) > MEDIUM) | (veil > CIRRUS)))
    mistaken = 0.002 * chance(key(moment.start), round(turns[4] * 1e7), round(latitudes[4] * 1e7))
    return 100 * (part + (1 - part) * mistaken)

"""Rendering: any window of the Earth at any overpass, in the bands of Sentinel-2's Level 2A.

Everything is a function of the place on the sphere and of the time. There is no state but a cache of land made.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.demo.world.climate import Daylight, day_of_year, daylight
from services.demo.world.clouds import CIRRUS, HIGH, MEDIUM, RIM, SHADOW, Sky, overpass_number, sky
from services.demo.world.grid import FINEST, SIDE, Block, PixelGrid, Window
from services.demo.world.materials import BANDS, SPECTRA, WATERS
from services.demo.world.noise import RADIUS, hash_fraction
from services.demo.world.raster import Bytes, Plane, Selection, cut, lookup, lookup_bytes, select
from services.demo.world.seasons import Season, season
from services.demo.world.terrain import TILT, Ground, ground_of

FINE = frozenset({"B02", "B03", "B04", "B08"})
"""Bands of 10 m."""
COARSE = frozenset({"B01", "B09"})
"""Bands of 60 m; all others are of 20 m."""
CLASSES = "SCL"
PLANES = (*BANDS, CLASSES, "CLD", "SNW")
"""What can be asked for."""
SIMULATED = "Simulated data, made by the demo archive of Ninepatch; no satellite data"
_DEGREE = math.pi / 180 * RADIUS
"""Metres."""
_STRIP = 12_000.0
"""Metres of latitude over which the season is one."""
_DARK = 0.45
"""Brightness by relief below which the scene classification says dark."""


@dataclass(frozen=True)
class Scene:
    """Pixels at a moment, ready to be painted; arrays of one shape."""

    ground: Ground
    bright: Plane
    """Factor of relief and texture."""
    snow: Plane | None
    """Part of the snow that lies; None where it is 0 everywhere."""
    season: Season
    sky: Sky | None
    """None where it is clear."""
    start: datetime

    def paint(self, band: str) -> NDArray[np.generic]:
        """uint16 DN of an optical band, uint8 of SCL, CLD and SNW."""
        if band in BANDS:
            return self._reflectance(BANDS.index(band))
        if band == "SCL":
            return self._classes()
        part = self.snow if band == "SNW" else None if self.sky is None else self.sky.opacity + self.sky.cirrus
        if part is None:
            return np.zeros(self.bright.shape, np.uint8)
        return np.clip(part * 100, 0, 100).astype(np.uint8)

    def _reflectance(self, band: int) -> NDArray[np.uint16]:
        value = self._blended(self.season.bare[band])
        if self.snow is not None:
            white = self._blended(self.season.white[band])
            white -= value
            white *= self.snow
            value += white
        value *= self.bright
        if self.sky is not None:
            self._veil(value, band)
        haze = 0.06 + 0.2 * hash_fraction(overpass_number(self.start), 2) ** 2
        gain = 10_000 * (1.0 + 0.02 * (hash_fraction(overpass_number(self.start), 3, band) - 0.5))
        value *= np.float32(gain)
        value += np.float32(gain * haze * float(SPECTRA["haze"][band]))
        np.maximum(value, 1, out=value)
        return value.astype(np.uint16)

    def _veil(self, value: Plane, band: int) -> None:
        """Shadows, cirrus and clouds over a band's reflectance, in place."""
        sky = self.sky
        assert sky is not None
        cloud = np.float32(SPECTRA["cloud"][band])
        dark = sky.shadow * np.float32(-0.5 if band < 4 else -0.62)
        dark += 1
        value *= dark
        for cover, white in ((sky.cirrus, np.float32(0.8)), (sky.opacity, sky.white)):
            above = white * cloud - value
            above *= cover
            value += above

    def _blended(self, table: Plane) -> Plane:
        """Of both materials by their share."""
        value = lookup(self.ground.base, table)
        over = lookup(self.ground.over, table)
        over -= value
        over *= self.ground.share
        over *= np.float32(1 / 255)
        value += over
        return value

    def _classes(self) -> Bytes:
        main = self.ground.main
        found = lookup_bytes(main, self.season.bare_class)
        if self.snow is not None:
            found = select(self.snow > 0.5, lookup_bytes(main, self.season.white_class), found)
        dark = (self.bright < _DARK) & (found != 6)
        if dark.any():
            found = select(dark, 2, found)
        if self.sky is not None:
            sky = self.sky
            found = select(sky.shadow > SHADOW, 3, found)
            for cover, least, number in (
                *((sky.opacity, RIM, 7), (sky.cirrus, CIRRUS, 10)),
                *((sky.opacity, MEDIUM, 8), (sky.opacity, HIGH, 9)),
            ):
                found = select(cover > least, number, found)
        return found


@dataclass(frozen=True)
class BlockScene:
    """A block at a moment."""

    block: Block
    start: datetime
    light: Daylight
    ground: Ground
    sky: Sky | None
    """None where it is clear."""

    @classmethod
    def of(cls, block: Block, start: datetime) -> "BlockScene":
        """All that is the same for all bands."""
        light = daylight(block.centre[1], day_of_year(start))
        return cls(block, start, light, ground_of(block), sky(block, start, light))

    def paint(self, bands: Sequence[str], rows: Selection, columns: Selection) -> dict[str, NDArray[np.generic]]:
        """Some rows and columns, per band."""
        strips = []
        for some, latitude in _strips(self.block, rows):
            ground = cut(self.ground, some, columns)
            tables = season(latitude, self.start)
            above = self.sky and cut(self.sky, some, columns)
            scene = Scene(
                ground, _brightness(ground, self.light), _snow_share(ground, tables), tables, above, self.start
            )
            strips.append({band: scene.paint(band) for band in bands})
        if len(strips) == 1:
            return strips[0]
        return {band: np.concatenate([strip[band] for strip in strips]) for band in bands}


def _strips(block: Block, rows: Selection) -> list[tuple[Selection, float]]:
    """The rows, in parts over which the season is one, with the latitude in radians for which it is."""
    high = max(8, int(_STRIP / block.pixel))
    if high >= SIDE:
        return [(rows, block.centre[1])]
    numbers = np.arange(rows.start, rows.stop, rows.step) if isinstance(rows, slice) else rows
    strips = numbers // high
    cuts = np.flatnonzero(np.diff(strips)) + 1
    middles = [min(int(strip) * high + high // 2, SIDE - 1) for strip in strips[[0, *cuts.tolist()]]]
    middle_column = block.places[1][:, SIDE // 2]
    return [(part, float(middle_column[at])) for part, at in zip(np.split(numbers, cuts), middles, strict=True)]


def _snow_share(ground: Ground, tables: Season) -> Plane | None:
    """Part of the snow or ice that lies on each pixel."""
    if not (tables.snow[ground.coldest] or tables.ice[ground.coldest]):
        return None
    snow = lookup(ground.cold, tables.snow)
    water = (ground.main < WATERS).astype(np.float32)
    if water.any():
        snow += water * (lookup(ground.cold, tables.ice) - snow)
    return snow


def _brightness(ground: Ground, light: Daylight) -> Plane:
    """Brightness by texture, slope and the sun's height."""
    steep = min(1 / math.tan(light.elevation), 1.8) * TILT * 0.8
    bright = ground.east * np.float32(-steep * math.sin(light.azimuth))
    bright -= ground.north * np.float32(steep * math.cos(light.azimuth))
    bright += 1
    np.clip(bright, 0.3, 1.7, out=bright)
    bright *= ground.light
    bright *= np.float32(light.strength / 128)
    return bright


def render(window: Window, start: datetime, bands: Sequence[str]) -> dict[str, NDArray[np.generic]]:
    """(height, width) per band: DN = 10000 × reflectance in uint16; SCL, CLD and SNW in uint8.

    `start` (UTC) is when the satellite began to look, the same for all that it saw until it stopped. The nearest
    native pixel is taken. KeyError for what is not in `PLANES`.
    """
    unknown = [band for band in bands if band not in PLANES]
    if unknown:
        raise KeyError(f"{unknown[0]} is not among {', '.join(PLANES)}")
    grid = _pixel_grid(window)
    minx, miny, _, _ = window.bounds
    columns = np.floor((minx + (np.arange(window.width) + 0.5) * window.dx) / grid.dx + 1e-6).astype(np.int64)
    rows = np.floor((miny + (np.arange(window.height)[::-1] + 0.5) * window.dy) / grid.dy + 1e-6).astype(np.int64)
    found: dict[str, NDArray[np.generic]] = {
        band: np.empty((window.height, window.width), np.uint16 if band in BANDS else np.uint8) for band in bands
    }
    for row, down in _runs(rows // SIDE):
        for column, right in _runs(columns // SIDE):
            scene = BlockScene.of(grid.block(column, row), start)
            y, x = (row + 1) * SIDE - 1 - rows[down], columns[right] - column * SIDE
            for band, painted in _rendered(scene, bands, y, x).items():
                found[band][down, right] = painted
    return found


def _rendered(
    scene: BlockScene, bands: Sequence[str], y: NDArray[np.int64], x: NDArray[np.int64]
) -> dict[str, NDArray[np.generic]]:
    """Rows and columns of a block; a band of 20 m or 60 m has one value in all pixels of such a square."""
    found: dict[str, NDArray[np.generic]] = {}
    for size in (10, 20, 60):
        some = [band for band in bands if native_metres(band) == size]
        if not some:
            continue
        snap = max(1, int(size / scene.block.pixel))
        if snap == 1:
            found |= scene.paint(some, _as_slice(y), _as_slice(x))
            continue
        (tall, down), (wide, right) = (np.unique(places // snap, return_inverse=True) for places in (y, x))
        whole = scene.paint(some, _as_slice(tall * snap + snap // 2), _as_slice(wide * snap + snap // 2))
        found |= {band: values.take(down, axis=0).take(right, axis=1) for band, values in whole.items()}
    return found


def native_metres(band: str) -> int:
    """Of a band's own pixel."""
    return 10 if band in FINE else 60 if band in COARSE else 20


def _pixel_grid(window: Window) -> PixelGrid:
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
        return PixelGrid(4326, level, size / _DEGREE * 2.0 ** -round(math.log2(narrow)), size / _DEGREE)
    side = size * 2.0 ** -round(math.log2(narrow))
    return PixelGrid(window.epsg, level, side, side)


def _as_slice(numbers: NDArray[np.int64]) -> slice | NDArray[np.int64]:
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

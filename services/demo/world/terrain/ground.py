"""The ground of a block as it is in all years and seasons: materials, their shares, texture, slopes and cold.

The finest texture comes from a small sheet that repeats every 5 km, laid along circles of latitude in belts of 40 km,
a whole number of times around each, each lap shifted. Where two laps or belts meet the texture breaks off, which
nobody sees in what is finer than 100 m.
"""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from services.demo.world.climate import mean_warmth
from services.demo.world.grid import SIDE, Block, PixelGrid
from services.demo.world.materials import ARABLE, FIRST_ARABLE, FIRST_STAND, NUMBER, STANDS, TEXTURES, WARMER
from services.demo.world.noise import RADIUS, hash_fractions
from services.demo.world.raster import Bytes, Layer, Plane, lookup, lookup_bytes, select
from services.demo.world.terrain.land_cover import BOGGY, DRY, GROUND, MANAGED, SOIL, THICK, TREES, zones
from services.demo.world.terrain.parcels import Parcels, parcels
from services.demo.world.terrain.relief import Relief, band, relief, smooth
from services.demo.world.terrain.settlements import draw_lanes, draw_towns
from services.demo.world.terrain.water import draw_water

_SHEET = 512
"""Pixels a side of the sheet."""
_BELT = 40_000.0
"""Metres."""
_SLIP = 0.381966
"""Part of the sheet by which each lap lies further north than the one before, so that no pattern repeats."""
_WIDTH = _SHEET * 10.0
"""Metres of the sheet."""


def _blurred(seed: int, sigma: float) -> Plane:
    """White noise, blurred and periodic, mean 0 and standard deviation 1."""
    noise: Plane = hash_fractions(_SHEET * _SHEET, seed).reshape(_SHEET, _SHEET)
    if sigma:
        pad = 64
        noise = np.asarray(cv2.GaussianBlur(np.pad(noise, pad, mode="wrap"), (0, 0), sigma), np.float32)[
            pad:-pad, pad:-pad
        ]
    noise = noise - noise.mean()
    return np.asarray(noise / noise.std(), np.float32)


def _sheets() -> list[Plane]:
    """(512, 512, 4) at 10 m, and halved again and again: clumps, blotches, specks, nothing."""
    clump = 0.8 * _blurred(51, 1.1) + 0.6 * _blurred(52, 2.2)
    sheets = [np.dstack([clump, _blurred(53, 7.0), _blurred(54, 0.0), np.zeros_like(clump)])]
    for _ in range(4):
        sheets.append(cv2.resize(sheets[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    return sheets


_SHEETS = _sheets()


def texture(block: Block) -> tuple[Plane, Plane, Plane]:
    """Clumps of 20 m, blotches of 100 m, specks of a pixel: mean 0, standard deviation 1 at 10 m and less above."""
    sheet = _SHEETS[min(max(block.grid.level, 0), len(_SHEETS) - 1)]
    turns, latitudes = block.places
    belts = np.floor(latitudes * (RADIUS / _BELT))
    first, last = int(belts.min()), int(belts.max())
    if first == last:
        x = turns * _laps(first)
    else:
        x = turns * np.array([_laps(belt) for belt in range(first, last + 1)])[(belts - first).astype(np.intp)]
    lap = np.floor(x)
    x -= lap
    y = latitudes * (RADIUS / _WIDTH) + lap * _SLIP
    y -= np.floor(y)
    drawn = cv2.remap(sheet, _scaled(x, sheet), _scaled(y, sheet), cv2.INTER_NEAREST, borderMode=cv2.BORDER_WRAP)
    clump, blotch, speck, _ = (np.asarray(part, np.float32) for part in cv2.split(drawn))
    return clump, blotch, speck


def _laps(belt: int) -> int:
    """How many times the sheet is laid around a belt."""
    return round(2 * math.pi * RADIUS * math.cos((belt + 0.5) * (_BELT / RADIUS)) / _WIDTH)


def _scaled(part: NDArray[np.float64], sheet: Plane) -> Plane:
    """From parts of the sheet to its pixels."""
    return (part * len(sheet)).astype(np.float32)


COLDEST = -48.0
"""Kelvin of code 0 of `Ground.cold`; a code is a quarter of a kelvin."""
TILT = 1 / 40
"""Metres per metre of one step of a slope."""
_KEPT_BLOCKS = 700
"""Blocks held in memory: 7 bytes a pixel, 180 MB in all."""


@dataclass(frozen=True)
class Ground:
    """What does not change; arrays are (192, 192)."""

    base: Bytes
    """Material."""
    over: Bytes
    """A second material that covers a share of the pixel."""
    share: Bytes
    """Of the second, 255 is all."""
    light: Bytes
    """Texture: brightness in 1/128."""
    cold: Bytes
    """Kelvin by which snow finds it warmer than a field at the sea's level: code / 4 − 48."""
    east: NDArray[np.int8]
    """Slope to the east in 1/40."""
    north: NDArray[np.int8]

    @cached_property
    def main(self) -> Bytes:
        """The material that covers most of each pixel."""
        return select(self.share > 127, self.over, self.base)

    @cached_property
    def coldest(self) -> int:
        """The lowest code of `cold`."""
        return int(self.cold.min())


def ground_of(block: Block) -> Ground:
    """Of a block, kept for the next time; a block itself would keep its places in memory."""
    return _ground(block.grid, block.column, block.row)


@lru_cache(maxsize=_KEPT_BLOCKS)
def _ground(grid: PixelGrid, column: int, row: int) -> Ground:
    """The land of a block, from nothing but its place."""
    block = grid.block(column, row)
    land = relief(block)
    east, north = block.metres
    plots = parcels(block, east + land.bend_east, north + land.bend_north)
    clump, blotch, speck = texture(block)
    layer = _grown(block, land, plots, clump, blotch)
    draw_towns(block, land, layer)
    wet = draw_water(block, land, blotch, layer)
    draw_lanes(block, land, plots, wet, layer)
    main = layer.main()
    contrast = [lookup(main, table) for table in TEXTURES]
    light = 1 + contrast[0] * clump + contrast[1] * blotch + contrast[2] * speck
    dry = 1 if wet is None else 1 - wet
    tilts = land.east * dry, land.north * dry
    slopes = [np.clip(tilt * np.float32(1 / TILT), -127, 127).astype(np.int8) for tilt in tilts]
    level = mean_warmth(block.places[1][:, SIDE // 2]).astype(np.float32)[:, None]
    cold = land.warmth - level + 0.9 * land.wood + 0.5 * blotch + 0.5 * clump + lookup(main, WARMER) - COLDEST
    return Ground(
        layer.base,
        layer.over,
        np.clip(layer.share * 255 + 0.5, 0, 255).astype(np.uint8),
        np.clip(light * 128, 0, 255).astype(np.uint8),
        np.clip(cold * 4, 0, 255).astype(np.uint8),
        slopes[0],
        slopes[1],
    )


def _grown(block: Block, land: Relief, plots: Parcels, clump: Plane, blotch: Plane) -> Layer:
    """The dry land."""
    warm = np.clip((land.warmth + 0.5 * blotch + 0.8 * land.wood + 40) * 4, 0, 255).astype(np.uint8)
    wet = np.clip((land.wetness + 0.03 * blotch + 0.02 * clump) * 32, 0, 31).astype(np.uint8)
    code = lookup_bytes(warm, zones(round(block.centre[1], 3))) + wet
    thick, soil = lookup(code, THICK), lookup(code, SOIL)
    share = np.clip(thick * (1.15 + 0.55 * land.wood) + 0.35 * clump - 0.25, 0, 1) * smooth(-0.1, 0.1, thick)
    farmed = 1.1 * land.farm + 2.6 * (soil - 0.6) + 0.45 * smooth(0.6, -0.8, land.hollow)
    farmed += (plots.kind.astype(np.float32) - 128) * np.float32(0.9 / 256)
    tilt = np.sqrt(land.east * land.east + land.north * land.north)
    farmed -= 5 * tilt
    field = (farmed > 0) & (soil > 0.02) & (land.wetness >= DRY)
    base, over = lookup_bytes(code, GROUND), lookup_bytes(code, TREES)
    steep = tilt + 0.1 * clump > 0.85
    base, over = select(steep, NUMBER["rock"], base), select(steep, NUMBER["scree"], over)
    stand = np.uint8(FIRST_STAND) + (plots.other * np.uint16(STANDS) >> 8).astype(np.uint8)
    over = select(lookup_bytes(code, MANAGED) > 0, stand, over)
    crop = np.uint8(FIRST_ARABLE) + (plots.other * np.uint16(ARABLE) >> 8).astype(np.uint8)
    bog = (lookup_bytes(code, BOGGY) > 0) & (land.hollow < 0.3 + 0.12 * blotch + 0.1 * land.wood)
    base, share = select(bog, NUMBER["bog"], base), share * (1 - np.float32(0.8) * bog)
    hedge = 0.75 * band(plots.edge, 7.0, block.pixel)
    layer = Layer(base, over, share)
    layer.put(field, crop, NUMBER["hedge"], hedge)
    return layer

"""Dunes: crests across the wind in seas of sand, and the colours of sand between pale and red.

A crest is where a place's latitude, bent by noises, is a whole multiple of the distance between crests: so they run on
over any border.
"""

import math

import numpy as np
from numpy.typing import NDArray

from services.demo.chart import Block
from services.demo.layer import Layer
from services.demo.materials import NUMBER
from services.demo.octaves import RADIUS
from services.demo.raster import Plane
from services.demo.relief import Relief, smooth

_SANDY = 0.2
"""Wetness above which there are no dunes."""
_GREAT, _SMALL = 1_150.0, 190.0
"""Metres from crest to crest."""


def draw_dunes(block: Block, land: Relief, layer: Layer) -> tuple[Plane, Plane]:
    """Colours the sand, and returns the land's slopes to the east and north with the dunes' own."""
    if float(land.wetness.min()) > _SANDY:
        return land.east, land.north
    sand = (layer.base == NUMBER["sand"]) | (layer.base == NUMBER["dune"])
    if not sand.any():
        return land.east, land.north
    bend = 7 * land.bend_north + 2.5 * land.bend_east + 260 * land.wood
    _, latitudes = block.places
    great = _phase(latitudes, bend, _GREAT)
    small = _phase(latitudes, 0.5 * bend, _SMALL)
    lying = sand * smooth(_SANDY, 0.12, land.wetness) * smooth(-0.9, 0.4, land.hollow - 2.6)
    crest = np.cos(great)
    tilt = 0.22 * _resolved(block, _GREAT) * (crest + 0.45 * np.cos(2 * great))
    tilt += 0.09 * _resolved(block, _SMALL) * np.cos(small) * (0.6 + 0.4 * crest)
    red = smooth(-0.8, 1.0, land.people + 0.35 * land.wood + 0.2 * np.sin(great))
    layer.put(sand & (layer.share < 2), NUMBER["sand"], NUMBER["dune"], red)
    return land.east, land.north + lying * tilt


def _phase(latitudes: NDArray[np.float64], bend: Plane, length: float) -> Plane:
    """Radians since the last crest."""
    turns = latitudes * (RADIUS / length)
    turns -= np.floor(turns)
    return (turns.astype(np.float32) + bend * np.float32(1 / length)) * np.float32(2 * math.pi)


def _resolved(block: Block, length: float) -> float:
    """1 where a pixel is much smaller than a crest's distance, 0 where it is not."""
    return float(np.clip(length / block.pixel / 4 - 0.75, 0, 1))

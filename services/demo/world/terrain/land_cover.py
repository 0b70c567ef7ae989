"""What grows where: from warmth and wetness to the ground, the trees on it and the use that people make of it."""

from functools import lru_cache

import numpy as np

from services.demo.world.climate import swing
from services.demo.world.materials import NUMBER
from services.demo.world.raster import Bytes, Plane

ZONES = ("ice", "bare", "tundra", "boreal", "temperate", "warm", "tropical")
WETS = 32
"""Classes of wetness in each zone."""
_COLD_TREES = 9.5
"""°C of the warmest month without which no tree grows (W. Köppen's limit is 10)."""
_GROUND: dict[str, tuple[tuple[float, str, str, float, float], ...]] = {
    # wetness from which on: ground, trees, how thick they can stand, how good the soil is
    "ice": ((0, "glacier", "glacier", 0, 0),),
    "bare": ((0, "rock", "scree", 0.4, 0),),
    "tundra": ((0, "scree", "tundra", 0.5, 0), (0.3, "tundra", "heath", 0.4, 0)),
    "boreal": (
        (0, "steppe", "pine", 0.1, 0.2),
        (0.3, "heath", "pine", 0.6, 0.3),
        (0.5, "understorey", "spruce", 1.0, 0.37),
    ),
    "temperate": (
        (0, "gravel", "steppe", 0.0, 0),
        (0.2, "steppe", "bush", 0.15, 0.4),
        (0.4, "meadow", "oak", 0.55, 0.75),
        (0.55, "meadow", "beech", 0.85, 0.62),
        (0.8, "meadow", "spruce", 0.9, 0.4),
    ),
    "warm": (
        (0, "sand", "dune", 0.0, 0),
        (0.12, "hamada", "bush", 0.1, 0.05),
        (0.22, "steppe", "maquis", 0.3, 0.35),
        (0.4, "meadow", "maquis", 0.6, 0.6),
        (0.62, "meadow", "oak", 0.85, 0.5),
    ),
    "tropical": (
        (0, "dune", "sand", 0.0, 0),
        (0.17, "hamada", "bush", 0.12, 0.08),
        (0.28, "savanna", "acacia", 0.25, 0.35),
        (0.45, "savanna", "acacia", 0.6, 0.5),
        (0.62, "understorey", "rainforest", 0.97, 0.3),
        (0.8, "understorey", "rainforest", 1.1, 0.15),
    ),
}
DRY = 0.3
"""Wetness below which there are no fields."""


@lru_cache(maxsize=64)
def zones(latitude: float) -> Bytes:
    """Number of the zone × 32, for yearly means of (code / 4 − 40) °C, at a latitude in radians."""
    warmth = np.arange(256) / 4 - 40
    summer = warmth + 0.9 * float(swing(latitude))
    zone = np.select(
        [summer < 1, summer < 5.5, summer < _COLD_TREES, warmth < 5.2, warmth < 12.5, warmth < 19],
        [0, 1, 2, 3, 4, 5],
        6,
    )
    return (zone * WETS).astype(np.uint8)


def _table() -> tuple[Bytes, Bytes, Plane, Plane]:
    """By zone × 32 + wetness × 32: ground, trees, thickness, soil."""
    ground, trees = (np.zeros(256, np.uint8) for _ in range(2))
    thick, soil = (np.zeros(256, np.float32) for _ in range(2))
    for number, zone in enumerate(ZONES):
        for wet in range(WETS):
            code = number * WETS + wet
            row = [line for line in _GROUND[zone] if line[0] <= wet / WETS][-1]
            ground[code], trees[code] = NUMBER[row[1]], NUMBER[row[2]]
            from_where = [line[0] for line in _GROUND[zone]]
            thick[code] = np.interp(wet / WETS - 0.06, from_where, [line[3] for line in _GROUND[zone]])
            soil[code] = np.interp(wet / WETS - 0.04, from_where, [line[4] for line in _GROUND[zone]])
    return ground, trees, thick, soil


GROUND, TREES, THICK, SOIL = _table()
"""Tables by code: ground and trees are materials; thickness and goodness of the soil from 0 to about 1."""
MANAGED = np.isin(TREES, [NUMBER["spruce"], NUMBER["pine"], NUMBER["beech"]]).astype(np.uint8)
"""1 where forests are managed in stands."""
BOGGY = np.isin(GROUND, [NUMBER["understorey"], NUMBER["heath"]]).astype(np.uint8)
BOGGY[ZONES.index("temperate") * WETS :] = 0
"""1 where hollows are bogs."""

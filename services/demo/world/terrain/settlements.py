"""Settlements: where towns and villages are, and how they and the lanes between fields are drawn."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.demo.world.grid import Block
from services.demo.world.materials import NUMBER
from services.demo.world.noise import Mesh, MeshNoise, hash_array
from services.demo.world.raster import Layer, Plane, select
from services.demo.world.terrain.parcels import Parcels
from services.demo.world.terrain.relief import BROAD, CONTINENT, HILLS, Relief, above_sea, band, broad, smooth
from services.demo.world.terrain.seed_points import NearbyPoint, SeedPoint, seed_points

TOWNS, VILLAGES = 12_500.0, 3_900.0
"""Metres between points of towns, and of villages."""
COARSEST = {TOWNS: 160.0, VILLAGES: 40.0}
"""Metres of a pixel above which they are not drawn."""
_SEED = 501
_REACH = 5_600.0
"""Metres of the largest town."""


@dataclass(frozen=True)
class Settlement:
    """A town or a village."""

    place: NearbyPoint
    """Its middle, as a block sees it."""
    radius: float
    """Metres."""


@lru_cache(maxsize=50_000)
def population(point: SeedPoint) -> float:
    """How many would live here, from 0 for none to 1 for a city: none in sea, lakes and the highest mountains."""
    mesh = Mesh(np.array([point.turn]), np.array([point.latitude]))
    continent, hills, *rest = MeshNoise.over(mesh, [CONTINENT, HILLS, *BROAD]).sums()
    mountain, _, lakes, warm, wet, people = (float(field[0, 0]) for field in broad(mesh, rest))
    land, hill = float(above_sea(continent, hills)[0, 0]), float(hills[0, 0])
    if land <= 0.02 or hill <= lakes + 0.12 or mountain >= 0.6:
        return 0.0
    comfort = min(1.0, max(0.0, (warm + 4) / 8)) * min(1.0, max(0.08, (wet - 0.12) / 0.3)) * (1 - mountain)
    if wet > 0.75:
        comfort *= max(0.15, 1 - (wet - 0.75) * 4)
    return comfort * min(1.0, max(0.0, 0.5 + 0.32 * people))


def settlements(block: Block) -> list[Settlement]:
    """Those that may reach into the block."""
    half = 96 * block.pixel * 1.1
    found = []
    for spacing, reach in ((TOWNS, _REACH), (VILLAGES, 600.0)):
        for place in seed_points(block, spacing, _SEED, reach) if block.pixel <= COARSEST[spacing] else ():
            radius = _radius(spacing, place.point)
            if radius and max(abs(place.east), abs(place.north)) < half + 1.6 * radius:
                found.append(Settlement(place, radius))
    return found


@lru_cache(maxsize=50_000)
def _radius(spacing: float, point: SeedPoint) -> float:
    """Metres; 0 where there is no settlement."""
    people, size = population(point), point.fraction(7)
    if point.fraction(6) > people * (1.5 if spacing == TOWNS else 1.1):
        return 0.0
    return 320 + 700 * size + 2300 * size**7 * people if spacing == TOWNS else 90 + 240 * size**2


_ROOFS = np.array(
    [NUMBER[name] for name in ("tile", "tile", "slate", "tile", "slate", "concrete", "slate", "tin")], np.uint8
)
_STREET, _HOUSE = 92.0, 23.0
"""Metres from street to street, and from house to house."""


def draw_towns(block: Block, land: Relief, layer: Layer) -> None:
    """All settlements that reach into the block."""
    east, north = block.metres
    for town in settlements(block):
        x, y = east - np.float32(town.place.east), north - np.float32(town.place.north)
        away = np.sqrt(x * x + y * y)
        density = 1.15 - away * np.float32(1 / town.radius) + 0.22 * land.wood + 0.18 * land.farm
        if float(density.max()) > 0.1:
            _town(block, land, town, density, layer)


def _town(block: Block, land: Relief, town: Settlement, density: Plane, layer: Layer) -> None:
    east, north = block.metres[0] + land.bend_east, block.metres[1] + land.bend_north
    angle = town.place.point.fraction(8) * math.pi
    cos, sin = math.cos(angle), math.sin(angle)
    x, y = east - np.float32(town.place.east), north - np.float32(town.place.north)
    u, v = (x * cos + y * sin) * np.float32(1 / _STREET), (y * cos - x * sin) * np.float32(0.62 / _STREET)
    column, row = np.floor(u), np.floor(v)
    plot = _salted(column, row, town.place.point.salt)
    built = density + plot.astype(np.uint8) * np.float32(0.4 / 256) > 0.42
    u -= column
    v -= row
    house = _salted(np.floor(u * (_STREET / _HOUSE)), np.floor(v * (1.6 * _STREET / _HOUSE)), plot)
    dense = np.clip(density - 0.3, 0, 1)
    roof = (house.astype(np.uint8) * np.float32(1 / 256) < 0.42 + 0.5 * dense).astype(np.float32)
    share = roof * (0.3 + 0.5 * dense)
    core = dense > 0.62
    over = _ROOFS[(house >> 8 & 3) + (plot >> 18 & 3) + core]
    ground = select(core, NUMBER["yard"], NUMBER["garden"])
    if block.pixel > 40:
        share = share * 0.6 + 0.2
    layer.put(built, ground, over, share)
    street = np.minimum(np.minimum(u, 1 - u) * _STREET, np.minimum(v, 1 - v) * (1.6 * _STREET))
    layer.line(built * band(street, 9.0, block.pixel), NUMBER["asphalt"])


def _salted(column: Plane, row: Plane, salt: NDArray[np.uint32] | int) -> NDArray[np.uint32]:
    """A hash of two whole numbers and a salt, per pixel."""
    value = column.astype(np.int32).view(np.uint32) * np.uint32(0x9E3779B1)
    value ^= row.astype(np.int32).view(np.uint32) * np.uint32(0x85EBCA77)
    value ^= np.uint32(salt) if isinstance(salt, int) else salt
    return hash_array(value)


def draw_lanes(block: Block, land: Relief, plots: Parcels, wet: Plane | None, layer: Layer) -> None:
    """Lanes along the borders of districts; they end at water."""
    lane = band(plots.border, 6.5, block.pixel)
    if lane.any():
        lane *= np.clip(0.6 + 0.5 * land.people + 0.5 * land.farm, 0, 1)
        lane *= smooth(0.35, 0.2, np.abs(land.east) + np.abs(land.north)) * smooth(0.12, 0.25, land.wetness)
        layer.line(lane if wet is None else lane * (1 - wet), NUMBER["track"])

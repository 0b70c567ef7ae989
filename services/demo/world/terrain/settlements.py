"""Settlements: where towns and villages are, the roads between them, and both drawn over the land."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.demo.world.grid import Block
from services.demo.world.materials import NUMBER
from services.demo.world.noise import Mesh, MeshNoise, hash_array, hash_fraction
from services.demo.world.raster import Layer, Plane, select
from services.demo.world.terrain.parcels import Parcels
from services.demo.world.terrain.relief import BROAD, CONTINENT, HILLS, Relief, above_sea, band, broad, smooth
from services.demo.world.terrain.seed_points import NearbyPoint, SeedPoint, cells_in_row, seed_points

TOWNS, VILLAGES = 12_500.0, 3_900.0
"""Metres between points of towns, and of villages."""
COARSEST = {TOWNS: 160.0, VILLAGES: 40.0}
"""Metres of a pixel above which they are not drawn."""
_SEED = 501
_REACH = 5_600.0
"""Metres of the largest town."""


@dataclass(frozen=True)
class Site:
    """What a place is like to live in."""

    dry: bool
    """Neither sea nor lake, nor the highest mountains."""
    people: float
    """How many would live here, from 0 for none to 1 for a city."""


@dataclass(frozen=True)
class Settlement:
    """A town or a village, as a block sees it."""

    east: float
    """Metres from the block's centre."""
    north: float
    radius: float
    """Metres."""
    angle: float
    """Radians by which its streets are turned."""
    salt: int


@dataclass(frozen=True)
class Road:
    """From point to point, straight before it is bent."""

    east: tuple[float, float]
    """Metres from the block's centre, of both ends."""
    north: tuple[float, float]
    width: float
    """Metres."""


@lru_cache(maxsize=50_000)
def site(point: SeedPoint) -> Site:
    """What a point is like."""
    mesh = Mesh(np.array([point.turn]), np.array([point.latitude]))
    continent, hills, *rest = MeshNoise.over(mesh, [CONTINENT, HILLS, *BROAD]).sums()
    mountain, _, lakes, warm, wet, people = (float(field[0, 0]) for field in broad(mesh, rest))
    land, hill = float(above_sea(continent, hills)[0, 0]), float(hills[0, 0])
    dry = land > 0.02 and hill > lakes + 0.12 and mountain < 0.6
    comfort = min(1.0, max(0.0, (warm + 4) / 8)) * min(1.0, max(0.08, (wet - 0.12) / 0.3)) * (1 - mountain)
    if wet > 0.75:
        comfort *= max(0.15, 1 - (wet - 0.75) * 4)
    return Site(dry, comfort * min(1.0, max(0.0, 0.5 + 0.32 * people)) if dry else 0.0)


def settlements(block: Block) -> list[Settlement]:
    """Those that may reach into the block."""
    half = 96 * block.pixel * 1.1
    found = []
    for spacing, reach in ((TOWNS, _REACH), (VILLAGES, 600.0)):
        if block.pixel > COARSEST[spacing]:
            continue
        for seen in seed_points(block, spacing, _SEED, reach):
            radius = _radius(spacing, seen.point)
            if radius and max(abs(seen.east), abs(seen.north)) < half + 1.6 * radius:
                found.append(
                    Settlement(seen.east, seen.north, radius, seen.point.fraction(8) * math.pi, seen.point.salt)
                )
    return found


@lru_cache(maxsize=50_000)
def _radius(spacing: float, point: SeedPoint) -> float:
    """Metres; 0 where there is no settlement."""
    here, size = site(point), point.fraction(7)
    if point.fraction(6) > here.people * (1.5 if spacing == TOWNS else 1.1):
        return 0.0
    return 320 + 700 * size + 2300 * size**7 * here.people if spacing == TOWNS else 90 + 240 * size**2


def roads(block: Block) -> list[Road]:
    """Those between neighbouring towns' points that may cross the block."""
    if block.pixel > COARSEST[TOWNS]:
        return []
    points = {(seen.row, seen.column): seen for seen in seed_points(block, TOWNS, _SEED, 1.9 * TOWNS)}
    reach = 1.5 * (96 * block.pixel * 1.1 + 700)
    found = []
    for (row, column), one in points.items():
        above = math.floor((column + 0.5) / cells_in_row(TOWNS, row) * cells_in_row(TOWNS, row + 1))
        for other in (points.get((row, column + 1)), points.get((row + 1, above))):
            if other is not None and _crosses(one, other, reach):
                width = _width(one.point, other.point)
                if width:
                    found.append(Road((one.east, other.east), (one.north, other.north), width))
    return found


def _crosses(one: NearbyPoint, other: NearbyPoint, reach: float) -> bool:
    """Whether the line between two points comes nearer than `reach` metres to the block's centre."""
    x, y = one.east, one.north
    dx, dy = other.east - x, other.north - y
    part = min(1.0, max(0.0, -(x * dx + y * dy) / (dx * dx + dy * dy)))
    return math.hypot(x + part * dx, y + part * dy) < reach


@lru_cache(maxsize=50_000)
def _width(one: SeedPoint, other: SeedPoint) -> float:
    """Metres of the road between two points; 0 where there is none."""
    lot, people = hash_fraction(one.salt, other.salt, 9), site(one).people + site(other).people
    if not (site(one).dry and site(other).dry and lot < 0.3 + 1.3 * people):
        return 0.0
    return 17.0 if lot < 0.35 * people else 9.0


_ROOFS = np.array(
    [NUMBER[name] for name in ("tile", "tile", "slate", "tile", "slate", "concrete", "slate", "tin")], np.uint8
)
_BIG = np.array([NUMBER[name] for name in ("hall", "tin", "concrete", "slate")], np.uint8)
_STREET, _HOUSE = 92.0, 23.0
"""Metres from street to street, and from house to house."""


def draw_towns(block: Block, land: Relief, layer: Layer) -> None:
    """All settlements that reach into the block."""
    east, north = block.metres
    for town in settlements(block):
        x, y = east - np.float32(town.east), north - np.float32(town.north)
        away = np.sqrt(x * x + y * y)
        density = 1.15 - away * np.float32(1 / town.radius) + 0.22 * land.wood + 0.18 * land.farm
        if float(density.max()) > 0.1:
            _town(block, land, town, density, layer)


def _town(block: Block, land: Relief, town: Settlement, density: Plane, layer: Layer) -> None:
    east, north = block.metres[0] + land.bend_east, block.metres[1] + land.bend_north
    cos, sin = math.cos(town.angle), math.sin(town.angle)
    x, y = east - np.float32(town.east), north - np.float32(town.north)
    u, v = (x * cos + y * sin) * np.float32(1 / _STREET), (y * cos - x * sin) * np.float32(0.62 / _STREET)
    column, row = np.floor(u), np.floor(v)
    plot = _salted(column, row, town.salt)
    built = density + plot.astype(np.uint8) * np.float32(0.4 / 256) > 0.42
    u -= column
    v -= row
    use = (plot >> np.uint32(8)).astype(np.uint8) * np.float32(1 / 256)
    house = _salted(np.floor(u * (_STREET / _HOUSE)), np.floor(v * (1.6 * _STREET / _HOUSE)), plot)
    dense = np.clip(density - 0.3, 0, 1)
    roof = (house.astype(np.uint8) * np.float32(1 / 256) < 0.42 + 0.5 * dense).astype(np.float32)
    share = roof * (0.3 + 0.5 * dense)
    big = (use > 1 - 0.16 * smooth(0.0, 0.8, land.farm)) & (density < 0.9)
    share += big * (0.85 - share)
    park = use < 0.07
    share += park * (0.7 - share)
    core = dense > 0.62
    over = select(big, _BIG[plot >> 16 & 3], _ROOFS[(house >> 8 & 3) + (plot >> 18 & 3) + core])
    over = select(park, NUMBER["oak"], over)
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


def draw_roads(block: Block, land: Relief, plots: Parcels, layer: Layer) -> None:
    """Lanes along the borders of districts, and the roads between towns; they end at lakes and bridge rivers."""
    waters = [water for water in (land.sea, land.lake) if water is not None]
    shore = np.clip(0.5 + np.maximum.reduce(waters) * np.float32(1 / block.pixel), 0, 3) if waters else None
    lane = band(plots.border, 6.5, block.pixel)
    if lane.any():
        lane *= np.clip(0.6 + 0.5 * land.people + 0.5 * land.farm, 0, 1)
        lane *= smooth(0.35, 0.2, np.abs(land.east) + np.abs(land.north)) * smooth(0.12, 0.25, land.wetness)
        if shore is not None:
            lane *= np.clip(1 - shore, 0, 1)
        if land.river is not None and land.breadth is not None:
            lane *= 1 - band(land.river, land.breadth, block.pixel)
        layer.line(lane, NUMBER["track"])
    lines = roads(block)
    if not lines:
        return
    east, north = block.metres[0] + 3 * land.bend_east, block.metres[1] + 3 * land.bend_north
    cover = np.zeros_like(east)
    for road in lines:
        np.maximum(cover, band(_away(road, east, north), road.width, block.pixel), out=cover)
    layer.line(cover if shore is None else cover * np.clip(3 - shore, 0, 1), NUMBER["asphalt"])


def _away(road: Road, east: Plane, north: Plane) -> Plane:
    """Metres from a road's middle."""
    (x0, x1), (y0, y1) = road.east, road.north
    dx, dy = x1 - x0, y1 - y0
    x, y = east - np.float32(x0), north - np.float32(y0)
    part = np.clip((x * np.float32(dx) + y * np.float32(dy)) * np.float32(1 / (dx * dx + dy * dy)), 0, 1)
    x -= part * np.float32(dx)
    y -= part * np.float32(dy)
    return np.asarray(np.sqrt(x * x + y * y))

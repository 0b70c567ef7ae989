"""Towns and roads drawn over the land: streets, roofs, gardens, halls at the edge, lanes between fields."""

import math

import numpy as np
from numpy.typing import NDArray

from services.demo.chance import mixed
from services.demo.chart import Block
from services.demo.layer import Layer
from services.demo.materials import NUMBER
from services.demo.parcels import Parcels
from services.demo.places import Road, Settlement, roads, settlements
from services.demo.raster import Plane, either
from services.demo.relief import Relief, band, smooth

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
    over = either(big, _BIG[plot >> 16 & 3], _ROOFS[(house >> 8 & 3) + (plot >> 18 & 3) + core])
    over = either(park, NUMBER["oak"], over)
    ground = either(core, NUMBER["yard"], NUMBER["garden"])
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
    return mixed(value)


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

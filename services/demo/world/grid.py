"""The pixel grids of the archive, each in a projection and at one pixel size, cut in blocks; windows.

As in the real archive there is a native grid: 10 m, on whole multiples of its pixel in the projection, and coarser
ones of 20, 40, … m. A window takes the nearest native pixels, so a pixel is the same in every window that shows it.
"""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from services.demo.world.noise import RADIUS, Mesh
from services.demo.world.raster import Plane, matmul, resample

SIDE = 192
"""Pixels a side of a block: whole pixels of 20 m and of 60 m fit."""
FINEST = 10.0
"""Metres of the finest native pixel."""
_KNOTS = np.linspace(0.0, SIDE, 7)
"""Where a block's places are computed exactly; between them they are interpolated with a cubic."""
_HIGHEST = 89.5
"""Degrees of latitude beyond which, and outside of what a projection can show, is this circle again."""
_MARGIN = 2
"""Cells of a mesh beyond the block."""


@lru_cache(maxsize=512)
def transformer(source: int, target: int) -> Transformer:
    """Between two EPSG codes, x (longitude, easting) first; may be shared by threads."""
    return Transformer.from_crs(source, target, always_xy=True)


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
class PixelGrid:
    """One native grid."""

    epsg: int
    level: int
    """Pixels of 10 · 2^level m on the ground, nearly."""
    dx: float
    """Width of a pixel in units of the projection."""
    dy: float
    """Height of a pixel."""

    @property
    def pixel(self) -> float:
        """Metres of a pixel on the ground, nominally."""
        return FINEST * 2.0**self.level

    def block(self, column: int, row: int) -> "Block":
        """The block whose western edge is column · 192 pixels, whose southern edge is row · 192 pixels."""
        return Block(self, column, row)


@dataclass(frozen=True)
class Block:
    """192 × 192 native pixels, and where on the sphere they are. Arrays are north up."""

    grid: PixelGrid
    column: int
    row: int

    @property
    def pixel(self) -> float:
        """Metres of a pixel, nominally."""
        return self.grid.pixel

    @cached_property
    def _places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude in turns (continuous in the block) and latitude in radians at the knots."""
        x = (self.column * SIDE + _KNOTS) * self.grid.dx
        y = ((self.row + 1) * SIDE - _KNOTS) * self.grid.dy
        gx, gy = np.meshgrid(x, y)
        lon, lat = transformer(self.grid.epsg, 4326).transform(gx, gy)
        lon, lat = np.where(np.isfinite(lon), lon, 0.0), np.where(np.isfinite(lat), lat, _HIGHEST)
        lon = lon - 360 * np.round((lon - lon[3, 3]) / 360)
        return lon / 360, np.radians(np.clip(lat, -_HIGHEST, _HIGHEST))

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude in turns and latitude in radians."""
        turns, latitudes = self._places
        return float(turns[3, 3]), float(latitudes[3, 3])

    @cached_property
    def places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude in turns and latitude in radians of every pixel's centre."""
        turns, latitudes = (matmul(_CUBIC, matmul(knots, _CUBIC.T)) for knots in self._places)
        return turns.astype(np.float64, copy=False), latitudes.astype(np.float64, copy=False)

    @cached_property
    def metres(self) -> tuple[Plane, Plane]:
        """East and north of the block's centre, in a plane through it."""
        turn, latitude = self.centre
        turns, latitudes = self.places
        east = (turns - turn) * (2 * math.pi * RADIUS * math.cos(latitude))
        return east.astype(np.float32), ((latitudes - latitude) * RADIUS).astype(np.float32)

    def mesh(self, pixels: int, shift: tuple[float, float] = (0.0, 0.0)) -> "BlockMesh":
        """A mesh over the block with a row about every `pixels` pixels, anchored to the sphere.

        `shift` moves the places east and north, in metres, to look at what is there instead.
        """
        turns, latitudes = self.places
        step = pixels * self.pixel / RADIUS
        around = 2 * math.pi * math.cos(self.centre[1])
        part = 2.0 ** round(math.log2(step / around))
        east, north = shift[0] / (RADIUS * around), shift[1] / RADIUS
        (left, right), (low, high) = ((knots.min(), knots.max()) for knots in self._places)
        west, east_end = math.floor((left + east) / part), math.ceil((right + east) / part)
        south, north_end = math.floor((low + north) / step), math.ceil((high + north) / step)
        mesh = Mesh(
            np.arange(west - _MARGIN, east_end + _MARGIN + 1) * part,
            np.arange(south - _MARGIN, north_end + _MARGIN + 1) * step,
        )
        x = (turns * (1 / part) + (east / part - (west - _MARGIN))).astype(np.float32)
        y = (latitudes * (1 / step) + (north / step - (south - _MARGIN))).astype(np.float32)
        return BlockMesh(mesh, x, y, part * RADIUS * around, step * RADIUS)


@dataclass(frozen=True)
class BlockMesh:
    """A mesh, and where a block's pixels are in it."""

    mesh: Mesh
    x: Plane
    """Column of each pixel in the mesh, fractional, (192, 192)."""
    y: Plane
    """Row of each pixel."""
    dx: float
    """Metres between columns."""
    dy: float
    """Metres between rows."""

    def pixels(self, *fields: Plane) -> list[Plane]:
        """Fields over the mesh, at the pixels."""
        return resample(list(fields), self.x, self.y)

    def slopes(self, field: Plane) -> tuple[Plane, Plane]:
        """Change of a field to the east and to the north, per metre, over the mesh."""
        east, north = np.empty_like(field), np.empty_like(field)
        east[:, 1:-1] = (field[:, 2:] - field[:, :-2]) * np.float32(0.5 / self.dx)
        north[1:-1] = (field[2:] - field[:-2]) * np.float32(0.5 / self.dy)
        east[:, [0, -1]] = east[:, [1, -2]]
        north[[0, -1]] = north[[1, -2]]
        return east, north


def _cubic() -> NDArray[np.float64]:
    """(192, 7): weights of the knots at each pixel's centre, Lagrange's cubic through the four nearest."""
    step = _KNOTS[1]
    weights = np.zeros((SIDE, len(_KNOTS)))
    for pixel in range(SIDE):
        at = (pixel + 0.5) / step
        first = min(max(int(at) - 1, 0), len(_KNOTS) - 4)
        for k in range(first, first + 4):
            others = [j for j in range(first, first + 4) if j != k]
            weights[pixel, k] = math.prod((at - j) / (k - j) for j in others)
    return weights


_CUBIC = _cubic()

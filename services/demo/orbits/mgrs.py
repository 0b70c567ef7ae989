"""The tiles of Sentinel-2, named by the 100 km squares of the Military Grid Reference System, and metres as degrees.

Letters: NGA, Universal Grids (TM 8358.1). Tiles: 109.8 km a side, their upper left corner is the square's, on
multiples of 60 m (ESA, Sentinel-2 tiling grid): the tile 35VLG is 300000 to 409800 m, 6590220 to 6700020 m.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import MultiPolygon, Polygon, affinity, box
from shapely.geometry.base import BaseGeometry

from services.demo.world import transformer

SQUARE = 100_000
TILE = 109_800
"""Metres a side."""
Bounds = tuple[float, float, float, float]
_COLUMNS = ("STUVWXYZ", "ABCDEFGH", "JKLMNPQR")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_SPECIAL = {
    "31V": (0, 3), "32V": (3, 12), "31X": (0, 9), "33X": (9, 21), "35X": (21, 33), "37X": (33, 42),
}  # fmt: skip
"""West and east in degrees of the zones that are not six degrees wide."""
_ABSENT = {"32X", "34X", "36X"}


def degrees_of(epsg: int, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes of degrees, of web mercator, or of a UTM zone: there they may leave ±180, unbroken."""
    if epsg == 4326:
        return np.asarray(x, float), np.asarray(y, float)
    longitudes, latitudes = transformer(epsg, 4326).transform(np.asarray(x, float), np.asarray(y, float))
    if epsg != 3857:
        with np.errstate(invalid="ignore"):  # where the projection has no value it gives infinity
            longitudes = longitudes - 360 * np.round((np.asarray(longitudes) - (6 * (epsg % 100) - 183)) / 360)
    return np.asarray(longitudes), np.asarray(latitudes)


@dataclass(frozen=True, order=True)
class Tile:
    """One tile of Sentinel-2."""

    zone: int
    """UTM zone, 1 to 60."""
    south: bool
    """True where northings count from 10,000,000 m at the equator."""
    column: int
    """Easting of the square's west edge in 100 km."""
    row: int
    """Northing of the square's south edge in 100 km."""

    @property
    def epsg(self) -> int:
        """EPSG code of its zone."""
        return (32700 if self.south else 32600) + self.zone

    @property
    def bounds(self) -> Bounds:
        """minx, miny, maxx, maxy in metres."""
        left = math.floor(self.column * SQUARE / 60) * 60
        top = math.ceil((self.row + 1) * SQUARE / 60) * 60
        return left, top - TILE, left + TILE, top

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude in degrees."""
        return _centre(self)

    @property
    def band(self) -> str:
        """Letter of the latitude band in which the middle of the square lies."""
        return band_at(_square_middle(self)[1])

    @property
    def name(self) -> str:
        """`35VLG`."""
        column = _COLUMNS[self.zone % 3][self.column - 1]
        row = _ROWS[(self.row + (5 if self.zone % 2 == 0 else 0)) % 20]
        return f"{self.zone:02d}{self.band}{column}{row}"


def band_at(latitude: float) -> str:
    """Letter of the band of 8° (the last one of 12°), from C at 80° S to X at 84° N."""
    return _BANDS[min(max(math.floor((latitude + 80) / 8), 0), 19)]


@lru_cache(maxsize=8192)
def _centre(tile: Tile) -> tuple[float, float]:
    west, south, east, north = tile.bounds
    longitude, latitude = degrees_of(tile.epsg, (west + east) / 2, (south + north) / 2)
    return float(longitude), float(latitude)


@lru_cache(maxsize=65536)
def _square_middle(tile: Tile) -> tuple[float, float]:
    longitude, latitude = degrees_of(tile.epsg, (tile.column + 0.5) * SQUARE, (tile.row + 0.5) * SQUARE)
    return float(longitude), float(latitude)


@lru_cache(maxsize=65536)
def exists(tile: Tile) -> bool:
    """Whether the tile's square touches its zone, and so has a name."""
    latitude = _square_middle(tile)[1]
    if not -80.5 <= latitude <= 84.5 or not 1 <= tile.column <= 8 or (latitude < 0) != tile.south:
        return False
    designator = f"{tile.zone}{tile.band}"
    if designator in _ABSENT:
        return False
    west, east = _SPECIAL.get(designator, (6 * tile.zone - 186, 6 * tile.zone - 180))
    steps = np.linspace(0, SQUARE, 5)
    x, y = np.meshgrid(tile.column * SQUARE + steps, tile.row * SQUARE + steps)
    longitudes, _ = degrees_of(tile.epsg, x, y)
    return bool(longitudes.max() > west and longitudes.min() < east)


def tiles_over(west: float, south: float, east: float, north: float) -> Iterator[Tile]:
    """The tiles that may touch a box in degrees (west < east, may leave ±180); a few more than do."""
    south, north = max(south, -80.0), min(north, 84.0)
    for zone_from_west in range(math.floor((west + 180) / 6) - 2, math.floor((east + 180) / 6) + 3):
        shift = 360 * math.floor(zone_from_west / 60)
        zone = zone_from_west % 60 + 1
        for hemisphere, low, high in ((True, south, min(north, 0.5)), (False, max(south, -0.5), north)):
            if low <= high:
                yield from _tiles_in(zone, hemisphere, (west - shift, low, east - shift, high))


def _tiles_in(zone: int, south: bool, box: Bounds) -> Iterator[Tile]:
    """Those of one zone and hemisphere."""
    middle = 6 * zone - 183
    west, east = max(box[0], middle - 10), min(box[2], middle + 10)
    if west > east:
        return
    lon, lat = np.meshgrid(np.linspace(west, east, 7), np.linspace(box[1], box[3], 7))
    x, y = transformer(4326, (32700 if south else 32600) + zone).transform(lon, lat)
    margin = 5_000.0
    for column in range(math.floor((x.min() - TILE - margin) / SQUARE), math.floor((x.max() + margin) / SQUARE) + 1):
        for row in range(math.floor((y.min() - margin) / SQUARE) - 1, math.floor((y.max() + TILE) / SQUARE) + 1):
            tile = Tile(zone, south, column, row)
            if exists(tile):
                yield tile


def tile_named(name: str) -> Tile | None:
    """The tile of a name such as `35VLG`; None where there is none."""
    if len(name) != 5 or not name[:2].isdigit() or not 1 <= int(name[:2]) <= 60 or name[2] not in _BANDS:
        return None
    zone, south = int(name[:2]), name[2] < "N"
    if name[3] not in _COLUMNS[zone % 3] or name[4] not in _ROWS:
        return None
    column = _COLUMNS[zone % 3].index(name[3]) + 1
    first = (_ROWS.index(name[4]) - (5 if zone % 2 == 0 else 0)) % 20
    for row in range(first, 100, 20):
        tile = Tile(zone, south, column, row)
        if exists(tile) and tile.name == name:
            return tile
    return None


def in_degrees(epsg: int, shape: BaseGeometry, step: float) -> MultiPolygon:
    """A shape with vertices at least every `step` units, in degrees, cut at the 180th meridian."""

    def turned(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(degrees_of(epsg, points[:, 0], points[:, 1]))

    continuous = shapely.transform(shapely.segmentize(shape, step), turned)
    pieces: list[Polygon] = []
    for turn in (-360, 0, 360):
        inside = continuous.intersection(box(-180 + turn, -90, 180 + turn, 90))
        moved = affinity.translate(inside, xoff=-turn)
        pieces += [part for part in getattr(moved, "geoms", [moved]) if isinstance(part, Polygon) and part.area > 0]
    return MultiPolygon(pieces)

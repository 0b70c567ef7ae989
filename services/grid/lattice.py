"""The plane that is cut in rectangles: tile indices, tiles, and the tiles around one, in one UTM zone.

Everything here is arithmetic: a lattice has no end, and which of its tiles an area touches the grid knows.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from services.errors import GridError
from services.geo import Bounds, Ring, to_wgs84, transformer
from services.lazy import lazy

if TYPE_CHECKING:
    from sentinelhub.geometry import BBox

RADII = (0, 1, 2)
"""Radii of a neighbourhood: 1 × 1, 3 × 3 and 5 × 5 tiles."""
EASTINGS = (-9.0e6, 1.0e7)
"""Metres that a UTM easting can have, far beyond its zone: a quarter of the equator either way."""
NORTHINGS = (-1.0e7, 2.0e7)
"""Metres that a UTM northing can have: pole to pole, with the 10,000,000 m that southern zones add."""
_SIDE_VERTICES = 8
"""Parts in which a side of a neighbourhood is cut for a map: the chord stays within a metre of the curve."""
_COVER = 1e-6
"""Degrees, 0.1 m: bounds are rounded outwards to it; an edge bulges by less between two points."""


@dataclass(frozen=True, order=True)
class TileIndex:
    """Which tile, as `sentinelhub.BBoxSplitter` counts: `index_x`, `index_y`. Written `35,25`."""

    x: int
    """From the west."""
    y: int
    """From the south."""

    def __str__(self) -> str:
        return f"{self.x},{self.y}"


@dataclass(frozen=True)
class Tile:
    """One rectangle of a lattice."""

    index: TileIndex
    bounds: Bounds
    """minx, miny, maxx, maxy in metres of `epsg`."""
    epsg: int
    """EPSG code of the UTM zone."""
    number: int | None = None
    """Position in the splitter's list, from 0; None where the tile is not in it or no grid was asked."""
    outside: bool = False
    """True where the area does not touch the tile."""

    @property
    def bbox(self) -> "BBox":
        """The same rectangle as sentinelhub's type."""
        from sentinelhub.constants import CRS
        from sentinelhub.geometry import BBox

        return BBox(self.bounds, CRS(str(self.epsg)))

    @property
    def name(self) -> str:
        """For files and folders: `x35_y25`."""
        return f"x{self.index.x}_y{self.index.y}"

    def size_px(self, resolution: int) -> tuple[int, int]:
        """Width and height at `resolution` metres a pixel, as `bbox_to_dimensions` of sentinelhub."""
        west, south, east, north = self.bounds
        return round((east - west) / resolution), round((north - south) / resolution)


@dataclass(frozen=True)
class Lattice:
    """Tile edges at x0 + i·dx and y0 + j·dy, in this very expression: they equal the splitter's floats.

    Raises GridError where the numbers make no lattice.
    """

    epsg: int
    """EPSG code of the UTM zone: 32601–32660 or 32701–32760."""
    x0: float
    """Easting in metres of the western edge of tile 0."""
    y0: float
    """Northing in metres of the southern edge of tile 0."""
    dx: float
    """Width of a tile in metres."""
    dy: float
    """Height of a tile in metres."""

    def __post_init__(self) -> None:
        if not (32601 <= self.epsg <= 32660 or 32701 <= self.epsg <= 32760):
            raise GridError(f"EPSG:{self.epsg} is not a UTM zone.", "Use 32601 to 32660 or 32701 to 32760.")
        sizes = (self.x0, self.y0, self.dx, self.dy)
        if not all(math.isfinite(size) for size in sizes) or min(self.dx, self.dy) <= 0:
            raise GridError(
                f"A tile cannot measure {self.dx} × {self.dy} m from {self.x0}, {self.y0} on.",
                "Give finite metres above 0.",
            )

    def bounds(self, index: TileIndex) -> Bounds:
        """Of one tile, in metres."""
        return self.rectangle(index, 1, 1)

    def rectangle(self, lower_left: TileIndex, columns: int, rows: int) -> Bounds:
        """Of `columns` × `rows` tiles, in metres; its edges are the edges of the tiles."""
        return (
            self.x0 + lower_left.x * self.dx,
            self.y0 + lower_left.y * self.dy,
            self.x0 + (lower_left.x + columns) * self.dx,
            self.y0 + (lower_left.y + rows) * self.dy,
        )

    def ring_wgs84(self, lower_left: TileIndex, columns: int, rows: int) -> Ring:
        """Closed ring (lon, lat) around so many tiles, from the south-west counter-clockwise, along their edges.

        Continuous: where it crosses the 180th meridian its longitudes go on beyond ±180.
        """
        west, south, east, north = self.rectangle(lower_left, columns, rows)
        steps = np.arange(_SIDE_VERTICES) / _SIDE_VERTICES
        x = np.concatenate([west + steps * (east - west), np.full(len(steps), east)])
        y = np.concatenate([np.full(len(steps), south), south + steps * (north - south)])
        longitudes, latitudes = to_wgs84(
            self.epsg, np.concatenate([x, west + east - x]), np.concatenate([y, south + north - y])
        )
        ring = list(zip(longitudes.tolist(), latitudes.tolist(), strict=True))
        return [*ring, ring[0]]

    def tile(self, index: TileIndex) -> Tile:
        """By arithmetic alone: no number, not outside of anything."""
        return Tile(index, self.bounds(index), self.epsg)

    def index_of(self, x: float, y: float) -> TileIndex:
        """The tile that holds a point in metres; a point on an edge belongs to the tile east and north of it.

        Raises GridError where the point is not finite.
        """
        if not (math.isfinite(x) and math.isfinite(y)):
            raise GridError("The point has no place in the grid's UTM zone.", "Choose one nearer to the area.")
        return TileIndex(_cell(self.x0, self.dx, x), _cell(self.y0, self.dy, y))

    def size_px(self, resolution: int) -> tuple[int, int]:
        """Width and height of every tile at `resolution` metres a pixel, rounded as `Tile.size_px`.

        The difference of two edges varies in its last digits from tile to tile, the step does not: so all
        tiles have the same size, even where it ends in half a pixel. Raises GridError for less than 1 m.
        """
        if resolution < 1:
            raise GridError(f"A pixel must be at least 1 m wide, got {resolution}.", "10 is the finest.")
        return round(self.dx / resolution), round(self.dy / resolution)

    def neighbourhood(self, centre: TileIndex, radius: int) -> "TileBlock":
        """The (2·radius + 1)² tiles around `centre`; kept, for it takes a while to know that they are on Earth.

        Raises GridError for a radius other than 0, 1 or 2, and for a centre that is not on Earth.
        """
        return _neighbourhood(self, centre, radius)


@dataclass(frozen=True)
class TileBlock:
    """A rectangle of tiles, always complete: a neighbourhood, or what holds all of an order's.

    Raises GridError where it is empty or not on Earth.
    """

    lattice: Lattice
    lower_left: TileIndex
    """The south-western tile."""
    columns: int
    """Tiles, west to east."""
    rows: int
    """Tiles, south to north."""

    def __post_init__(self) -> None:
        if min(self.columns, self.rows) < 1:
            raise GridError(f"A block of {self.columns} × {self.rows} has no tiles.", "Give at least 1 × 1.")
        try:
            west, south, east, north = self.bounds
        except OverflowError:
            west = south = east = north = math.inf
        inside = EASTINGS[0] <= west and east <= EASTINGS[1] and NORTHINGS[0] <= south and north <= NORTHINGS[1]
        if not (inside and all(map(math.isfinite, self.bounds_wgs84))):
            middle = TileIndex(self.lower_left.x + self.columns // 2, self.lower_left.y + self.rows // 2)
            raise GridError(f"Tile {middle} is not on Earth.", "Choose a tile in or near the area.")

    @property
    def side(self) -> int:
        """Tiles a side of a neighbourhood: 1, 3 or 5."""
        return self.columns

    @lazy
    def indices(self) -> tuple[TileIndex, ...]:
        """In display order: north row first, west to east."""
        return indices_of(self.lower_left, self.columns, self.rows)

    @lazy
    def tiles(self) -> tuple[Tile, ...]:
        """In display order, without numbers: see `Grid.neighbourhood` for those."""
        return tuple(map(self.lattice.tile, self.indices))

    @lazy
    def bounds(self) -> Bounds:
        """minx, miny, maxx, maxy in metres of the lattice's zone."""
        return self.lattice.rectangle(self.lower_left, self.columns, self.rows)

    def covers(self, other: "TileBlock") -> bool:
        """Whether all tiles of another block are its own."""
        first, last = other.lower_left, TileIndex(other.lower_left.x + other.columns, other.lower_left.y + other.rows)
        return (
            self.lattice == other.lattice
            and self.lower_left.x <= first.x
            and self.lower_left.y <= first.y
            and last.x <= self.lower_left.x + self.columns
            and last.y <= self.lower_left.y + self.rows
        )

    @lazy
    def bounds_wgs84(self) -> Bounds:
        """West, south, east, north in degrees that cover it; west > east across the 180th meridian."""
        inverse = transformer(self.lattice.epsg, 4326)
        west, south, east, north = inverse.transform_bounds(*self.bounds, densify_pts=101, errcheck=False)
        return (
            _outwards(west, math.floor),
            _outwards(south, math.floor),
            _outwards(east, math.ceil),
            _outwards(north, math.ceil),
        )

    @property
    def polygon_wgs84(self) -> Ring:
        """Its edges on a map, see `Lattice.ring_wgs84`."""
        return self.lattice.ring_wgs84(self.lower_left, self.columns, self.rows)


def indices_of(lower_left: TileIndex, columns: int, rows: int) -> tuple[TileIndex, ...]:
    """Of a rectangle of tiles, in display order: north row first, west to east."""
    left, low = lower_left.x, lower_left.y
    return tuple(TileIndex(left + i, low + j) for j in reversed(range(rows)) for i in range(columns))


def _cell(origin: float, step: float, position: float) -> int:
    """The whole i with origin + i·step <= position < origin + (i + 1)·step, however the division rounds."""
    cell = math.floor((position - origin) / step)
    if position < origin + cell * step:
        return cell - 1
    return cell + 1 if position >= origin + (cell + 1) * step else cell


def _outwards(degrees: float, rounded: Callable[[float], int]) -> float:
    """To the next whole micro-degree but one; infinite stays infinite."""
    if not math.isfinite(degrees):
        return degrees
    away = -1 if rounded is math.floor else 1
    return round((rounded(degrees / _COVER) + away) * _COVER, 6)


@lru_cache(maxsize=512)
def _neighbourhood(lattice: Lattice, centre: TileIndex, radius: int) -> TileBlock:
    if radius not in RADII:
        raise GridError(f"The radius must be 0, 1 or 2, got {radius}.", "Choose one of these.")
    return TileBlock(lattice, TileIndex(centre.x - radius, centre.y - radius), 2 * radius + 1, 2 * radius + 1)

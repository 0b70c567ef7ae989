"""The grid: the tiles of a lattice that an area touches, in the order of the splitter of sentinelhub."""

import math
import re
from dataclasses import dataclass, field, replace

import numpy as np

from services.area import AOI
from services.errors import GridError
from services.geo import to_utm
from services.grid.intersect import Indices, intersecting_tiles
from services.grid.lattice import Lattice, Tile, TileIndex
from services.grid.lines import Line, grid_lines
from services.grid.zones import part_in, zones_of
from services.settings import Settings
from services.text import quoted

STEP = 60
"""Metres: tile sizes of the team grid are multiples of it, so that pixels of 10, 20 and 60 m align."""
SMALLEST_M = 10.0
"""Metres of one pixel: no tile is narrower."""
_BYTES = 2000
"""Of a grid without tiles."""
_SPLIT = re.compile(r"(\d{1,6})\s*[x×]\s*(\d{1,6})", re.ASCII)
_TEAM = re.compile(r"\d{1,6}", re.ASCII)
_ZONE = re.compile(r"(.*)z(\d{2})", re.ASCII)


@dataclass(frozen=True)
class Grid:
    """The tiles of a lattice that an area touches. Made by `split`, `team`, `in_zone` and `from_spec`."""

    aoi: AOI
    lattice: Lattice
    spec: str
    """`54x39` or `3300`: `from_spec` makes the same grid of it again.

    With the zone, `3300z32`, where that of Sentinel-2's tiles is not the plain one, and of a part of the area.
    """
    lower_left: TileIndex
    """The south-western tile of the area's extent: 0,0 where the extent is split."""
    columns: int
    """Of the extent, west to east."""
    rows: int
    """Of the extent, south to north."""
    indices: Indices = field(repr=False, compare=False)
    """(n, 2): x and y of each tile, sorted by x, then y: the splitter's order."""
    is_part: bool = False
    """Whether it is only over the area's part in its zone."""

    @classmethod
    def split(
        cls, aoi: AOI, columns: int, rows: int, limits: Settings | None = None, epsg: int | None = None
    ) -> "Grid":
        """The area's extent cut in `columns` × `rows`: equals `sentinelhub.BBoxSplitter`, boxes and order.

        In the area's zone where `epsg` names no other.

        Raises GridError where the tiles would be smaller than a pixel or more than `limits.max_tiles`, and AreaError
        where the area is too wide.
        """
        if columns < 1 or rows < 1:
            raise GridError(f"A grid of {columns} × {rows} has no tiles.", "Give at least 1 × 1.")
        aoi.check_reach(limits)
        epsg = epsg or aoi.epsg
        shape = aoi.projected(epsg)
        minx, miny, maxx, maxy = shape.bounds
        dx, dy = (maxx - minx) / columns, (maxy - miny) / rows  # the expression of BBox.get_partition
        if min(dx, dy) < SMALLEST_M:
            raise GridError(
                f"In a grid of {columns:,} × {rows:,} a tile would measure {dx:.3g} × {dy:.3g} m; "
                f"one pixel has {SMALLEST_M:.0f} m.",
                "Choose fewer columns and rows, or a larger area.",
            )
        lattice = Lattice(epsg, minx, miny, dx, dy)
        first = TileIndex(0, 0)
        indices = intersecting_tiles(shape, lattice, first, columns, rows, _most(limits))
        spec = _with_zone(aoi, f"{columns}x{rows}", epsg)
        return cls(aoi, lattice, spec, first, columns, rows, indices)

    @classmethod
    def team(cls, aoi: AOI, tile_size: int, limits: Settings | None = None, epsg: int | None = None) -> "Grid":
        """Square tiles of `tile_size` metres whose origins are multiples of it: the same for every area in the zone.

        All that the outline touches as it is drawn, also where a long line is a curve in metres; in the area's zone
        where `epsg` names no other.
        Raises GridError for a size that is no multiple of 60, and for more tiles than `limits.max_tiles`, and AreaError
        where the area is too wide.
        """
        if tile_size < STEP or tile_size % STEP:
            raise GridError(
                f"The tile size must be a multiple of {STEP} m, got {tile_size}.",
                f"Choose {max(STEP, round(tile_size / STEP) * STEP)}: then pixels of 10, 20 and 60 m align.",
            )
        aoi.check_reach(limits)
        epsg = epsg or aoi.epsg
        lattice = Lattice(epsg, 0.0, 0.0, float(tile_size), float(tile_size))
        shape = aoi.drawn(epsg)
        minx, miny, maxx, maxy = shape.bounds
        first = TileIndex(math.floor(minx / tile_size), math.floor(miny / tile_size))
        columns = math.ceil(maxx / tile_size) - first.x
        rows = math.ceil(maxy / tile_size) - first.y
        indices = intersecting_tiles(shape, lattice, first, columns, rows, _most(limits))
        return cls(aoi, lattice, _with_zone(aoi, str(tile_size), epsg), first, columns, rows, indices)

    @classmethod
    def in_zone(cls, aoi: AOI, tile_size: int, epsg: int, limits: Settings | None = None) -> "Grid":
        """The team grid of a zone over the area's part there, which is in that zone. Raises GridError as `team`."""
        grid = cls.team(part_in(aoi, epsg), tile_size, limits, epsg)
        return replace(grid, aoi=aoi, spec=f"{tile_size}z{epsg % 100:02d}", is_part=True)

    @classmethod
    def from_spec(cls, aoi: AOI, spec: str, limits: Settings | None = None) -> "Grid":
        """From `54x39` (columns × rows) or `3300` (metres of the team grid), and either with a zone: `3300z32`.

        The zone of the area's middle has all of it, unless it is too wide; any other of its zones the part that lies
        there, in the team grid. Raises GridError for anything else, and for a zone that is none of the area's.
        """
        cut, epsg = spec.strip(), None
        if zoned := _ZONE.fullmatch(cut):
            cut, epsg = zoned[1], _epsg_of(aoi, int(zoned[2]))
            if _TEAM.fullmatch(cut) and not _holds(aoi, epsg, limits):
                return cls.in_zone(aoi, int(cut), epsg, limits)
        if match := _SPLIT.fullmatch(cut):
            return cls.split(aoi, int(match[1]), int(match[2]), limits, epsg)
        if _TEAM.fullmatch(cut):
            return cls.team(aoi, int(cut), limits, epsg)
        raise GridError(
            f"{quoted(spec[:40])} is no grid.",
            "Write columns and rows like 54x39, or the tile size in metres like 3300.",
        )

    @property
    def link(self) -> str:
        """The specification as links have it: without a zone where it is the plain one, as it always was in them."""
        plain = self.lattice.epsg == self.aoi.plain_epsg and not self.is_part
        return self.cut if plain else self.spec

    @property
    def cut(self) -> str:
        """The specification without a zone: what cuts another area alike."""
        return self.spec.partition("z")[0]

    @property
    def memory_bytes(self) -> int:
        """About what it takes in memory, with its area."""
        return self.aoi.memory_bytes + int(self.indices.nbytes) + _BYTES

    def __len__(self) -> int:
        return len(self.indices)

    def number(self, index: TileIndex) -> int | None:
        """Position in the splitter's list, from 0; None where the area does not touch the tile."""
        start, end = np.searchsorted(self.indices[:, 0], [index.x, index.x + 1])
        place = int(start + np.searchsorted(self.indices[start:end, 1], index.y))
        return place if place < end and self.indices[place, 1] == index.y else None

    def tile(self, index: TileIndex) -> Tile:
        """With its number, or flagged outside. Raises GridError for a tile that is not on Earth."""
        return self.neighbourhood(index, 0)[0]

    def tile_at(self, longitude: float, latitude: float) -> TileIndex:
        """The tile that holds a place in degrees, inside the area or not; any turn of longitudes.

        Raises GridError where the place is too far for the grid's zone.
        """
        x, y = to_utm(self.lattice.epsg, longitude, latitude)
        return self.lattice.index_of(float(x), float(y))

    def middle(self) -> TileIndex:
        """The tile of the grid that is nearest to the mean of all."""
        away = np.square(self.indices - self.indices.mean(axis=0)).sum(axis=1)
        x, y = self.indices[np.argmin(away)].tolist()
        return TileIndex(x, y)

    def neighbourhood(self, centre: TileIndex, radius: int) -> tuple[Tile, ...]:
        """The tiles around `centre` in display order, numbered, those beyond the area flagged outside.

        Raises GridError for a radius other than 0, 1 or 2, and where the tiles are not on Earth.
        """
        around = self.lattice.neighbourhood(centre, radius)
        return tuple(self._tile(index) for index in around.indices)

    def lines(self) -> list[Line]:
        """Every edge of the tiles once, as lines of (latitude, longitude) for a map; longitudes are continuous."""
        return grid_lines(self.lattice, self.indices)

    def _tile(self, index: TileIndex) -> Tile:
        number = self.number(index)
        bounds = self.lattice.bounds(index)
        return Tile(index, bounds, self.lattice.epsg, number, outside=number is None)


def linked(aoi: AOI, spec: str) -> str:
    """What a link says (`Grid.link`) as `Grid.from_spec` takes it: without a zone it means the plain one."""
    return spec if "z" in spec else _with_zone(aoi, spec, aoi.plain_epsg)


def _with_zone(aoi: AOI, cut: str, epsg: int) -> str:
    return cut if aoi.epsg == aoi.plain_epsg else f"{cut}z{epsg % 100:02d}"


def zone_grids(aoi: AOI, tile_size: int, limits: Settings | None = None) -> tuple[Grid, ...]:
    """The team grid of each zone over the area's part there, in the order of their codes. Raises GridError as `team`.

    Tiles at a border are in both zones, so that no gap is between them.
    """
    return tuple(Grid.in_zone(aoi, tile_size, epsg, limits) for epsg in zones_of(aoi))


def _epsg_of(aoi: AOI, zone: int) -> int:
    found = [epsg for epsg in (aoi.epsg, aoi.plain_epsg, *zones_of(aoi)) if epsg % 100 == zone]
    if not found:
        raise GridError(
            f"Zone {zone} is not the area's: its middle is in zone {aoi.epsg % 100}.", "Leave the zone away."
        )
    return found[0]


def _holds(aoi: AOI, epsg: int, limits: Settings | None) -> bool:
    """Whether all of the area is gridded in that zone: it has its middle, or had it in older links."""
    return epsg in (aoi.epsg, aoi.plain_epsg) and aoi.reach_km <= _limits(limits).max_reach_km


def _most(limits: Settings | None) -> int:
    return _limits(limits).max_tiles


def _limits(limits: Settings | None) -> Settings:
    return limits or Settings.model_construct()

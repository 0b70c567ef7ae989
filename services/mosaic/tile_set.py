"""The tile COGs of one UTM zone as one raster: which file lies at which pixel, whether it is there yet or not."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from affine import Affine

from services.geo import Bounds, geometry_of, to_polygons
from services.grid import Lattice, TileIndex
from services.lazy import lazy

COLLECTION, ITEMS = "collection.json", "items.parquet"
"""Files in the order's folder: the STAC collection, and all of its items as one table."""


@dataclass(frozen=True)
class TileSet:
    """Tiles of one lattice, north up; the raster is their bounding rectangle. Raises ValueError without a tile."""

    folder: Path
    """Of the order: its tiles lie in `tiles/<epsg>`."""
    lattice: Lattice
    indices: tuple[TileIndex, ...]
    """Of the tiles that belong to it, in display order: north row first, west to east."""
    resolution: int
    """Metres of a pixel."""
    bands: tuple[str, ...]
    """Of each file, before the count of clear observations."""

    def __post_init__(self) -> None:
        if not self.indices:
            raise ValueError(f"a mosaic of EPSG:{self.epsg} has no tile")

    @property
    def epsg(self) -> int:
        """EPSG code of the UTM zone."""
        return self.lattice.epsg

    @lazy
    def lower_left(self) -> TileIndex:
        """South-western corner of the rectangle, whether a tile is there or not."""
        return TileIndex(min(one.x for one in self.indices), min(one.y for one in self.indices))

    @lazy
    def columns(self) -> int:
        """Tiles from west to east."""
        return max(one.x for one in self.indices) - self.lower_left.x + 1

    @lazy
    def rows(self) -> int:
        """Tiles from south to north."""
        return max(one.y for one in self.indices) - self.lower_left.y + 1

    @lazy
    def tile_px(self) -> tuple[int, int]:
        """Width and height of each tile."""
        return self.lattice.size_px(self.resolution)

    @property
    def width(self) -> int:
        """Pixels, west to east."""
        return self.columns * self.tile_px[0]

    @property
    def height(self) -> int:
        """Pixels, north to south."""
        return self.rows * self.tile_px[1]

    @property
    def samples(self) -> int:
        """Numbers of a pixel: the bands and the count."""
        return len(self.bands) + 1

    @property
    def bounds(self) -> Bounds:
        """minx, miny, maxx, maxy in metres."""
        return self.lattice.rectangle(self.lower_left, self.columns, self.rows)

    @property
    def transform(self) -> Affine:
        """From pixels to metres: that of each tile, a hair off the resolution where tiles are no multiple of it."""
        west, _, _, north = self.bounds
        across, down = self.tile_px
        return Affine(self.lattice.dx / across, 0.0, west, 0.0, -self.lattice.dy / down, north)

    def corner(self, index: TileIndex) -> tuple[int, int]:
        """Column and row of a tile's north-western pixel."""
        across, down = self.tile_px
        return (index.x - self.lower_left.x) * across, (self.lower_left.y + self.rows - 1 - index.y) * down

    def name(self, index: TileIndex) -> str:
        """Of a tile's file, below the order's folder: `tiles/32635/x35_y25.tif`."""
        return f"tiles/{self.epsg}/x{index.x}_y{index.y}.tif"

    def path(self, index: TileIndex) -> Path:
        """Where that file is or will be."""
        return self.folder / self.name(index)

    def present(self) -> dict[TileIndex, int]:
        """The tiles whose files are there, with their bytes; one look into the folder."""
        found = {path.name: path for path in (self.folder / f"tiles/{self.epsg}").glob("x*_y*.tif")}
        names = {index: self.path(index).name for index in self.indices}
        return {index: found[name].stat().st_size for index, name in names.items() if name in found}


def footprint_of(lattice: Lattice, lower_left: TileIndex, columns: int = 1, rows: int = 1) -> dict[str, object]:
    """So many tiles as a GeoJSON geometry, cut at the 180th meridian (RFC 7946, § 3.1.9)."""
    ring = lattice.ring_wgs84(lower_left, columns, rows)
    polygons, _ = to_polygons([(tuple((x, y) for x, y in ring),)], repair=False)
    return dict(geometry_of(polygons).__geo_interface__)


Tell = Callable[[float], None]
"""Is told how much of the work is done, 0 to 1."""

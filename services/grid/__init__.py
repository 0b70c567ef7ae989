"""Grids of tiles: an AOI in, the tiles of one UTM zone that it intersects out, and the block around one of them."""

from services.grid.grid import STEP, Grid, linked, zone_grids
from services.grid.lattice import RADII, Lattice, Tile, TileBlock, TileIndex, indices_of
from services.grid.tiling import Cell, cover_missing, fewer, merged
from services.grid.zones import largest_zone, part_in, zones_of

__all__ = [
    "RADII",
    "STEP",
    "Cell",
    "Grid",
    "Lattice",
    "Tile",
    "TileBlock",
    "TileIndex",
    "cover_missing",
    "fewer",
    "indices_of",
    "largest_zone",
    "linked",
    "merged",
    "part_in",
    "zone_grids",
    "zones_of",
]

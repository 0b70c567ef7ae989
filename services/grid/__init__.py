"""Grids of tiles: an AOI in, the tiles of one UTM zone that it intersects out, and the block around one of them."""

from services.grid.grid import STEP, Grid, linked
from services.grid.lattice import RADII, Lattice, Tile, TileBlock, TileIndex
from services.grid.tiling import Cell, cover_missing, fewer, merged
from services.grid.zones import zone_grids, zones_of

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
    "linked",
    "merged",
    "zone_grids",
    "zones_of",
]

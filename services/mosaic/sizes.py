"""Bytes that an order's outputs will take, and the space that making them needs besides: for the bill, beforehand."""

from services.mosaic.tile_set import TileSet

TILE_PACKED = 0.6
"""Bytes on the disk for each byte of a tile COG's numbers. Of results of the demo archive with six bands and tiles of
330 px: 0.45 to 0.52; of tiles of 150 to 180 px, whose blocks are not full, up to 0.59."""
MOSAIC_PACKED = 0.75
"""The same of a mosaic with its overviews, which are a third more: of the same results 0.64 to 0.66."""
CUBE_PACKED = 0.5
"""The same of the cubes, without overviews: of 12 tiles of the demo archive 0.42 as Zarr, 0.40 as NetCDF."""


def numbers_bytes(tiles: TileSet) -> int:
    """Of all numbers of its tiles, as they are in memory; what is not there takes no space in any file."""
    across, down = tiles.tile_px
    return len(tiles.indices) * across * down * tiles.samples * 2


def tiles_bytes(tiles: TileSet) -> int:
    """Of the tile COGs."""
    return round(TILE_PACKED * numbers_bytes(tiles))


def mosaic_bytes(tiles: TileSet) -> int:
    """Of a COG of all of them."""
    return round(MOSAIC_PACKED * numbers_bytes(tiles))


def temporary_bytes(tiles: TileSet) -> int:
    """That GDAL needs beside the COG while it writes it: its overviews, and as much again where they are rewritten."""
    return round(MOSAIC_PACKED * numbers_bytes(tiles) / 2)


def cube_bytes(tiles: TileSet) -> int:
    """Of a Zarr cube."""
    return round(CUBE_PACKED * numbers_bytes(tiles))


def patches_bytes(tiles: TileSet, dates: int) -> int:
    """Of EOPatches of so many dates a tile, on average: bands and two masks of each date, and what came of them.

    They are as large on the disk as in memory: the frames of a result are packed hardly better than its zip.
    """
    across, down = tiles.tile_px
    bands = len(tiles.bands)
    return len(tiles.indices) * across * down * (dates * (2 * bands + 3) + 4 * bands + 2)

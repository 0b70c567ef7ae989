"""Mosaics as Cloud Optimized GeoTIFFs, from virtual ones: by GDAL's COG driver, in memory that does not grow."""

from collections.abc import Callable, Sequence
from pathlib import Path

from services.cancellation import never
from services.mosaic.building import making, run_apart
from services.mosaic.sizes import mosaic_bytes, temporary_bytes
from services.mosaic.tile_set import Tell, TileSet


def unheard(_: float) -> None:
    """Nobody is told."""


def make_mosaic(
    tiles: TileSet, vrt: Path, path: Path, *, tell: Tell = unheard, cancelled: Callable[[], bool] = never
) -> Path:
    """Write the virtual mosaic as a COG of the same numbers, whole or not at all.

    Raises Cancelled, and StorageError where the disk refuses.
    """
    with making(path.parent) as place:
        beside = place / path.name
        expected = mosaic_bytes(tiles) + temporary_bytes(tiles)
        request = {"source": str(vrt), "target": str(beside)}
        run_apart("cog", request, tiles, watched=place, expected=expected, tell=tell, cancelled=cancelled)
        beside.replace(path)
    return path


def make_reprojected(
    sets: Sequence[TileSet],
    vrts: Sequence[Path],
    epsg: int,
    path: Path,
    *,
    tell: Tell = unheard,
    cancelled: Callable[[], bool] = never,
) -> Path:
    """Write the virtual mosaics of all zones as one COG in another system. Raises as `make_mosaic`."""
    widest = max(sets, key=lambda one: one.width)
    with making(path.parent) as place:
        beside = place / path.name
        expected = sum(mosaic_bytes(one) + temporary_bytes(one) for one in sets)
        request = {
            "sources": [str(one) for one in vrts],
            "epsg": epsg,
            "resolution": widest.resolution,
            "folder": str(place),
            "target": str(beside),
        }
        run_apart("warped cog", request, widest, watched=place, expected=expected, tell=tell, cancelled=cancelled)
        beside.replace(path)
    return path

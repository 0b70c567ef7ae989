"""Outlines as rasters: what lies outside of an area, laid over a mosaic without touching a pixel inside."""

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.windows import Window
from rasterio.windows import transform as placed
from shapely.geometry.base import BaseGeometry

from services.area import AOI
from services.errors import AreaError
from services.grid import TileIndex, part_in
from services.mosaic.tile_set import TileSet
from services.mosaic.vrt import Overlay
from services.sentinel2 import NO_DATA
from services.storage import write_beside

_OUTSIDE = 1
"""In the raster of what lies outside; 0 inside."""


def outside_overlay(path: Path, tiles: TileSet, area: AOI) -> Overlay:
    """Write the raster of what lies outside of the area, and give the sources that lay it over a mosaic beside it.

    A pixel is inside where its centre is. Nothing is resampled: outside there is no data and no observation, inside
    each number stays. Raises StorageError where the disk refuses.
    """
    shape = _drawn(area, tiles.epsg)
    shapely.prepare(shape)
    cut = [index for index in tiles.indices if not shape.contains(shapely.box(*tiles.lattice.bounds(index)))]
    write_beside(path, lambda beside: _write(beside, tiles, cut, shape))
    return lambda counts: "".join(_sources(path.name, tiles, cut, 0 if counts else NO_DATA))


def _drawn(area: AOI, epsg: int) -> BaseGeometry:
    """In metres of the zone; only what lies in it where the area goes on farther than the zone can be continued."""
    try:
        return area.drawn(epsg)
    except AreaError:
        return part_in(area, epsg).drawn(epsg)


def _write(path: Path, tiles: TileSet, cut: list[TileIndex], shape: BaseGeometry) -> None:
    """Of the tiles that the outline cuts; blocks of others are not there."""
    across, down = tiles.tile_px
    layout = {"driver": "GTiff", "dtype": "uint8", "count": 1, "width": tiles.width, "height": tiles.height}
    packed = {"compress": "deflate", "sparse_ok": True, "tiled": True, "nodata": 0}
    with rasterio.open(path, "w", crs=f"EPSG:{tiles.epsg}", transform=tiles.transform, **layout, **packed) as dataset:
        for index in cut:
            window = Window(*tiles.corner(index), across, down)
            near = shapely.intersection(shape, shapely.box(*tiles.lattice.bounds(index)))
            inside = _burned(near, (down, across), placed(window, tiles.transform))
            dataset.write(np.where(inside, 0, _OUTSIDE).astype(np.uint8), 1, window=window)


def _burned(shape: BaseGeometry, size: tuple[int, int], transform: Affine) -> NDArray[np.uint8]:
    if shape.is_empty or not shape.area:
        return np.zeros(size, np.uint8)
    burned: NDArray[np.uint8] = rasterize([(shape, 1)], out_shape=size, transform=transform, dtype=np.uint8)
    return burned


def _sources(name: str, tiles: TileSet, cut: list[TileIndex], number: int) -> Iterator[str]:
    """XML: where the raster has _OUTSIDE, there is the number."""
    across, down = tiles.tile_px
    for index in cut:
        column, row = tiles.corner(index)
        place = f'xOff="{column}" yOff="{row}" xSize="{across}" ySize="{down}"'
        yield (
            f'<ComplexSource><SourceFilename relativeToVRT="1">{escape(name)}</SourceFilename>'
            f'<SourceBand>1</SourceBand><SourceProperties RasterXSize="{tiles.width}" RasterYSize="{tiles.height}" '
            f'DataType="Byte" BlockXSize="256" BlockYSize="256"/><SrcRect {place}/><DstRect {place}/>'
            f"<NODATA>0</NODATA><ScaleOffset>{number - _OUTSIDE}</ScaleOffset><ScaleRatio>1</ScaleRatio>"
            "</ComplexSource>\n"
        )

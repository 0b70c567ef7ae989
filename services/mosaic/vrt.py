"""Virtual mosaics (GDAL's VRT): tile COGs side by side in one small file of text, at once, by relative paths.

Written by hand: what a tile looks like is known without opening it, so that also 2,000 tiles take a moment.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from pyproj import CRS

from services.export import BLOCK, CLEAR_OBSERVATIONS, colour_of
from services.grid import TileIndex
from services.mosaic.tile_set import TileSet
from services.sentinel2 import DN_PER_UNIT, NO_DATA
from services.storage import write_beside

Overlay = Callable[[bool], str]
"""XML of sources that lie over those of a band; of the count of clear observations where it is True."""


def no_overlay(_: bool) -> str:
    """Nothing lies over the tiles."""
    return ""


def write_vrt(
    path: Path,
    tiles: TileSet,
    there: Collection[TileIndex],
    tags: Mapping[str, str],
    *,
    overlay: Overlay = no_overlay,
) -> Path:
    """Write the mosaic of the tiles that are `there`: NO_DATA and no observation where none is.

    Written whole, so it can be written again while tiles come. Raises StorageError where the disk refuses.
    """
    text = "".join(_lines(path, tiles, there, tags, overlay))
    return write_beside(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def _lines(
    path: Path, tiles: TileSet, there: Collection[TileIndex], tags: Mapping[str, str], overlay: Overlay
) -> Iterator[str]:
    yield dataset_head(
        tiles.width, tiles.height, CRS.from_epsg(tiles.epsg).to_wkt("WKT1_GDAL"), tiles.transform.to_gdal()
    )
    yield metadata({**tags, "AREA_OR_POINT": "Area"})
    for number, band in enumerate((*tiles.bands, CLEAR_OBSERVATIONS), start=1):
        yield band_head(number, band)
        for index in there:
            yield _source(path, tiles, index, number)
        yield overlay(band == CLEAR_OBSERVATIONS)
        yield "</VRTRasterBand>\n"
    yield "</VRTDataset>\n"


def system_of(epsg: int) -> str:
    """WKT 1 of a reference system."""
    return str(CRS.from_epsg(epsg).to_wkt("WKT1_GDAL"))


def dataset_head(width: int, height: int, system: str, transform: Iterable[float]) -> str:
    """The beginning of a file in a system of WKT 1; `transform` is in GDAL's order, x is east whatever it says."""
    placed = ", ".join(map(repr, transform))
    return (
        f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}">\n'
        f"<SRS>{escape(system)}</SRS>\n<GeoTransform>{placed}</GeoTransform>\n"
    )


def metadata(tags: Mapping[str, str]) -> str:
    """Tags of a file or a band."""
    items = "".join(f"<MDI key={quoteattr(name)}>{escape(words)}</MDI>" for name, words in tags.items())
    return f"<Metadata>{items}</Metadata>\n"


def band_head(number: int, band: str) -> str:
    """The beginning of a band, as a tile's file has it; the count has no NO_DATA, and 0 where no tile is."""
    counts = band == CLEAR_OBSERVATIONS
    unit, scale = ("observations", 1.0) if counts else ("reflectance", 1 / DN_PER_UNIT)
    return (
        f'<VRTRasterBand dataType="UInt16" band="{number}" blockXSize="{BLOCK}" blockYSize="{BLOCK}">'
        f"<Description>{band}</Description><UnitType>{unit}</UnitType><Offset>0</Offset><Scale>{scale}</Scale>"
        f"{'' if counts else f'<NoDataValue>{NO_DATA}</NoDataValue>'}"
        f"<ColorInterp>{colour_of(band).name.capitalize()}</ColorInterp>\n"
    )


def _source(path: Path, tiles: TileSet, index: TileIndex, number: int) -> str:
    """One band of one tile, pixel for pixel."""
    across, down = tiles.tile_px
    column, row = tiles.corner(index)
    name = tiles.path(index).relative_to(path.parent).as_posix()
    return (
        f'<SimpleSource><SourceFilename relativeToVRT="1">{escape(name)}</SourceFilename>'
        f"<SourceBand>{number}</SourceBand>"
        f'<SourceProperties RasterXSize="{across}" RasterYSize="{down}" DataType="UInt16" '
        f'BlockXSize="{BLOCK}" BlockYSize="{BLOCK}"/>'
        f'<SrcRect xOff="0" yOff="0" xSize="{across}" ySize="{down}"/>'
        f'<DstRect xOff="{column}" yOff="{row}" xSize="{across}" ySize="{down}"/></SimpleSource>\n'
    )

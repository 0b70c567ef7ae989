"""Overviews of a mosaic, halved level by level and window by window, before GDAL's COG driver copies them.

The driver would make them itself, level after level of the tiles, which it opens again for each of them: a mosaic of
2,000 tiles took it hours with a small cache, and gigabytes with a large one.
"""

from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.io import DatasetReader
from rasterio.windows import Window

from services.export import BLOCK
from services.mosaic.tile_set import Tell
from services.mosaic.vrt import band_head, dataset_head, metadata
from services.sentinel2 import NO_DATA

_STRIPE = 2 * BLOCK
"""Px a side of the windows: a block of the level above."""
_PLAIN = {"driver": "GTiff", "tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "interleave": "pixel"}
_QUICK = {"compress": "deflate", "zlevel": 1, "predictor": 2, "bigtiff": "if_safer", "num_threads": "all_cpus"}


def with_overviews(source: Path, folder: Path, tell: Tell) -> Path:
    """A virtual file in `folder` of the same numbers that has overviews, each half of the one before, down to a block.

    Averages of four that leave no data out; of the counts they are averages of all. What is told is the part of all
    pixels that have been read.
    """
    levels, below = list[Path](), source
    with rasterio.open(source) as whole:
        done = 0.0
        while max(_size(below)) > BLOCK:
            part = 0.75 / 4 ** len(levels)
            below = _halved(below, folder / f"level{len(levels)}.tif", partial(_tell_part, tell, done, part))
            levels.append(below)
            done += part
        lines = [dataset_head(whole.width, whole.height, whole.crs.wkt, whole.transform.to_gdal())]
        lines.append(metadata(whole.tags()))
        for number, band in enumerate(whole.descriptions, start=1):
            lines += [band_head(number, str(band)), _source(source, whole, number)]
            lines += [f"<Overview>{_named(level, number)}</Overview>" for level in levels]
            lines.append("</VRTRasterBand>\n")
    path = folder / "pyramid.vrt"
    path.write_text("".join([*lines, "</VRTDataset>\n"]), encoding="utf-8")
    return path


def _tell_part(tell: Tell, done: float, part: float, share: float) -> None:
    """Of one level: so much was done before it."""
    tell(done + part * share)


def _size(path: Path) -> tuple[int, int]:
    with rasterio.open(path) as dataset:
        return dataset.width, dataset.height


def _source(path: Path, whole: DatasetReader, number: int) -> str:
    size = f'xSize="{whole.width}" ySize="{whole.height}"'
    return (
        f'<SimpleSource>{_named(path, number)}<SrcRect xOff="0" yOff="0" {size}/><DstRect xOff="0" yOff="0" {size}/>'
        "</SimpleSource>\n"
    )


def _named(path: Path, number: int) -> str:
    name = escape(str(path.resolve()))
    return f'<SourceFilename relativeToVRT="0">{name}</SourceFilename><SourceBand>{number}</SourceBand>'


def _halved(source: Path, target: Path, tell: Tell) -> Path:
    """Write the level above: half as wide and high, rounded up."""
    with rasterio.open(source) as below:
        width, height = -(-below.width // 2), -(-below.height // 2)
        layout = {"count": below.count, "dtype": "uint16", "width": width, "height": height, "nodata": NO_DATA}
        layout |= {"crs": below.crs, "transform": below.transform @ Affine.scale(2)}
        with rasterio.open(target, "w", **layout, **_PLAIN, **_QUICK) as above:
            for row in range(0, below.height, _STRIPE):
                for column in range(0, below.width, _STRIPE):
                    size = min(_STRIPE, below.width - column), min(_STRIPE, below.height - row)
                    found = half(below.read(window=Window(column, row, *size)))
                    place = Window(column // 2, row // 2, found.shape[2], found.shape[1])
                    above.write(found, window=place)
                tell(min(1.0, (row + _STRIPE) / below.height))
    return target


def half(planes: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Averages of 2 × 2 px, (bands and count, height, width); at an edge that is odd of the px that there are.

    Halves are rounded up.
    """
    _, height, width = planes.shape
    even = np.pad(planes, ((0, 0), (0, height % 2), (0, width % 2)), mode="edge") if height % 2 or width % 2 else planes
    four = [even[:, row::2, column::2] for row in (0, 1) for column in (0, 1)]
    total = np.zeros(four[0].shape, np.uint32)
    number = np.zeros(four[0].shape, np.uint32)
    for one in four:
        valid = one != NO_DATA
        total += np.where(valid, one, 0)
        number += valid
    found = (total + number // 2) // np.maximum(number, 1)
    found[number == 0] = NO_DATA
    return found.astype(np.uint16)

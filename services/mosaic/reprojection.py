"""Mosaics of several UTM zones in one coordinate system: virtual, pixel by pixel, by GDAL's warper."""

import math
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import rasterio
from affine import Affine
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.shutil import copy
from rasterio.vrt import WarpedVRT
from rasterio.warp import calculate_default_transform, transform_bounds

from services.errors import StorageError
from services.export import CLEAR_OBSERVATIONS
from services.mosaic.vrt import band_head, dataset_head, metadata, system_of
from services.sentinel2 import NO_DATA


@dataclass(frozen=True)
class Placed:
    """A raster among the pixels of a larger one."""

    name: str
    """Of its file."""
    left: int
    """Pixels, from the west."""
    top: int
    """Pixels, from the north."""
    width: int
    height: int

    def source(self, number: int, band: str) -> str:
        """One band of it as XML; what is nothing in it hides nothing."""
        near = int(not Path(self.name).is_absolute())
        return (
            f'<ComplexSource><SourceFilename relativeToVRT="{near}">{escape(self.name)}</SourceFilename>'
            f"<SourceBand>{number}</SourceBand>"
            f'<SrcRect xOff="0" yOff="0" xSize="{self.width}" ySize="{self.height}"/>'
            f'<DstRect xOff="{self.left}" yOff="{self.top}" xSize="{self.width}" ySize="{self.height}"/>'
            f"<NODATA>{_nothing(band)}</NODATA></ComplexSource>\n"
        )


_ALIKE = 0.05
"""A pixel that is so near to the resolution, as a part of it, is given exactly that."""


def warped(sources: Sequence[Path], epsg: int, resolution: int, folder: Path) -> Path:
    """Virtual mosaic of virtual mosaics, in `folder`; where zones overlap, the first of them lies on top.

    Nearest neighbour, for bands and count alike: each number is one that was computed, reflectance and count of a
    pixel are of one place, and no edge of no data is mixed into reflectance. Half a pixel off at most.
    """
    with ExitStack() as stack:
        opened = [stack.enter_context(rasterio.open(path)) for path in sources]
        transform, width, height = _frame(opened, epsg, resolution)
        bands, count = [*range(1, opened[0].count)], [opened[0].count]
        size = width, height
        lines = [
            dataset_head(*size, system_of(epsg), transform.to_gdal()),
            metadata(opened[0].tags()),
        ]
        for numbers, kind in ((bands, "bands"), (count, "count")):
            placed = [
                _placed(one, epsg, transform, size, numbers, folder / f"{kind}{place}.vrt")
                for place, one in enumerate(opened)
            ]
            for position, number in enumerate(numbers, start=1):
                band = str(opened[0].descriptions[number - 1])
                lines += [band_head(number, band), *(one.source(position, band) for one in reversed(placed))]
                lines.append("</VRTRasterBand>\n")
    path = folder / "all.vrt"
    path.write_text("".join([*lines, "</VRTDataset>\n"]), encoding="utf-8")
    return path


def _frame(opened: Sequence[DatasetReader], epsg: int, resolution: int) -> tuple[Affine, int, int]:
    """Transform, width and height that hold all of them, on multiples of the pixel."""
    size = min(_pixel(one, epsg) for one in opened)
    size = float(resolution) if abs(size - resolution) < _ALIKE * resolution else size
    edges = [transform_bounds(one.crs, f"EPSG:{epsg}", *one.bounds) for one in opened]
    if not np.isfinite(edges).all():
        raise StorageError(f"The mosaic has no place in EPSG:{epsg}.", "Choose a system that the area lies in.")
    west, south = (math.floor(min(edge[place] for edge in edges) / size) for place in (0, 1))
    east, north = (math.ceil(max(edge[place] for edge in edges) / size) for place in (2, 3))
    return Affine(size, 0.0, west * size, 0.0, -size, north * size), east - west, north - south


def _pixel(one: DatasetReader, epsg: int) -> float:
    """Side in units of the system that keeps about as many pixels as there are."""
    transform, _, _ = calculate_default_transform(one.crs, f"EPSG:{epsg}", one.width, one.height, *one.bounds)
    return float(transform.a)


def _placed(
    one: DatasetReader, epsg: int, transform: Affine, size: tuple[int, int], numbers: Sequence[int], path: Path
) -> Placed:
    """These bands of a zone on the common pixels, as far as it can reach."""
    west, south, east, north = transform_bounds(one.crs, f"EPSG:{epsg}", *one.bounds)
    left, top = (math.floor(edge) for edge in ~transform @ (west, north))
    right, bottom = (math.ceil(edge) for edge in ~transform @ (east, south))
    left, top, right, bottom = max(0, left), max(0, top), min(size[0], right), min(size[1], bottom)
    nothing = _nothing(str(one.descriptions[numbers[0] - 1]))
    with (
        rasterio.open(_some(one, numbers, path.with_suffix(".bands.vrt"))) as some,
        WarpedVRT(
            some,
            crs=f"EPSG:{epsg}",
            transform=transform @ Affine.translation(left, top),
            width=right - left,
            height=bottom - top,
            resampling=Resampling.nearest,
            src_nodata=nothing,
            nodata=nothing,
        ) as virtual,
    ):
        copy(virtual, path, driver="VRT")
    return Placed(path.name, left, top, right - left, bottom - top)


def _nothing(band: str) -> int:
    """The number of a pixel of the band that hides nothing of the zones below it."""
    return 0 if band == CLEAR_OBSERVATIONS else NO_DATA


def _some(one: DatasetReader, numbers: Sequence[int], path: Path) -> Path:
    """A virtual file of some bands: the warper knows one number for no data, and the count has another."""
    lines = [dataset_head(one.width, one.height, one.crs.wkt, one.transform.to_gdal())]
    whole = Placed(one.name, 0, 0, one.width, one.height)
    for place, number in enumerate(numbers, start=1):
        band = str(one.descriptions[number - 1])
        lines += [band_head(place, band), whole.source(number, band), "</VRTRasterBand>\n"]
    path.write_text("".join([*lines, "</VRTDataset>\n"]), encoding="utf-8")
    return path

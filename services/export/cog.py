"""Cloud-optimised GeoTIFFs by GDAL's own driver: DN of bands and the count of clear observations; indices; days; and
what one sees: the colours of a view, the values of an index or a difference."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import ColorInterp
from rasterio.io import DatasetWriter, MemoryFile
from rasterio.shutil import copy

from services.composite import INDICES, NO_DAY, NO_INDEX, PER_UNIT, Image, Index
from services.export.result_store import CLEAR_OBSERVATIONS, DAY, DAY_UNIT, DAY_WORDS
from services.render import Provenance, View, draw
from services.sentinel2 import DN_PER_UNIT, NO_DATA
from services.storage import write_beside

BLOCK = 512
"""Px a side of a block."""
_COLOURS = {"B04": ColorInterp.red, "B03": ColorInterp.green, "B02": ColorInterp.blue}
"""So that a program that opens the file shows true colour, in whatever order the bands are."""
CREATION = {
    "driver": "COG",
    "BLOCKSIZE": BLOCK,
    "COMPRESS": "DEFLATE",
    "PREDICTOR": "YES",
    "LEVEL": 4,
    "BIGTIFF": "IF_SAFER",
    "NUM_THREADS": "ALL_CPUS",
}
"""What the COG driver is told of every file."""
_SEEN = (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)
"""Of a view."""
_ROUNDING = "Half DN of the median of an even count is rounded to the even DN; the EOPatch has the exact median."


@dataclass(frozen=True, eq=False)
class Values:
    """A band of numbers."""

    plane: NDArray[np.float32]
    """(height, width); NaN where there are none."""
    name: str
    """What they are, in a word."""
    unit: str
    """`reflectance`; `1` for an index."""
    tags: Mapping[str, str]
    """Of the band."""


def write_cog(path: Path, image: Image, provenance: Provenance) -> None:
    """Write the file whole: uint16, NO_DATA where there is no clear observation; reflectance = DN × the band's scale.

    Deflate and predictor 2, which every GDAL reads. Where there is no clear observation, the last band is 0, not
    NO_DATA. Raises StorageError where the disk refuses.
    """
    layout = {"count": len(image.bands) + 1, "dtype": "uint16", "nodata": NO_DATA}
    tags = provenance.tags(image.dates) | _rounding(provenance)
    _write(path, _layout(image) | layout, lambda dataset: _fill(dataset, image), tags)


def write_index_cog(path: Path, image: Image, provenance: Provenance) -> None:
    """The image's indices as int16, NO_INDEX where there is none; index = number × the band's scale.

    Raises StorageError where the disk refuses.
    """
    layout = {"count": len(image.indices), "dtype": "int16", "nodata": NO_INDEX}
    tags = provenance.tags(image.dates) | {"DEFINITION": provenance.method.index}
    _write(path, _layout(image) | layout, lambda dataset: _fill_indices(dataset, image), tags)


def write_date_cog(path: Path, image: Image, provenance: Provenance) -> None:
    """Write the day of each pixel's observation as uint32, YYYYMMDD, NO_DAY where none is clear.

    Overviews are samples: a mean of days is none. Raises StorageError where the disk refuses, ValueError for an image
    without days.
    """
    days = image.days
    if days is None:
        raise ValueError(f"an image by the method {provenance.method.name} has no days")

    def fill(dataset: DatasetWriter) -> None:
        dataset.write(days, 1)
        dataset.set_band_description(1, DAY)
        dataset.set_band_unit(1, DAY_UNIT)

    layout = {"count": 1, "dtype": "uint32", "nodata": NO_DAY}
    _write(path, _layout(image) | layout, fill, provenance.tags(image.dates) | {"DEFINITION": DAY_WORDS}, "NEAREST")


def write_view_cog(path: Path, image: Image, view: View, provenance: Provenance) -> None:
    """Write the view as it is drawn: red, green, blue and opacity as uint8; it is transparent where there is no data.

    Raises StorageError where the disk refuses.
    """
    colours = draw(view, image)

    def fill(dataset: DatasetWriter) -> None:
        dataset.colorinterp = _SEEN
        for number, name in enumerate(_SEEN, start=1):
            dataset.write(colours[..., number - 1], number)
            dataset.set_band_description(number, name.name)

    layout = {"count": len(_SEEN), "dtype": "uint8", "photometric": "RGB"}
    tags = provenance.tags(image.dates) | {"VIEW": view.name, "VIEW_WORDS": view.words}
    _write(path, _layout(image) | layout, fill, tags)


def write_values_cog(path: Path, image: Image, values: Values, tags: Mapping[str, str]) -> None:
    """Write one band of numbers over the place of an image as float32, NaN where there are none; nothing is scaled.

    Raises StorageError where the disk refuses.
    """

    def fill(dataset: DatasetWriter) -> None:
        dataset.write(values.plane, 1)
        dataset.set_band_description(1, values.name)
        dataset.set_band_unit(1, values.unit)
        dataset.scales, dataset.offsets = [1.0], [0.0]
        dataset.update_tags(1, **values.tags)

    layout = {"count": 1, "dtype": "float32", "nodata": float("nan")}
    _write(path, _layout(image) | layout, fill, tags)


def index_values(image: Image, index: Index) -> Values:
    """An index of the image."""
    return Values(image.indices[index.name], index.short, "1", {"FORMULA": index.formula, "SOURCE": index.source})


def _write(
    path: Path,
    layout: Mapping[str, Any],
    fill: Callable[[DatasetWriter], None],
    tags: Mapping[str, str],
    overviews: str = "AVERAGE",
) -> None:
    with rasterio.Env(GDAL_NUM_THREADS="ALL_CPUS", GDAL_PAM_ENABLED="NO"), MemoryFile(ext=".tif") as made:
        _make(made.name, layout, fill, tags, overviews)
        write_beside(path, lambda beside: beside.write_bytes(made.getbuffer()))


def _layout(image: Image) -> dict[str, Any]:
    """Of a plain file of the image's place and size."""
    across, down = image.pixel_size
    return {
        "driver": "GTiff",
        "width": image.width,
        "height": image.height,
        "crs": f"EPSG:{image.epsg}",
        "transform": Affine(across, 0.0, image.bounds[0], 0.0, -down, image.bounds[3]),
        "interleave": "band",
    }


def _make(
    name: str,
    layout: Mapping[str, Any],
    fill: Callable[[DatasetWriter], None],
    tags: Mapping[str, str],
    overviews: str,
) -> None:
    """The file in GDAL's memory, where the driver copies it from a plain one; `name` is its name there.

    Not on the disk: GDAL leaves half a file, without an error, where a disk is full.
    """
    with MemoryFile() as memory:
        with memory.open(**layout) as dataset:
            fill(dataset)
            dataset.update_tags(**tags, AREA_OR_POINT="Area")
        copy(memory.name, name, OVERVIEW_RESAMPLING=overviews, **CREATION)


def colour_of(band: str) -> ColorInterp:
    """What a program that opens the file shows the band as."""
    return _COLOURS.get(band, ColorInterp.gray)


def _rounding(provenance: Provenance) -> dict[str, str]:
    """A mean of two observations may lie on half DN, one of many anywhere; a single one is whole."""
    method = provenance.method
    if method.dated:
        return {}
    return {"ROUNDING": _ROUNDING if method.halves else f"DN are rounded; the EOPatch has the exact {method.words}."}


def _fill(dataset: DatasetWriter, image: Image) -> None:
    for number, band in enumerate(image.bands, start=1):
        dataset.write(image.dn(band), number)
        dataset.set_band_description(number, band)
        dataset.set_band_unit(number, "reflectance")
    dataset.write(image.count, len(image.bands) + 1)
    dataset.set_band_description(len(image.bands) + 1, CLEAR_OBSERVATIONS)
    dataset.set_band_unit(len(image.bands) + 1, "observations")
    dataset.scales = [1 / DN_PER_UNIT] * len(image.bands) + [1.0]
    dataset.offsets = [0.0] * (len(image.bands) + 1)
    dataset.colorinterp = [colour_of(band) for band in (*image.bands, CLEAR_OBSERVATIONS)]


def _fill_indices(dataset: DatasetWriter, image: Image) -> None:
    for number, name in enumerate(image.indices, start=1):
        dataset.write(image.index(name), number)
        dataset.set_band_description(number, INDICES[name].short)
        dataset.update_tags(number, FORMULA=INDICES[name].formula, SOURCE=INDICES[name].source)
    dataset.scales = [1 / PER_UNIT] * len(image.indices)
    dataset.offsets = [0.0] * len(image.indices)

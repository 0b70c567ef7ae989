"""Cloud-optimised GeoTIFFs by GDAL's own driver: DN of each band, and the count of clear observations as the last
one."""

from pathlib import Path

import rasterio
from affine import Affine
from rasterio.enums import ColorInterp
from rasterio.io import DatasetWriter, MemoryFile
from rasterio.shutil import copy

from services.composite import Image
from services.render import Provenance
from services.sentinel2 import DN_PER_UNIT, NO_DATA
from services.storage import write_beside

CLEAR_OBSERVATIONS = "clear observations"
"""Description of the last band."""
BLOCK = 512
"""Px a side of a block."""
_COLOURS = {"B04": ColorInterp.red, "B03": ColorInterp.green, "B02": ColorInterp.blue}
"""So that a program that opens the file shows true colour, in whatever order the bands are."""
_ROUNDING = "Half DN of the median of an even count is rounded to the even DN; the EOPatch has the exact median."


def write_cog(path: Path, image: Image, provenance: Provenance) -> None:
    """Write the file whole: uint16, NO_DATA where there is no clear observation; reflectance = DN × the band's scale.

    Deflate and predictor 2, which every GDAL reads. Where there is no clear observation, the last band is 0, not
    NO_DATA. Raises StorageError where the disk refuses.
    """
    with rasterio.Env(GDAL_NUM_THREADS="ALL_CPUS", GDAL_PAM_ENABLED="NO"), MemoryFile(ext=".tif") as made:
        _make(made.name, image, provenance)
        write_beside(path, lambda beside: beside.write_bytes(made.getbuffer()))


def _make(name: str, image: Image, provenance: Provenance) -> None:
    """The file in GDAL's memory, where the driver copies it from a plain one; `name` is its name there.

    Not on the disk: GDAL leaves half a file, without an error, where a disk is full.
    """
    across, down = image.pixel_size
    layout = {
        "driver": "GTiff",
        "width": image.width,
        "height": image.height,
        "count": len(image.bands) + 1,
        "dtype": "uint16",
        "crs": f"EPSG:{image.epsg}",
        "transform": Affine(across, 0.0, image.bounds[0], 0.0, -down, image.bounds[3]),
        "nodata": NO_DATA,
        "interleave": "band",
    }
    with MemoryFile() as memory:
        with memory.open(**layout) as dataset:
            _fill(dataset, image)
            dataset.update_tags(**provenance.tags(image.dates), **_rounding(provenance), AREA_OR_POINT="Area")
        copy(
            memory.name,
            name,
            driver="COG",
            BLOCKSIZE=BLOCK,
            COMPRESS="DEFLATE",
            PREDICTOR="YES",
            LEVEL=4,
            OVERVIEW_RESAMPLING="AVERAGE",
            BIGTIFF="IF_SAFER",
            NUM_THREADS="ALL_CPUS",
        )


def _rounding(provenance: Provenance) -> dict[str, str]:
    """A median may lie on half DN; a single observation never does."""
    return {"ROUNDING": _ROUNDING} if provenance.method.name == "median" else {}


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
    dataset.colorinterp = [_COLOURS.get(band, ColorInterp.gray) for band in (*image.bands, CLEAR_OBSERVATIONS)]

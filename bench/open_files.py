"""Files as the open catalogues have them, and the items that name them: what figures of open data are measured with.

Made by GDAL's driver of Cloud Optimized GeoTIFFs in the real layout, 10,980 px of 10 m a side in blocks of 1024, with
land in the blocks that are read and nothing stored elsewhere. The land compresses as real Sentinel-2 does, 1.4 bytes a
pixel of 10 m: coarse fields and a fine texture; so the bytes are those of real files, whatever is in the picture.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import rasterio.shutil
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.io import MemoryFile
from rasterio.transform import Affine
from rasterio.windows import Window

from services.grid import Lattice, TileIndex
from services.providers.stac.cost import BLOCK_PIXELS

EPSG = 32635
WEST, NORTH = 300_000.0, 6_800_040.0
SIDE_M = 109_800
LATTICE = Lattice(EPSG, 0.0, -1140.0, 3300.0, 3300.0)
"""A window of 990 px begins in the middle of a block, as the mean window does."""
CENTRE = TileIndex(106, 2045)
FIRST_BLOCK, ROWS, COLUMNS = 4, 2, 3
"""Blocks with land: one more from west to east than are read, so that rows of blocks lie apart in the file."""
PLANES = {"B02": 10, "B03": 10, "B04": 10, "B08": 10, "B11": 20, "B12": 20, "SCL": 20}
NAMES = {"B02": "blue", "B03": "green", "B04": "red", "B08": "nir", "B11": "swir16", "B12": "swir22", "SCL": "scl"}
BEGIN = datetime(2023, 3, 1, 9, 50, 31, tzinfo=UTC)
TEXTURE = 62.0
"""DN by which neighbouring pixels differ, about."""


def make_files(folder: Path, variants: int) -> None:
    """`B04_0.tif` and so on."""
    folder.mkdir(parents=True)
    for plane, size in PLANES.items():
        for variant in range(variants):
            write_file(folder / f"{plane}_{variant}.tif", land(plane, size, variant), size)


def land(plane: str, size: int, seed: int) -> NDArray[Any]:
    """Of the blocks that have any."""
    chance = np.random.default_rng([seed, sum(plane.encode())])
    height, width = BLOCK_PIXELS[size] * ROWS, BLOCK_PIXELS[size] * COLUMNS
    cell = 8 if plane == "SCL" else 32
    fields = np.kron(chance.integers(0, 12, (height // cell, width // cell)), np.ones((cell, cell), np.int64))
    if plane == "SCL":
        return np.take(np.array([4, 4, 4, 5, 5, 6, 4, 4, 3, 8, 9, 2], np.uint8), fields)
    return (1300 + 150 * fields + chance.normal(0, TEXTURE, fields.shape)).astype(np.uint16)


def write_file(path: Path, pixels: NDArray[Any], size: int) -> None:
    """In the real layout."""
    side, start = SIDE_M // size, FIRST_BLOCK * BLOCK_PIXELS[size]
    profile = {"width": side, "height": side, "count": 1, "dtype": pixels.dtype, "crs": f"EPSG:{EPSG}", "nodata": 0}
    layout = {"tiled": True, "blockxsize": 512, "blockysize": 512, "sparse_ok": True}
    with MemoryFile() as memory:
        transform = Affine(size, 0, WEST, 0, -size, NORTH)
        with memory.open(driver="GTiff", transform=transform, **profile, **layout) as made:
            made.write(pixels, 1, window=Window(start, start, *pixels.shape[::-1]))
        with memory.open() as made:
            options = {"compress": "deflate", "predictor": 2, "blocksize": BLOCK_PIXELS[size], "sparse_ok": True}
            rasterio.shutil.copy(made, path, driver="COG", overview_resampling="nearest", **options)


def items(url: str, dates: int) -> list[dict[str, Any]]:
    """One granule a date, five days apart, the first without a cloud and each later one with one percent more."""
    return [_item(url, number) for number in range(dates)]


def _item(url: str, number: int) -> dict[str, Any]:
    time = BEGIN + timedelta(days=5 * number)
    product = f"S2A_MSIL2A_{time:%Y%m%dT%H%M%S}_N0509_R079_T35VLG_{time:%Y%m%d}T160001"
    corners = [(WEST, NORTH), (WEST, NORTH - SIDE_M), (WEST + SIDE_M, NORTH - SIDE_M), (WEST + SIDE_M, NORTH)]
    degrees = Transformer.from_crs(EPSG, 4326, always_xy=True)
    ring = [list(degrees.transform(*corner)) for corner in (*corners, corners[0])]
    longitudes, latitudes = zip(*ring, strict=True)
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": f"S2A_T35VLG_{time:%Y%m%dT%H%M%S}_L2A",
        "collection": "sentinel-2-c1-l2a",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [min(longitudes), min(latitudes), max(longitudes), max(latitudes)],
        "links": [],
        "stac_extensions": ["https://stac-extensions.github.io/projection/v1.1.0/schema.json"],
        "properties": {
            "datetime": f"{time:%Y-%m-%dT%H:%M:%SZ}",
            "platform": "sentinel-2a",
            "eo:cloud_cover": number,
            "proj:epsg": EPSG,
            "s2:product_uri": f"{product}.SAFE",
            "s2:processing_baseline": "05.09",
            "s2:generation_time": f"{time:%Y-%m-%d}T16:00:01.000000Z",
        },
        "assets": {NAMES[plane]: _asset(url, number, plane, size) for plane, size in PLANES.items()},
    }


def _asset(url: str, number: int, plane: str, size: int) -> dict[str, Any]:
    rasters = {"nodata": 0, "data_type": "uint16", "scale": 0.0001, "offset": -0.1}
    return {
        "href": f"{url}/files/{number}/{plane}.tif",
        "type": "image/tiff; application=geotiff; profile=cloud-optimized",
        "roles": ["data"],
        "proj:shape": [SIDE_M // size, SIDE_M // size],
        "proj:transform": [size, 0, WEST, 0, -size, NORTH],
        "raster:bands": [rasters if plane != "SCL" else {"nodata": 0, "data_type": "uint8"}],
    }


def write_items(folder: Path, url: str, dates: int) -> None:
    """What the server's catalogue says."""
    links = [{"rel": "search", "href": f"{url}/search", "type": "application/geo+json", "method": "POST"}]
    links.append({"rel": "self", "href": url})
    conforms = ["https://api.stacspec.org/v1.0.0/core", "https://api.stacspec.org/v1.0.0/item-search"]
    conforms.append("https://api.stacspec.org/v1.0.0/item-search#query")
    catalogue = {"type": "Catalog", "stac_version": "1.0.0", "id": "bench", "description": "", "links": links}
    whole = {"catalogue": catalogue | {"conformsTo": conforms}, "items": items(url, dates)}
    (folder / "items.json").write_text(json.dumps(whole))

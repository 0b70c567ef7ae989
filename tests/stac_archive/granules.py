"""Granules of two small files each, red and classes, with their items: enough for a picture."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from tests.services.providers.stac_items import day
from tests.stac_archive.server import StacArchive

WEST, NORTH = 384_000.0, 6_720_000.0
"""Of both files, in metres of zone 35."""
RED = np.random.default_rng(11).integers(1, 5000, (1024, 1024), dtype=np.uint16)
"""Raw DN."""
CLEAR = np.full((512, 512), 4, np.uint8)
ASSETS = (("B04", "red"), ("SCL", "scl"))


def add_granule(stac: StacArchive, number: int, red: NDArray[np.uint16] = RED) -> dict[str, Any]:
    """Put one of that day of June 2025 into the archive; the item that it got."""
    item = day(number, baseline="05.11")
    datatake = f"202506{number:02}T095031"
    item["id"] = f"S2A_T35VLG_{datatake}_L2A"
    name = f"S2A_MSIL2A_{datatake}_N0511_R079_T35VLG_202506{number:02}T160001.SAFE"
    item["properties"] |= {"datetime": f"2025-06-{number:02}T09:53:40Z", "s2:product_uri": name}
    for asset, values, pixel in (("red", red, 10), ("scl", CLEAR, 20)):
        path = f"/files/{item['id']}/{asset}.tif"
        stac.files[path] = cog(values, pixel)
        item["assets"][asset] |= {
            "href": stac.url + path,
            "file:size": len(stac.files[path]),
            "proj:shape": list(values.shape),
            "proj:transform": [pixel, 0, WEST, 0, -pixel, NORTH],
        }
    stac.items.append(item)
    return item


def cog(values: NDArray[Any], pixel: int) -> bytes:
    """One band in tiles, as the catalogues have it."""
    how = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate", "predictor": 2}
    height, width = values.shape
    place = {"crs": "EPSG:32635", "transform": from_origin(WEST, NORTH, pixel, pixel)}
    with MemoryFile() as file:
        with file.open(
            driver="GTiff", width=width, height=height, count=1, dtype=values.dtype, nodata=0, **place, **how
        ) as image:
            image.write(values, 1)
        return bytes(file.read())

"""Items as the open catalogues list them, written in the shape of each from the facts that are known of it."""

from typing import Any

from services.grid import Lattice, TileIndex
from services.sentinel2 import BANDS
from tests.services.granule_items import item as granule_item

CORNER = 300_000.0, 6_800_040.0
"""West and north of the granule 35VLG, in metres of zone 35."""
SIDE_M = 109_800
WHOLE = (CORNER[0], CORNER[1] - SIDE_M, CORNER[0] + SIDE_M, CORNER[1])
EARTH_SEARCH_HOST = "e84-earth-search-sentinel-data.s3.us-west-2.amazonaws.com"
PLANETARY_HOST = "sentinel2l2a01.blob.core.windows.net"
COMMON = {
    "B01": "coastal",
    "B02": "blue",
    "B03": "green",
    "B04": "red",
    "B05": "rededge1",
    "B06": "rededge2",
    "B07": "rededge3",
    "B08": "nir",
    "B8A": "nir08",
    "B09": "nir09",
    "B11": "swir16",
    "B12": "swir22",
    "SCL": "scl",
}
FILES = "http://127.0.0.1:9/files"
PLACE = Lattice(32635, 389_400.0, 6_715_500.0, 3300.0, 3300.0).neighbourhood(TileIndex(0, 0), 1)
"""In that granule alone."""
PRODUCT = "S2A_MSIL2A_20230607T095031_N0509_R079_T35VLG_20230607T160001"


def day(number: int, **changes: Any) -> dict[str, Any]:
    """A granule of that day of June 2023, whose files are on this machine."""
    item = earth_search(**changes)
    datatake = f"202306{number:02}T095031"
    item["id"] = f"S2A_T35VLG_{datatake}_L2A"
    item["properties"] |= {
        "datetime": f"2023-06-{number:02}T09:53:40.024000Z",
        "s2:product_uri": f"S2A_MSIL2A_{datatake}_N0509_R079_T35VLG_202306{number:02}T160001.SAFE",
    }
    for asset in item["assets"].values():
        asset["href"] = asset["href"].replace(f"https://{EARTH_SEARCH_HOST}", FILES)
    return item


def earth_search(offset: float = -0.1, baseline: str = "05.09", **changes: Any) -> dict[str, Any]:
    """Of collection 1 in version 1: STAC 1.0, offsets in `raster:bands`, ids of its own."""
    item = _granule(baseline)
    item["id"] = "S2A_T35VLG_20230607T095031_L2A"
    item["properties"] |= {"proj:epsg": 32635, "s2:generation_time": "2023-06-07T16:00:01.000000Z"} | changes
    item["assets"] = {}
    for plane, name in COMMON.items():
        rasters = {"nodata": 0, "scale": 0.0001, "offset": offset} if plane != "SCL" else {"nodata": 0}
        item["assets"][name] = {
            "href": f"https://{EARTH_SEARCH_HOST}/sentinel-2-c1-l2a/35/V/LG/2023/6/{item['id']}/{plane}.tif",
            "raster:bands": [rasters],
            "file:size": 1_000_000 + len(item["assets"]),
            **_grid(plane),
        }
    return item


def earth_search_v2(offset: float = -0.1, baseline: str = "05.11", **changes: Any) -> dict[str, Any]:
    """STAC 1.1: `proj:code`, and `raster:offset` in the asset's `bands`."""
    item = earth_search(offset, baseline, **changes)
    item["stac_version"] = "1.1.0"
    item["properties"]["proj:code"] = f"EPSG:{item['properties'].pop('proj:epsg')}"
    for name, asset in item["assets"].items():
        del asset["raster:bands"]
        shown = {"raster:scale": 0.0001, "raster:offset": offset} if name != "scl" else {}
        asset["bands"] = [{"name": name, **shown}]
    return item


def planetary_computer(baseline: str = "05.09", **changes: Any) -> dict[str, Any]:
    """No offset is declared, no size is told, and the item's name has no baseline."""
    item = _granule(baseline)
    item["id"] = "S2A_MSIL2A_20230607T095031_R079_T35VLG_20230607T160001"
    item["properties"] |= {"proj:epsg": 32635, "s2:generation_time": "2023-06-07T16:00:01.024000Z"} | changes
    item["properties"]["platform"] = "Sentinel-2A"
    item["assets"] = {
        plane: {
            "href": f"https://{PLANETARY_HOST}/sentinel2-l2/35/V/LG/2023/06/07/{PRODUCT}.SAFE/{plane}.tif",
            **_grid(plane),
        }
        for plane in COMMON
    }
    return item


def _granule(baseline: str) -> dict[str, Any]:
    digits = baseline.replace(".", "")
    item = granule_item(WHOLE, datatake="20230607T095031", baseline=digits, made="20230607T160001")
    item["properties"] |= {
        "datetime": "2023-06-07T09:53:40.024000Z",
        "s2:product_uri": f"{item['id']}.SAFE",
        "s2:processing_baseline": baseline,
    }
    return item


def _grid(plane: str) -> dict[str, Any]:
    pixel = BANDS.get(plane, 20)
    return {
        "proj:shape": [SIDE_M // pixel, SIDE_M // pixel],
        "proj:transform": [pixel, 0, CORNER[0], 0, -pixel, CORNER[1]],
    }

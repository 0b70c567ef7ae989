"""One granule as an item of Earth Search's collection sentinel-2-c1-l2a, and the collection itself."""

import hashlib
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from services.demo.orbits import Granule, node_longitude, sun_angles, view_angles
from services.demo.world import CLASSES, SIMULATED, native_metres

COLLECTION = "sentinel-2-c1-l2a"
ASSETS = {
    "coastal": "B01", "blue": "B02", "green": "B03", "red": "B04", "rededge1": "B05", "rededge2": "B06",
    "rededge3": "B07", "nir": "B08", "nir08": "B8A", "nir09": "B09", "swir16": "B11", "swir22": "B12", "scl": CLASSES,
}  # fmt: skip
"""The catalogue's name of a file → its plane."""
_EXTENSIONS = ("eo/v1.1.0", "file/v2.1.0", "grid/v1.1.0", "mgrs/v1.0.0", "projection/v1.1.0", "raster/v1.1.0")
_GEOTIFF = "image/tiff; application=geotiff; profile=cloud-optimized"
Json = dict[str, Any]


def item_id(granule: Granule) -> str:
    """`S2A_T35VLG_20240607T094354_L2A`: the catalogue's own name, which is not ESA's."""
    return f"{granule.passage.satellite.name}_T{granule.view.tile.name}_{granule.time:%Y%m%dT%H%M%S}_L2A"


def folder_of(granule: Granule) -> str:
    """Where its files lie: `sentinel-2-c1-l2a/35/V/LG/2024/6/S2A_T35VLG_20240607T094354_L2A`."""
    name, time = granule.view.tile.name, granule.time
    return f"{COLLECTION}/{granule.view.tile.zone}/{name[2]}/{name[3:]}/{time:%Y}/{time.month}/{item_id(granule)}"


def item(granule: Granule, assets: Json, root: str) -> Json:
    """The item, whose files are described already; `root` is the folder's address."""
    shape = granule.view.footprint_wgs84
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [f"https://stac-extensions.github.io/{name}/schema.json" for name in _EXTENSIONS],
        "id": item_id(granule),
        "geometry": shapely.geometry.mapping(shape.geoms[0] if len(shape.geoms) == 1 else shape),
        "bbox": list(shape.bounds),
        "properties": _properties(granule),
        "links": [
            {"rel": "self", "href": f"{root}/{folder_of(granule)}/item.json", "type": "application/geo+json"},
            {"rel": "collection", "href": f"{root}/collection.json", "type": "application/json"},
        ],
        "assets": assets,
        "collection": COLLECTION,
    }


def _properties(granule: Granule) -> Json:
    tile, passage = granule.view.tile, granule.passage
    longitude, latitude = tile.centre
    sun_zenith, sun_azimuth = sun_angles(granule.time, longitude, latitude)
    zenith, azimuth = view_angles(longitude - node_longitude(granule.view.orbit), latitude)
    whole = (tile.bounds[2] - tile.bounds[0]) * (tile.bounds[3] - tile.bounds[1])
    return {
        "datetime": timestamp(granule.time),
        "created": timestamp(granule.time),
        "title": SIMULATED,
        "ninepatch:simulated": True,
        "platform": passage.satellite.platform,
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "eo:cloud_cover": granule.cloud_cover,
        "proj:epsg": tile.epsg,
        "proj:centroid": {"lat": round(latitude, 5), "lon": round(longitude, 5)},
        "mgrs:utm_zone": tile.zone,
        "mgrs:latitude_band": tile.band,
        "mgrs:grid_square": tile.name[3:],
        "grid:code": f"MGRS-{tile.name}",
        "view:sun_azimuth": round(float(sun_azimuth), 4),
        "view:sun_elevation": round(90 - float(sun_zenith), 4),
        "view:azimuth": round(float(azimuth), 4),
        "view:incidence_angle": round(float(zenith), 4),
        "s2:product_uri": f"{granule.id}.SAFE",
        "s2:product_type": "S2MSI2A",
        "s2:processing_baseline": f"{passage.baseline[:2]}.{passage.baseline[2:]}",
        "s2:generation_time": timestamp(granule.time),
        "s2:datatake_id": f"G{passage.satellite.name}_{passage.start:%Y%m%dT%H%M%S}_N{passage.baseline}",
        "s2:nodata_pixel_percentage": round(100 * (1 - granule.view.footprint.area / whole), 4),
    }


def timestamp(time: datetime) -> str:
    """`2024-06-07T09:43:54.000000Z`, as that catalogue writes it."""
    return f"{time:%Y-%m-%dT%H:%M:%S.%fZ}"


def asset(granule: Granule, name: str, content: bytes, href: str) -> Json:
    """The words of one file."""
    plane = ASSETS[name]
    metres = native_metres(plane)
    west, south, _, north = granule.view.tile.bounds
    size = round((north - south) / metres)
    pixels: Json = {"nodata": 0, "data_type": "uint8", "spatial_resolution": metres}
    if plane != CLASSES:
        shift = -granule.passage.offset / 10_000
        pixels |= {"data_type": "uint16", "scale": 0.0001, "offset": shift}
    return {
        "href": href,
        "type": _GEOTIFF,
        "title": f"{plane} - {metres}m",
        "gsd": metres,
        "proj:shape": [size, size],
        "proj:transform": [metres, 0, west, 0, -metres, north],
        "raster:bands": [pixels],
        "file:size": len(content),
        "file:checksum": f"1220{hashlib.sha256(content).hexdigest()}",
        "roles": ["data"] if plane == CLASSES else ["data", "reflectance"],
        **({} if plane == CLASSES else {"eo:bands": [{"name": plane, "common_name": name}]}),
    }


def collection(area: BaseGeometry, begin: datetime, end: datetime, root: str) -> Json:
    """The collection of what was published."""
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": COLLECTION,
        "title": "Sentinel-2 Collection 1 Level-2A, simulated",
        "description": SIMULATED,
        "license": "other",
        "extent": {
            "spatial": {"bbox": [[float(part) for part in np.round(area.bounds, 6)]]},
            "temporal": {"interval": [[timestamp(begin), timestamp(end)]]},
        },
        "links": [{"rel": "self", "href": f"{root}/collection.json", "type": "application/json"}],
    }

"""One granule as an item of the catalogue."""

from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from services.demo.orbits import Granule
from services.demo.world import SIMULATED

COLLECTION = "sentinel-2-l2a"
CRS84 = "urn:ogc:def:crs:OGC::CRS84"
DEFAULT_FIELDS = ("id", "type", "geometry", "bbox", "links", "assets", "properties.datetime")
_EXTENSIONS = [
    "https://stac-extensions.github.io/eo/v1.0.0/schema.json",
    "https://stac-extensions.github.io/projection/v1.0.0/schema.json",
]


def timestamp(time: datetime) -> str:
    """`2017-06-07T09:53:40Z`."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def item(granule: Granule, root: str, *, cloud_cover: bool = True) -> dict[str, Any]:
    """All fields; without the cloud cover where nobody asks for it, since that must be computed."""
    properties = _properties(granule)
    if cloud_cover:
        properties["eo:cloud_cover"] = granule.cloud_cover
    name, time = granule.view.tile.name, granule.time
    folder = f"{granule.view.tile.zone}/{name[2]}/{name[3:]}/{time:%Y}/{time.month}/{time.day}/0"
    address = f"{root}/collections/{COLLECTION}"
    return {
        "stac_version": "1.0.0",
        "stac_extensions": _EXTENSIONS,
        "id": granule.id,
        "type": "Feature",
        "geometry": _geometry(granule.view.footprint_wgs84, CRS84),
        "bbox": list(granule.view.footprint_wgs84.bounds),
        "properties": properties,
        "assets": {
            "data": {"href": f"s3://demo-archive/tiles/{folder}/", "title": SIMULATED, "type": "inode/directory"}
        },
        "collection": COLLECTION,
        "links": [
            {"href": f"{address}/items/{granule.id}", "rel": "self", "type": "application/json"},
            {"href": address, "rel": "parent"},
        ],
    }


def _properties(granule: Granule) -> dict[str, Any]:
    """All but the cloud cover."""
    tile = granule.view.tile
    return {
        "datetime": timestamp(granule.time),
        "platform": granule.passage.satellite.platform,
        "instruments": ["msi"],
        "constellation": "sentinel-2",
        "gsd": 10,
        "title": SIMULATED,
        "license": "other",
        "proj:epsg": tile.epsg,
        "proj:bbox": list(tile.bounds),
        "proj:geometry": _geometry(granule.view.footprint, f"urn:ogc:def:crs:EPSG::{tile.epsg}"),
    }


def _geometry(shape: BaseGeometry, crs: str) -> dict[str, Any]:
    many = shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])  # type: ignore[list-item]
    geometry = dict(shapely.geometry.mapping(many))
    return {
        "type": geometry["type"],
        "crs": {"type": "name", "properties": {"name": crs}},
        "coordinates": geometry["coordinates"],
    }


def select_fields(whole: dict[str, Any], include: list[str], exclude: list[str]) -> dict[str, Any]:
    """Only the fields that are asked for; a name before another one holds all of it."""
    result: dict[str, Any] = {}
    for path in include:
        _copy(whole, result, path.split("."))
    for path in exclude:
        _drop(result, path.split("."))
    return result


def _copy(source: dict[str, Any], target: dict[str, Any], path: list[str]) -> None:
    name = path[0]
    if name not in source:
        return
    if len(path) == 1 or not isinstance(source[name], dict):
        held = source[name]
        target[name] = dict(held) if isinstance(held, dict) else held
        return
    _copy(source[name], target.setdefault(name, {}), path[1:])


def _drop(target: dict[str, Any], path: list[str]) -> None:
    if len(path) == 1:
        target.pop(path[0], None)
    elif isinstance(target.get(path[0]), dict):
        _drop(target[path[0]], path[1:])

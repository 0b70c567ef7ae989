"""STAC collection of an order: an item beside each tile's file, and in the collection what all of them share.

The granules that went in are listed once, there, and not in each of the items.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rasterio
import shapely

from services import __version__
from services.catalogue import Acquisition
from services.export import (
    COPERNICUS_TERMS,
    EXTENSIONS,
    PARQUET,
    TIFF,
    described_bands,
    lineage,
    raster_place,
    stac_providers,
    write_item_table,
    zone_code,
)
from services.geo import bounds_of
from services.grid import TileIndex
from services.mosaic.tile_set import COLLECTION, ITEMS, TileSet, footprint_of
from services.providers import Provider
from services.render import Provenance
from services.storage import write_beside

_GEOJSON = "application/geo+json"
_JSON = "application/json"


@dataclass(frozen=True)
class Listed:
    """A file of the whole, as an asset of the collection."""

    name: str
    """Of the asset."""
    href: str
    """Below the order's folder."""
    title: str
    media_type: str
    roles: tuple[str, ...]


_TABLE = Listed("items", ITEMS, "Items as stac-geoparquet", PARQUET, ("collection-mirror",))


def write_collection(
    sets: Sequence[TileSet],
    identity: str,
    provenance: Provenance,
    provider: Provider,
    kept: Sequence[Acquisition],
    files: Iterable[Listed] = (),
) -> Path:
    """Write items for the tiles that are there, and the collection last. `kept` went into any of them.

    `provenance` is of any tile, `identity` names the order. Raises StorageError where the disk refuses.
    """
    items = [(tiles, index) for tiles in sets for index in tiles.present()]
    path = sets[0].folder / COLLECTION
    plain = _collection(identity, sets, provenance, provider, kept)
    plain["links"] = [
        {"rel": "root", "href": f"./{COLLECTION}", "type": _JSON},
        *(_granule(granule, provider) for one in kept for granule in (g.id for g in one.granules)),
        *([] if provenance.simulated else [_terms()]),
    ]
    write_item_table(path.with_name(ITEMS), _written(items, identity, provenance), plain)
    plain["links"] += [{"rel": "item", "href": f"./{_name(*one)}", "type": _GEOJSON} for one in items]
    plain["assets"] = {
        one.name: {
            "href": f"./{one.href}",
            "title": one.title,
            "type": one.media_type,
            "roles": list(one.roles),
        }
        for one in (*files, *([_TABLE] if items else ()))
    }
    return _write(path, plain)


def _written(
    items: Iterable[tuple[TileSet, TileIndex]], identity: str, provenance: Provenance
) -> Iterator[dict[str, Any]]:
    """Each item once its own file is written, with its links as the order's folder has them."""
    for tiles, index in items:
        item = _item(tiles, index, identity, provenance)
        _write(tiles.path(index).with_suffix(".json"), item)
        assets = {name: asset | {"href": f"./{tiles.name(index)}"} for name, asset in item["assets"].items()}
        links = [link | {"href": f"./{COLLECTION}"} for link in item["links"]]
        yield item | {"assets": assets, "links": links}


def _name(tiles: TileSet, index: TileIndex) -> str:
    """Of an item's file, below the order's folder."""
    return tiles.name(index).removesuffix(".tif") + ".json"


def _write(path: Path, plain: Mapping[str, Any]) -> Path:
    text = json.dumps(plain, indent=1, ensure_ascii=False) + "\n"
    return write_beside(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def _granule(granule: str, provider: Provider) -> dict[str, Any]:
    return {"rel": "derived_from", "href": provider.granule_href(granule), "type": _GEOJSON, "title": granule}


def _terms() -> dict[str, Any]:
    return {
        "rel": "license",
        "href": COPERNICUS_TERMS,
        "type": "application/pdf",
        "title": "Terms of Copernicus Sentinel data",
    }


def _collection(
    identity: str,
    sets: Sequence[TileSet],
    provenance: Provenance,
    provider: Provider,
    kept: Sequence[Acquisition],
) -> dict[str, Any]:
    """All but links and assets."""
    recipe, software = provenance.recipe, {"Ninepatch": __version__} | provenance.packages
    notice = f"{provenance.notice}. " if provenance.simulated else ""
    shapes = [shapely.geometry.shape(footprint_of(one.lattice, one.lower_left, one.columns, one.rows)) for one in sets]
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "stac_extensions": [EXTENSIONS["projection"], EXTENSIONS["processing"]],
        "id": identity,
        "title": f"{recipe.area}, {recipe.when}, {provenance.method.of(len(kept))}",
        "description": f"{notice}{lineage(provenance, len(kept))} {provenance.attribution}.",
        "license": "other",
        "providers": stac_providers(provenance, provider),
        "extent": {
            "spatial": {
                "bbox": [list(bounds_of(one)) for one in (shapely.union_all(shapes), *(shapes if shapes[1:] else ()))]
            },
            "temporal": {"interval": [[_moment(one) for one in _span(kept, provenance)]]},
        },
        "summaries": {
            "gsd": [recipe.resolution],
            "constellation": ["sentinel-2"],
            "instruments": ["msi"],
            "proj:code": [f"EPSG:{one.epsg}" for one in sets],
            "processing:level": ["L3"],
            "processing:software": software,
        },
        "ninepatch:cloud_limit": recipe.maxcc,
        "ninepatch:method": recipe.method,
        "ninepatch:mask": recipe.mask,
        **({"ninepatch:nbar": True} if recipe.nbar else {}),
        "ninepatch:simulated": provenance.simulated,
        "ninepatch:acquisitions": [one.key for one in kept],
    }


def _span(kept: Sequence[Acquisition], provenance: Provenance) -> tuple[datetime, datetime]:
    """From the first to the last acquisition; of the interval where there is none."""
    interval = provenance.recipe.interval
    days = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (interval.start, interval.last))
    first, last = days
    return min((one.time for one in kept), default=first), max((one.end for one in kept), default=last)


def _moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _item(tiles: TileSet, index: TileIndex, identity: str, provenance: Provenance) -> dict[str, Any]:
    """Of one tile; its days are those that its file names."""
    geometry = footprint_of(tiles.lattice, index)
    days, interval = _days(tiles.path(index))
    first, last = (days[0], days[-1]) if days else interval
    width, height = tiles.tile_px
    placed = raster_place(tiles.lattice.bounds(index), width, height) | zone_code(tiles.epsg)
    up = "../../" + COLLECTION
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [EXTENSIONS[name] for name in ("projection", "raster", "eo")],
        "id": f"{identity}_{tiles.epsg}_x{index.x}_y{index.y}",
        "collection": identity,
        "geometry": geometry,
        "bbox": list(bounds_of(shapely.geometry.shape(geometry))),
        "properties": {
            "title": f"{provenance.recipe.area}, {provenance.recipe.when}, tile {index}",
            "datetime": None,
            "start_datetime": f"{first}T00:00:00Z",
            "end_datetime": f"{last}T23:59:59Z",
            "created": _moment(provenance.made),
            "gsd": tiles.resolution,
            "ninepatch:dates": days,
            **placed,
        },
        "links": [{"rel": rel, "href": up, "type": _JSON} for rel in ("root", "parent", "collection")],
        "assets": {
            "data": {
                "href": f"./{tiles.path(index).name}",
                "title": "Cloud Optimized GeoTIFF",
                "type": TIFF,
                "roles": ["data"],
                "bands": described_bands(tiles.bands, tiles.resolution),
                **placed,
            }
        },
    }


def _days(path: Path) -> tuple[list[str], tuple[str, str]]:
    """Days of the acquisitions, and the first and last of the interval, as the tags of a tile's file have them."""
    with rasterio.open(path) as dataset:
        tags = dataset.tags()
    first, _, last = tags["INTERVAL"].partition("/")
    return sorted(tags["ACQUISITION_DATES"].split()), (first, last)

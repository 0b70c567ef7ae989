"""Mosaics of an order: tile COGs in, one picture of the area out, as VRT, COG, cube and STAC collection."""

from typing import TYPE_CHECKING

from services.lazy import late
from services.mosaic.failures import Gap, failures_csv, failures_geojson
from services.mosaic.outputs import OUTPUTS, Area, Output, make_outputs, virtual_mosaic
from services.mosaic.room import Sizes, check_room, orders_bytes, sizes_of
from services.mosaic.tile_set import COLLECTION, ITEMS, TileSet

if TYPE_CHECKING:
    from services.mosaic.collection import Listed, write_collection
    from services.mosaic.looking import best_file, bundle_of, map_tile, viewer_tile
    from services.mosaic.overview import Overview
else:
    __getattr__ = late(
        __name__,
        Listed="collection",
        write_collection="collection",
        best_file="looking",
        bundle_of="looking",
        map_tile="looking",
        viewer_tile="looking",
        Overview="overview",
    )

__all__ = [
    "COLLECTION",
    "ITEMS",
    "OUTPUTS",
    "Area",
    "Gap",
    "Listed",
    "Output",
    "Overview",
    "Sizes",
    "TileSet",
    "best_file",
    "bundle_of",
    "check_room",
    "failures_csv",
    "failures_geojson",
    "make_outputs",
    "map_tile",
    "orders_bytes",
    "sizes_of",
    "viewer_tile",
    "virtual_mosaic",
    "write_collection",
]

"""Mosaics of an order: tile COGs in, one picture of the area out, as VRT, COG, cube and STAC collection."""

from services.mosaic.tile_set import TileSet
from services.mosaic.mosaic import make_mosaic, make_reprojected
from services.mosaic.vrt import write_vrt

__all__ = ["TileSet", "make_mosaic", "make_reprojected", "write_vrt"]

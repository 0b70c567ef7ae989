"""The simulated world as open data: an area and times come in, a folder of STAC items and GeoTIFFs goes out."""

from services.demo.publish.folder import publish
from services.demo.publish.items import ASSETS, COLLECTION

__all__ = ["ASSETS", "COLLECTION", "publish"]

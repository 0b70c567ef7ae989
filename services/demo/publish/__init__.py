"""The simulated world as open data: an area and times come in, a folder of STAC items and GeoTIFFs goes out."""

from services.demo.publish.folder import publish

__all__ = ["publish"]

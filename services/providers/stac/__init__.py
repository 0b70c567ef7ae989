"""Open data: STAC catalogues whose pixels are Cloud Optimized GeoTIFFs; items in, acquisitions and blocks out."""

from services.providers.stac.asking import Client
from services.providers.stac.catalog import items_of
from services.providers.stac.items import products
from services.providers.stac.profile import EARTH_SEARCH, EARTH_SEARCH_V2, PLANETARY_COMPUTER, Profile
from services.providers.stac.provider import KNOWN, OpenData, open_data
from services.providers.stac.ranges import Part
from services.providers.stac.source import OpenCatalogue

__all__ = [
    "EARTH_SEARCH",
    "EARTH_SEARCH_V2",
    "KNOWN",
    "PLANETARY_COMPUTER",
    "Client",
    "OpenCatalogue",
    "OpenData",
    "Part",
    "Profile",
    "items_of",
    "open_data",
    "products",
]

"""Open data: STAC catalogues whose pixels are Cloud Optimized GeoTIFFs; items in, acquisitions and blocks out."""

from services.providers.stac.catalog import items_of
from services.providers.stac.client import Client
from services.providers.stac.items import Product, products
from services.providers.stac.profile import EARTH_SEARCH, EARTH_SEARCH_V2, PLANETARY_COMPUTER, PROFILES, Profile
from services.providers.stac.ranges import Part, RangeReader

__all__ = [
    "EARTH_SEARCH",
    "EARTH_SEARCH_V2",
    "PLANETARY_COMPUTER",
    "PROFILES",
    "Client",
    "Part",
    "Product",
    "Profile",
    "RangeReader",
    "items_of",
    "products",
]

"""Geometry on Earth: outlines in, valid polygons in longitude and latitude out, and the way to UTM and back."""

from services.geo.coordinates import bounds_of, flat, square_kilometres
from services.geo.crs import (
    Bounds,
    Ring,
    central_meridian,
    plain_epsg,
    to_utm,
    to_wgs84,
    transformer,
    utm_epsg,
    zone_name,
)
from services.geo.polygons import check_on_earth, degrees, geometry_of, parts, place, to_polygons
from services.geo.reprojection import to_degrees

__all__ = [
    "Bounds",
    "Ring",
    "bounds_of",
    "central_meridian",
    "check_on_earth",
    "degrees",
    "flat",
    "geometry_of",
    "parts",
    "place",
    "plain_epsg",
    "square_kilometres",
    "to_degrees",
    "to_polygons",
    "to_utm",
    "to_wgs84",
    "transformer",
    "utm_epsg",
    "zone_name",
]

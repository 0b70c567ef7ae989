"""Readers of area formats: untrusted bytes or text in, an Outline out, polygons of numbers as they stand there."""

from services.formats.crs_text import horizontal, is_of_a_map, refuse_degrees
from services.formats.geojson import outline_of
from services.formats.limits import FileLimits, check_size
from services.formats.outline import WGS84, Outline, Position, Rings
from services.formats.registry import FORMATS, REFUSED, SUFFIXES, Format, format_named, format_of
from services.formats.text import dms_corners, looks_like_dms, outline_from_text, stem_of, suffix_of
from services.formats.wkt import looks_like_wkt

__all__ = [
    "FORMATS",
    "REFUSED",
    "SUFFIXES",
    "WGS84",
    "FileLimits",
    "Format",
    "Outline",
    "Position",
    "Rings",
    "check_size",
    "dms_corners",
    "format_named",
    "format_of",
    "horizontal",
    "is_of_a_map",
    "looks_like_dms",
    "looks_like_wkt",
    "outline_from_text",
    "outline_of",
    "refuse_degrees",
    "stem_of",
    "suffix_of",
]

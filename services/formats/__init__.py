"""Readers of area formats: untrusted bytes or text in, an Outline out, polygons of numbers as they stand there."""

from services.formats.archive import ZipArchive
from services.formats.dbase import names_of
from services.formats.flatgeobuf import read_flatgeobuf
from services.formats.geojson import outline_of
from services.formats.geopackage import read_geopackage
from services.formats.limits import FileLimits, check_size
from services.formats.outline import WGS84, Outline, Position, Rings
from services.formats.registry import BY_NAME, SUFFIXES, Format, format_of
from services.formats.shapefile import read_shapefile
from services.formats.text import decoded, outline_from_text, stem_of, suffix_of
from services.formats.xml import read_gpx, read_kml

__all__ = [
    "BY_NAME",
    "SUFFIXES",
    "WGS84",
    "FileLimits",
    "Format",
    "Outline",
    "Position",
    "Rings",
    "ZipArchive",
    "check_size",
    "decoded",
    "format_of",
    "names_of",
    "outline_from_text",
    "outline_of",
    "read_flatgeobuf",
    "read_geopackage",
    "read_gpx",
    "read_kml",
    "read_shapefile",
    "stem_of",
    "suffix_of",
]

"""The formats that areas come in: their endings, how their bytes begin, what people call them, and who reads them.

A format is one entry and one reader. A reader imports what is heavy only when it is prepared: the process that reads
a file starts anew for each, and most files are texts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from services.errors import AreaError
from services.formats import geoparquet
from services.formats.geopackage import read_geopackage
from services.formats.geoparquet import read_geoparquet
from services.formats.limits import FileLimits
from services.formats.outline import Outline
from services.formats.shapefile import read_shapefile
from services.formats.text import read_text
from services.formats.vector import FLATGEOBUF, GEOPACKAGE, SHAPEFILE, read_flatgeobuf, register
from services.formats.xml import read_gpx, read_kml, read_kmz

Reader = Callable[[bytes, FileLimits], Outline]
"""From the bytes of a file to its outline, within limits. Raises AreaError."""


def _nothing() -> None:
    """What is imported already is enough."""


@dataclass(frozen=True)
class Format:
    """One kind of file."""

    name: str
    """Short, as the reading process is told it."""
    title: str
    """What people call it."""
    suffixes: tuple[str, ...]
    """Endings in lower case, with the dot."""
    signature: bytes
    """How its bytes begin; empty for texts."""
    read: Reader
    """Called in the reading process when nothing can be opened any more."""
    prepare: Callable[[], None] = _nothing
    """Called there before: imports and opens what the reader needs."""


FORMATS = (
    Format("text", "GeoJSON or WKT", (".geojson", ".json", ".wkt", ".txt"), b"", read_text),
    Format("kml", "KML", (".kml",), b"", read_kml),
    Format("kmz", "KMZ", (".kmz",), b"PK\x03\x04", read_kmz),
    Format("shapefile", "zipped Shapefile", (".zip",), b"PK\x03\x04", read_shapefile, partial(register, SHAPEFILE)),
    Format(
        "geopackage", "GeoPackage", (".gpkg",), b"SQLite format 3\0", read_geopackage, partial(register, GEOPACKAGE)
    ),
    Format("flatgeobuf", "FlatGeobuf", (".fgb",), b"fgb\x03fgb", read_flatgeobuf, partial(register, FLATGEOBUF)),
    Format("gpx", "GPX", (".gpx",), b"", read_gpx),
    Format("geoparquet", "GeoParquet", (".parquet", ".geoparquet"), b"PAR1", read_geoparquet, geoparquet.prepare),
)
SUFFIXES = tuple(suffix for kind in FORMATS for suffix in kind.suffixes)
"""Endings of the files that are read."""
REFUSED = {
    **dict.fromkeys(
        (".shp", ".shx", ".dbf", ".prj"),
        "A Shapefile is several files, and this is one of them: {suffix}.|"
        "Zip it: the .shp with its .shx, .dbf and .prj, and bring the .zip.",
    ),
    **dict.fromkeys(
        (".gml", ".xml"), "GML and other XML than KML and GPX are not read.|Save the area as GeoPackage or GeoJSON."
    ),
    **dict.fromkeys(
        (".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".ndgeojson", ".jsonl"),
        "A sequence of GeoJSON texts, one a line, is not read.|Save it as one FeatureCollection, as .geojson.",
    ),
    ".topojson": "TopoJSON is not read.|Save the area as GeoJSON.",
}
"""Of endings that people try, the cause and the remedy."""
_BY_NAME = {kind.name: kind for kind in FORMATS}
_OTHERS = {
    b"PK\x03\x04": "a zip archive",
    b"SQLite format 3\0": "a database, as a GeoPackage is",
    b"fgb\x03fgb": "FlatGeobuf",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"PAR1": "Parquet",
    b"\0\0\x27\x0a": "the .shp of a Shapefile, which comes as a zip with its .prj",
}
"""What else bytes may begin as."""


def format_named(name: str) -> Format:
    """The format of that name. Raises LookupError where there is none."""
    return _BY_NAME[name]


def format_of(suffix: str, data: bytes) -> Format:
    """By the ending, and only where the bytes begin as they must. Raises AreaError."""
    kind = next((kind for kind in FORMATS if suffix in kind.suffixes), None)
    if kind is None:
        raise _unread(suffix)
    if not data:
        raise AreaError("The file is empty: it has 0 bytes.", "Save it again.")
    begun = next((what for signature, what in _OTHERS.items() if data.startswith(signature)), "")
    if data.startswith(kind.signature) and not (begun and not kind.signature):
        return kind
    raise AreaError(
        f"The file ends in {suffix}, and it is {begun or f'no {kind.title}'}.",
        "Give it the ending of what it is, or save it anew.",
    )


def _unread(suffix: str) -> AreaError:
    """The refusal of an ending."""
    cause, _, remedy = REFUSED.get(suffix, "").partition("|")
    if cause:
        return AreaError(cause.format(suffix=suffix), remedy)
    return AreaError(
        f"A file that ends in {suffix} is not read." if suffix else "A file without an ending is not read.",
        f"Bring one of {', '.join(SUFFIXES)}.",
    )

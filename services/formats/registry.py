"""The kinds of files that areas come in: their endings, how their bytes begin, and what people call them."""

from dataclasses import dataclass

from services.errors import AreaError


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


FORMATS = (
    Format("text", "GeoJSON or WKT", (".geojson", ".json", ".wkt", ".txt"), b""),
    Format("kml", "KML", (".kml",), b""),
    Format("kmz", "KMZ", (".kmz",), b"PK\x03\x04"),
    Format("shapefile", "zipped Shapefile", (".zip",), b"PK\x03\x04"),
    Format("geopackage", "GeoPackage", (".gpkg",), b"SQLite format 3\0"),
    Format("flatgeobuf", "FlatGeobuf", (".fgb",), b"fgb\x03fgb"),
    Format("gpx", "GPX", (".gpx",), b""),
)
SUFFIXES = tuple(suffix for kind in FORMATS for suffix in kind.suffixes)
"""Endings of the files that are read."""
BY_NAME = {kind.name: kind for kind in FORMATS}
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


def format_of(suffix: str, data: bytes) -> Format:
    """By the ending, and only where the bytes begin as they must. Raises AreaError."""
    kind = next((kind for kind in FORMATS if suffix in kind.suffixes), None)
    if kind is None:
        raise AreaError(
            f"A file that ends in {suffix} is not read." if suffix else "A file without an ending is not read.",
            f"Bring one of {', '.join(SUFFIXES)}.",
        )
    if not data:
        raise AreaError("The file is empty: it has 0 bytes.", "Save it again.")
    begun = next((what for signature, what in _OTHERS.items() if data.startswith(signature)), "")
    if data.startswith(kind.signature) and not (begun and not kind.signature):
        return kind
    raise AreaError(
        f"The file ends in {suffix}, and it is {begun or f'no {kind.title}'}.",
        "Give it the ending of what it is, or save it anew.",
    )

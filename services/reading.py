"""From bytes and texts of unknown kind to an outline: which format it is, and how large it may be."""

import re

import numpy as np
from pyproj import CRS
from pyproj.exceptions import ProjError

from services.errors import AreaError
from services.geojson import read_geojson
from services.outline import Outline, clean_name, coordinate, shorten
from services.settings import Settings
from services.utm import WGS84, transformer
from services.wkt import looks_like_wkt, read_wkt

SUFFIXES = (".geojson", ".json", ".wkt", ".txt")
"""Names of the files that are read."""
_KINDS = "Give GeoJSON, WKT or 'west, south, east, north'."
_VALUES_PER_VERTEX = 8
"""Commas and brackets that one vertex may need in a text, with room for properties."""
_SPARE_VALUES = 200_000
_BOX_LENGTH = 400
"""Characters of the longest text that is read as four numbers."""


def decode(data: bytes, filename: str, limits: Settings) -> str:
    """The text of a file. Raises AreaError for a kind that is not read, for too much, and for what is no UTF-8."""
    suffix = suffix_of(filename)
    if suffix not in SUFFIXES:
        what = f"A file that ends in {shorten(suffix, 16)}" if suffix else "A file without an ending"
        raise AreaError(f"{what} is not read.", f"Bring one of {', '.join(SUFFIXES)}.")
    if len(data) > limits.max_upload_mb * 1_000_000:
        raise AreaError(
            f"The file has {len(data) / 1e6:,.1f} MB; at most {limits.max_upload_mb} MB are read.",
            "Simplify the area.",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        found = "it is UTF-16" if wide else f"byte {error.start} is {data[error.start]:#04x}"
        raise AreaError(f"The file is not text in UTF-8: {found}.", "Save it again in UTF-8.") from None


def suffix_of(filename: str) -> str:
    """`.geojson`; lower case, with the dot; empty where there is none."""
    return _split(filename)[1].lower()


def stem_of(filename: str) -> str:
    """The name of a file as an area may bear it: no folders, no ending, nothing that does not show."""
    return clean_name(_split(filename)[0].lstrip("."))


def _split(filename: str) -> tuple[str, str]:
    """The last part of a path: its stem and its ending with the dot."""
    last = re.split(r"[/\\]", filename[-1000:])[-1]
    stem, dot, suffix = last.rpartition(".")
    return (stem, dot + suffix) if dot else (last, "")


def outline_from_text(text: str, limits: Settings) -> Outline:
    """Whatever the text is. Raises AreaError where it is nothing that is read, or larger than `limits` allow."""
    text = text.strip().lstrip("\ufeff").strip()
    if not text:
        raise AreaError("The text is empty: there is no area in it.", _KINDS)
    _check_size(text, limits)
    if "\0" in text:
        raise AreaError("The text holds a NUL character: it is no text.", _KINDS)
    if text.startswith("{"):
        return read_geojson(text)
    if text.startswith("<"):
        raise AreaError("The text looks like XML (KML or GPX), which is not read.", _KINDS)
    if re.match(r"\[\s*\[", text):
        raise AreaError(
            "The text is a bare list of coordinates.",
            'Write it as {"type": "Polygon", "coordinates": [[[24, 60], …]]}.',
        )
    if looks_like_wkt(text):
        return read_wkt(text)
    return _box(text)


def outline_in_degrees(outline: Outline) -> Outline:
    """With its numbers in longitude and latitude. Raises AreaError where the EPSG code is not known."""
    if outline.epsg == WGS84 or not outline.vertices:
        return outline
    unknown = AreaError(
        f"The coordinate system EPSG:{outline.epsg} is not known, or not one of a map.",
        "Give longitude and latitude in degrees.",
    )
    try:
        crs = CRS.from_epsg(outline.epsg)
        if len(crs.axis_info) != 2 or not (crs.is_projected or crs.is_geographic):
            raise unknown
        positions = np.array([position for rings in outline.polygons for ring in rings for position in ring])
        degrees = np.column_stack(transformer(outline.epsg, WGS84).transform(*positions.T))
    except ProjError:
        raise unknown from None
    if not np.isfinite(degrees).all():
        worst = positions[~np.isfinite(degrees).all(axis=1)][0]
        raise AreaError(
            f"The coordinates {worst[0]:.8g}, {worst[1]:.8g} are outside of EPSG:{outline.epsg}.",
            "Check the coordinate system of the file.",
        )
    values = iter(degrees.tolist())
    polygons = tuple(
        tuple(tuple((x, y) for x, y in (next(values) for _ in ring)) for ring in rings) for rings in outline.polygons
    )
    note = f"The coordinates were brought from EPSG:{outline.epsg} to longitude and latitude."
    return Outline(polygons, outline.name, WGS84, outline.features, (*outline.notes, note))


def _check_size(text: str, limits: Settings) -> None:
    """Before anything is built of it: a list of a million empty lists is small as text and not in memory."""
    most = _VALUES_PER_VERTEX * limits.max_vertices + _SPARE_VALUES
    found = sum(text.count(mark) for mark in ",[{(")
    if len(text) > limits.max_upload_mb * 1_000_000 or found > most:
        raise AreaError(
            f"The text has {len(text) / 1e6:,.1f} MB and {found:,} values: "
            f"more than an area of {limits.max_vertices:,} vertices needs.",
            "Simplify the area.",
        )


def _box(text: str) -> Outline:
    """`west, south, east, north`, with commas, semicolons or spaces between them."""
    words = re.split(r"[\s,;]+", text.strip("[]() \t\r\n")) if len(text) <= _BOX_LENGTH else []
    if not words or not re.match(r"[-+.\d\[(−]", text):
        raise AreaError(f"The text {shorten(text)!r} is no area.", _KINDS)
    if len(words) != 4:
        comma = " Use a point in decimals, not a comma." if len(words) == 8 else ""
        count = f"{len(words)} numbers" if len(words) > 1 else "one number"
        raise AreaError(f"The text has {count}; a box has 4.", f"Write west, south, east, north.{comma}")
    west, south, east, north = (_number(word) for word in words)
    if south > north:
        raise AreaError(
            f"The south, {south:.8g}, is north of the north, {north:.8g}.", "Write west, south, east, north."
        )
    width = east - west + (360 if west > east and max(abs(west), abs(east)) <= 180 else 0)
    if max(abs(south), abs(north)) <= 90 and not 0 <= width < 180:
        raise AreaError(
            f"From west {west:.8g} to east {east:.8g} is no box of less than half the Earth.",
            "Write west, south, east, north.",
        )
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return Outline(((ring,),))


def _number(word: str) -> float:
    try:
        return coordinate(float(word.replace("−", "-").replace("_", "?")))
    except ValueError:
        raise AreaError(f"{shorten(word)!r} is not a number.", "Write west, south, east, north.") from None

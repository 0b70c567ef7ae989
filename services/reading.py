"""From texts of unknown kind to an outline: which format it is, and how large it may be."""

import re

from services.dms import looks_like_dms, read_dms
from services.errors import AreaError
from services.filelimits import TextLimits
from services.geojson import read_geojson
from services.outline import Outline, clean_name, coordinate, shorten
from services.wkt import looks_like_wkt, read_wkt

_KINDS = "Give GeoJSON, WKT, 'west, south, east, north', or corners like 60°18'N 24°30'E."
_VALUES_PER_VERTEX = 8
"""Commas and brackets that one vertex may need in a text, with room for properties."""
_SPARE_VALUES = 200_000
_BOX_LENGTH = 400
"""Characters of the longest text that is read as four numbers."""


def decoded(data: bytes) -> str:
    """The text of a file. Raises AreaError for what is no UTF-8."""
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


def outline_from_text(text: str, limits: TextLimits) -> Outline:
    """Whatever the text is. Raises AreaError where it is nothing that is read, or larger than `limits` allow."""
    text = text.strip().lstrip("\ufeff").strip()
    if not text:
        raise AreaError("The text is empty: there is no area in it.", _KINDS)
    _check_size(text, limits)
    if "\0" in text:
        raise AreaError("The text holds a NUL character: it is no text.", _KINDS)
    if text.startswith("{"):
        return read_geojson(text, limits.max_features)
    if text.startswith("<"):
        raise AreaError("The text is XML, as KML and GPX are.", "Bring it as a file that ends in .kml or .gpx.")
    if re.match(r"\[\s*\[", text):
        raise AreaError(
            "The text is a bare list of coordinates.",
            'Write it as {"type": "Polygon", "coordinates": [[[24, 60], …]]}.',
        )
    if looks_like_wkt(text):
        return read_wkt(text)
    if looks_like_dms(text):
        return read_dms(text)
    return _box(text)


def _check_size(text: str, limits: TextLimits) -> None:
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

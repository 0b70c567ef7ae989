"""Texts of unknown kind to an outline: GeoJSON, WKT, a box, or corners in degrees as maps, charts and reports write."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.errors import AreaError
from services.formats.geojson import read_geojson
from services.formats.limits import TextLimits
from services.formats.outline import Outline, Position, coordinate
from services.formats.wkt import looks_like_wkt, read_wkt
from services.text import clean_name, quoted, shorten

EXAMPLE = "Write each corner like 60°18'00\"N 24°30'00\"E."
LONGEST = 100_000
"""Characters of a text that is looked at: some thousand corners."""
_MARKS = str.maketrans(
    dict.fromkeys("º˚", "°") | dict.fromkeys("′’‘´ʹ`", "'") | dict.fromkeys("″”“ʺ„", '"') | dict.fromkeys("−–—‐‑", "-")
)
_WORDS = re.compile(r"\b(?:latitude|longitude|lat|long|lon|lng)\b\.?\s*[:=]?", re.IGNORECASE)
_LOOKS = re.compile(
    r"\d\s*(?:°|''?|\"|deg\b)"  # a number with its mark
    r"|\d\s*[NSWnsw](?![A-Za-z])|(?<![A-Za-z])[NSWnsw]\s*[-+]?\s*[\d.]"  # or with a letter of its own
    r"|\d\s*[Ee](?![A-Za-z\d+-])|(?<![A-Za-z\d.])[Ee]\s*[-+]?\s*[\d.]"  # which no exponent is
)
_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<mark>°|''|'|\"|deg\b\.?)|(?P<letter>[NSEWO](?![A-Z]))|(?P<sign>[-+])"
    r"|(?P<stop>[,;/|\n]+)|(?P<other>[^\s()\[\]:])",
    re.IGNORECASE,
)
_PLACES = {"°": 0, "'": 1, '"': 2, "''": 2}
_NAMES = ("degrees", "minutes", "seconds")


@dataclass(frozen=True)
class _Coordinate:
    """One latitude or longitude, with the words that it was."""

    degrees: float
    is_latitude: bool
    words: str


def looks_like_dms(text: str) -> bool:
    """Whether a number in it has a degree sign, a prime, or the letter of a quarter of the sky; not in a long text."""
    return len(text) <= LONGEST and _LOOKS.search(_plain(text)) is not None


def read_dms(text: str) -> Outline:
    """Two corners are a box that goes the short way round, three and more a polygon; N or S tells the latitude.

    Degrees, minutes and seconds may have their marks or none; only the last of them may have decimals. Raises
    AreaError where a letter is missing, a value is too large, or the corners enclose nothing.
    """
    corners = dms_corners(text)
    if len(corners) == 1:
        raise AreaError(
            f"The text is one point, {quoted(text)}: it has no area.",
            "Give two opposite corners of a box, or three or more corners.",
        )
    ring = _box(*corners) if len(corners) == 2 else corners
    closed = ring if ring[0] == ring[-1] else [*ring, ring[0]]
    return Outline(((tuple(closed),),))


def dms_corners(text: str) -> list[Position]:
    """The positions of a text for which `looks_like_dms` holds, at least one. Raises AreaError as `read_dms`."""
    corners = list(_corners(list(_coordinates(_plain(text)))))
    if not corners:
        raise AreaError("The text is empty: there is no coordinate in it.", EXAMPLE)
    return corners


def _plain(text: str) -> str:
    """With one character for each mark and each space, and without the words for what the letters say."""
    plain = _WORDS.sub(" ", text.translate(_MARKS))
    return re.sub(r"\s+", lambda space: "\n" if "\n" in space[0] else " ", plain)


def _corners(coordinates: list[_Coordinate]) -> Iterator[Position]:
    """Two by two, as longitude and latitude."""
    if len(coordinates) % 2:
        last = shorten(coordinates[-1].words)
        raise AreaError(f"The coordinate {quoted(last)} has no partner: the text has {len(coordinates)}.", EXAMPLE)
    for one, other in zip(coordinates[::2], coordinates[1::2], strict=True):
        if one.is_latitude == other.is_latitude:
            kind = "latitudes" if one.is_latitude else "longitudes"
            raise AreaError(f"{quoted(one.words)} and {quoted(other.words)} are two {kind}.", EXAMPLE)
        latitude, longitude = (one, other) if one.is_latitude else (other, one)
        yield longitude.degrees, latitude.degrees


def _box(one: Position, other: Position) -> list[Position]:
    """Whichever corners they are; across the 180th meridian where that is the shorter way."""
    (west, east), (south, north) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    if west == east or south == north:
        same = "longitude" if west == east else "latitude"
        raise AreaError(f"The two corners have the same {same}: they enclose nothing.", "Give two opposite corners.")
    if east - west > 180:
        west, east = east, west
    if east - west == 180:
        raise AreaError(
            f"From longitude {west:.8g} to {east:.8g} is no box of less than half the Earth.", "Give a smaller one."
        )
    return [(west, south), (east, south), (east, north), (west, north)]


def _coordinates(text: str) -> Iterator[_Coordinate]:
    """Cut at the letters, which all stand before or all stand behind their numbers."""
    if comma := re.search(r"(?<!\d)\d+,\d+", text):
        raise AreaError(
            f"The comma in {quoted(comma[0])} may be a decimal comma or stand between two coordinates.",
            "Use a point in decimals, and a space after a comma between coordinates.",
        )
    tokens = list(_TOKEN.finditer(text))
    leads = next((token.lastgroup for token in tokens if token.lastgroup in {"letter", "number"}), "") == "letter"
    gathered: list[re.Match[str]] = []
    letter = ""
    for token in tokens:
        kind = token.lastgroup
        if kind == "other":
            word = re.match(r"\S+", text[token.start() :])
            raise AreaError(f"{quoted(word[0] if word else token[0])} is no part of a coordinate.", EXAMPLE)
        if kind in {"letter", "stop"} and not (kind == "letter" and not leads):
            if gathered:  # what stands before a stop or the next letter has to be whole
                yield _coordinate(gathered, letter, text)
                gathered, letter = [], ""
            if kind == "letter":
                if letter:
                    raise AreaError(f"The letters {quoted(letter + token[0])} have no number between them.", EXAMPLE)
                letter = token[0].upper()
        elif kind == "letter":
            if not gathered:
                raise AreaError(f"The letter {quoted(token[0])} has no number before it.", EXAMPLE)
            yield _coordinate(gathered, token[0].upper(), text)
            gathered = []
        elif kind == "sign" and (gathered or _lonely(token, text)):
            continue  # 60-18-00N, or a dash between corners
        else:
            gathered.append(token)
    if gathered:
        yield _coordinate(gathered, letter, text)
    elif letter:
        raise AreaError(f"The letter {quoted(letter)} has no number behind it.", EXAMPLE)


def _lonely(token: re.Match[str], text: str) -> bool:
    """Whether a sign does not stand right before a number."""
    return text[token.end() : token.end() + 1] not in set("0123456789.")


def _coordinate(tokens: list[re.Match[str]], letter: str, text: str) -> _Coordinate:
    words = text[tokens[0].start() : tokens[-1].end()].strip()
    said = quoted(words)
    if not letter:
        raise AreaError(f"The coordinate {said} has no letter.", "Add N or S to latitudes, E or W to longitudes.")
    if letter == "O":
        raise AreaError(f"The letter O of {said} is east in some languages and west in others.", "Write E or W.")
    if tokens[0].lastgroup == "sign":
        raise AreaError(f"The coordinate {said} has a sign and the letter {letter}.", "Leave the sign out.")
    value, latitude = _value(tokens, said), letter in "NS"
    most, what = (90, "latitude") if latitude else (180, "longitude")
    if value > most:
        raise AreaError(f"The {what} {said} {letter} is more than {most} degrees.", EXAMPLE)
    return _Coordinate(-value if letter in "SW" else value, latitude, f"{words} {letter}")


def _value(tokens: list[re.Match[str]], said: str) -> float:
    """Degrees of one to three numbers, each with or without its mark."""
    parts: list[float] = []
    marked = True
    for token in tokens:
        if token.lastgroup == "number":
            if parts and not parts[-1].is_integer():
                raise AreaError(f"In {said} a number with decimals is not the last.", EXAMPLE)
            parts.append(float(token[0]))
            marked = False
            if len(parts) > 3:
                raise AreaError(
                    f"{said} has more than degrees, minutes and seconds.",
                    "Set N, S, E or W beside each coordinate.",
                )
        elif marked or _PLACES.get(token[0].lower(), 0) != len(parts) - 1:
            raise AreaError(f"In {said} the mark {quoted(token[0])} is not where it belongs.", EXAMPLE)
        else:
            marked = True
    for value, name in zip(parts[1:], _NAMES[1:], strict=False):
        if value >= 60:
            raise AreaError(f"{said} has {value:g} {name}; there are 60 to the whole.", EXAMPLE)
    return sum(value / 60.0**place for place, value in enumerate(parts))


_KINDS = "Give GeoJSON, WKT, 'west, south, east, north', or corners like 60°18'N 24°30'E."
_VALUES_PER_VERTEX = 8
"""Commas and brackets that one vertex may need in a text, with room for properties."""
_SPARE_VALUES = 200_000
_HEAD = 2000
"""Characters of XML in which it says what it is."""
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


def read_text(data: bytes, limits: TextLimits) -> Outline:
    """The outline in a file of text. Raises AreaError."""
    return outline_from_text(decoded(data), limits)


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
        if "opengis.net/gml" in text[:_HEAD]:
            raise AreaError("The text is GML, which is not read.", "Save the area as GeoPackage or GeoJSON.")
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
    return _reading_box(text)


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


def _reading_box(text: str) -> Outline:
    """`west, south, east, north`, with commas, semicolons or spaces between them."""
    words = re.split(r"[\s,;]+", text.strip("[]() \t\r\n")) if len(text) <= _BOX_LENGTH else []
    if not words or not re.match(r"[-+.\d\[(−]", text):
        raise AreaError(f"The text {quoted(text)} is no area.", _KINDS)
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
        raise AreaError(f"{quoted(word)} is not a number.", "Write west, south, east, north.") from None

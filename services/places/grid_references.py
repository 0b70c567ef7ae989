"""Grid references: MGRS squares and UTM positions, as maps and field books write them, to degrees."""

import re
from dataclasses import dataclass

from services.errors import AreaError
from services.geo import to_wgs84
from services.text import quoted

BANDS = "CDEFGHJKLMNPQRSTUVWX"
"""Of 8° of latitude each from 80° south; the last one has 12."""
_COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
"""Of 100 km to the east of a zone's false origin, by the zone's number."""
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
"""Of 100 km to the north, again and again; five further in even zones."""
_MGRS = re.compile(r"(\d{1,2})\s*([A-Z])\s*([A-Z])([A-Z])\s*((?:\d\s*)*)", re.IGNORECASE)
_UTM = re.compile(
    r"(?:UTM\s*(?:zone)?\s*)?(\d{1,2})\s*(north|south|[A-Z])\b[\s,:]*"
    r"(\d{5,7}(?:\.\d+)?)\s*m?\s*E?[\s,;]+(\d{1,8}(?:\.\d+)?)\s*m?\s*N?",
    re.IGNORECASE,
)
_SQUARE, _CYCLE = 100_000, 2_000_000
"""Metres."""
_BORDER = 1.0
"""Degrees that a square of 100 km may lie beyond its band."""
_LIKE = "Write a reference like 35VLG8400071000, or 35V 384000 6671000."


@dataclass(frozen=True)
class Reference:
    """The middle of what a reference names."""

    longitude: float
    latitude: float
    note: str
    """The beginning of a sentence: how it was read."""


def read_mgrs(text: str) -> Reference | None:
    """`35VLG8400071000`, with blanks or without; None for other texts. Raises AreaError for what is no square."""
    found = _MGRS.fullmatch(text.strip())
    if found is None:
        return None
    digits = re.sub(r"\s", "", found[5])
    if not digits and int(found[1]) > 60:
        return None
    zone, band = _zone(found[1], text), _band(found[2], text)
    if len(digits) % 2 or len(digits) > 10:
        raise AreaError(f"{quoted(text)} has {len(digits)} digits; there are as many east as north, 5 at most.", _LIKE)
    size = _SQUARE / 10 ** (len(digits) // 2)
    half = len(digits) // 2
    column, row = found[3].upper(), found[4].upper()
    letters = _COLUMNS[(zone - 1) % 3]
    if column not in letters or row not in _ROWS:
        raise AreaError(f"Zone {zone} has no square {column}{row}.", _LIKE)
    east = (letters.index(column) + 1) * _SQUARE + (int(digits[:half]) * size if half else 0) + size / 2
    row_number = (_ROWS.index(row) - (5 if zone % 2 == 0 else 0)) % 20
    north = row_number * _SQUARE + (int(digits[half:]) * size if half else 0) + size / 2
    longitude, latitude = _in_band(zone, band, east, north, text)
    return Reference(longitude, latitude, f"The middle of the MGRS square of {_metres(size)}")


def read_utm(text: str) -> Reference | None:
    """`35V 384000 6671000`, also with a hemisphere for the band; None for other texts. Raises AreaError."""
    found = _UTM.fullmatch(text.strip())
    if found is None:
        return None
    zone, letter = _zone(found[1], text), found[2].upper()
    east, north = float(found[3]), float(found[4])
    south, said = letter == "SOUTH", ""
    if letter not in {"NORTH", "SOUTH"}:
        band = _band(letter, text)
        south = band < "N"
        said = f" {zone}{band}"
        if letter == "S" and not _within(zone, "S", east, north):
            south, said = True, f" {zone}, south: as a band S would not reach there"
    longitude, latitude = _degrees(zone, south, east, north, text)
    if len(letter) == 1 and letter not in "NS" and _away(latitude, letter) > _BORDER:
        raise AreaError(
            f"{quoted(text)} lies at latitude {latitude:.2f}, and the band {letter} {_reach(letter)}.",
            "Correct the band or the northing; N or S stand for the hemisphere.",
        )
    return Reference(longitude, latitude, f"UTM zone{said or f' {zone} {letter.lower()}'}")


def _zone(number: str, text: str) -> int:
    if not 1 <= int(number) <= 60:
        raise AreaError(f"{quoted(text)} has the UTM zone {int(number)}; there are 60.", _LIKE)
    return int(number)


def _band(letter: str, text: str) -> str:
    if letter.upper() not in BANDS:
        raise AreaError(
            f"{quoted(text)} has the latitude band {letter.upper()}; bands are C to X without I and O.", _LIKE
        )
    return letter.upper()


def _within(zone: int, band: str, east: float, north: float) -> bool:
    """Whether a northing of the north lies in the band."""
    _, latitude = to_wgs84(32600 + zone, east, north)
    return _away(float(latitude), band) <= _BORDER


def _in_band(zone: int, band: str, east: float, north: float, text: str) -> tuple[float, float]:
    """A square's letters come again every 2,000 km: the one in the band is meant."""
    south = band < "N"
    for cycle in range(5):
        longitude, latitude = to_wgs84((32700 if south else 32600) + zone, east, north + cycle * _CYCLE)
        if _away(float(latitude), band) <= _BORDER:
            return float(longitude + 180) % 360 - 180, float(latitude)
    raise AreaError(f"Band {band} of zone {zone} has no square of {quoted(text)}.", _LIKE)


def _degrees(zone: int, south: bool, east: float, north: float, text: str) -> tuple[float, float]:
    if not 100_000 <= east < 1_000_000 or north > 10_000_000:
        raise AreaError(
            f"{quoted(text)} is no UTM position: eastings are 100,000 to 999,999 m, northings at most 10,000,000 m.",
            _LIKE,
        )
    longitude, latitude = to_wgs84((32700 if south else 32600) + zone, east, north)
    return float(longitude + 180) % 360 - 180, float(latitude)


def _away(latitude: float, band: str) -> float:
    """Degrees to the band; 0 within."""
    south = 8.0 * BANDS.index(band) - 80
    north = south + (12 if band == "X" else 8)
    return max(south - latitude, latitude - north, 0.0)


def _reach(band: str) -> str:
    south = 8 * BANDS.index(band) - 80
    return f"reaches from {south}° to {south + (12 if band == 'X' else 8)}°"


def _metres(size: float) -> str:
    return f"{size / 1000:g} km" if size >= 1000 else f"{size:g} m"

"""Coordinates as people write them, one point of them: latitude first, where nothing says otherwise."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from services.errors import AreaError
from services.formats import dms_corners, looks_like_dms
from services.geo import degrees
from services.places.grid_references import read_mgrs, read_utm
from services.text import quoted

LONGEST = 2000
"""Characters of a text that is looked at: links are long."""
ORDER = "Write latitude, then longitude, like 52.37, 4.89."
_NUMBER = r"[-+−]?(?:\d{1,3}(?:\.\d*)?|\.\d+)"
_COMMA_NUMBER = r"[-+−]?\d{1,3},\d+"
_PAIR = re.compile(rf"({_NUMBER})\s*°?(?:\s*[,;/]\s*|\s+)({_NUMBER})\s*°?")
_COMMA_PAIR = re.compile(rf"({_COMMA_NUMBER})(?:\s*[;/]\s*|\s+)({_COMMA_NUMBER})")
_LABELS = re.compile(r"\b(lat(?:itude)?|lon(?:g(?:itude)?)?|lng|x|y)\b\s*[:=]?\s*", re.IGNORECASE)
_AROUND = " \t\r\n()[]"
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(\d{1,3}),(\d+)(?=\s*(?:°|'|′|\"|″|[NSEWnsew]\b))")
_GEO = re.compile(rf"geo:({_NUMBER}),({_NUMBER})(?:,{_NUMBER})?((?:;[\w-]+(?:=[^;]*)?)*)(?:\?.*)?", re.IGNORECASE)
_DIGITS = r"(?:\d{2}){0,2}(?:\.\d+)?"
_ISO = re.compile(rf"([-+]\d{{2}}{_DIGITS})([-+]\d{{3}}{_DIGITS})(?:[-+]\d+(?:\.\d+)?)?(CRS[^/]*)?/?")
_WGS84 = {"", "CRSWGS_84", "CRSWGS84", "CRSEPSG:4326"}
_LINK = re.compile(r"(?:https?://|www\.|maps\.)\S+", re.IGNORECASE)
_IN_LINKS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"!3d({_NUMBER})!4d({_NUMBER})",  # the place itself; what stands behind @ is the middle of the map
        rf"[?&#]mlat=({_NUMBER})&mlon=({_NUMBER})",
        rf"[?&](?:q|query|ll|center|destination)=(?:loc:)?({_NUMBER}),\s*({_NUMBER})",
        rf"/(?:search|place|dir)/({_NUMBER}),[+\s]*({_NUMBER})",
        rf"/@({_NUMBER}),({_NUMBER})",
        rf"#(?:.*&)?map=\d+(?:\.\d+)?/({_NUMBER})/({_NUMBER})",
    )
)


@dataclass(frozen=True)
class Point:
    """A place without an extent."""

    longitude: float
    """Degrees, within ±180."""
    latitude: float
    """Degrees, within ±90."""
    note: str
    """The sentence that says how the text was read."""
    name: str = ""
    """What the text calls it; empty where it does not."""

    @property
    def title(self) -> str:
        """`52.3700° N, 4.8900° E`, or its name."""
        return self.name or f"{degrees(self.latitude, 'NS', '.4f')}, {degrees(self.longitude, 'EW', '.4f')}"


def read_point(text: str) -> Point | None:
    """The point that a text is; None for what is none, like a name, a box, or several corners.

    Raises AreaError for what is meant as one and is none on Earth.
    """
    text = text.strip().lstrip("\ufeff")
    if not text or (len(text) > LONGEST and not text.startswith("{")):
        return None
    for read in _READERS:
        found = read(text)
        if found is not None:
            return found
    return None


def _of_geojson(text: str) -> Point | None:
    """RFC 7946, longitude first: a Point, a Feature of one, or a collection of that one Feature."""
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None  # which the reader of areas refuses in its own words
    name = ""
    if isinstance(found, dict) and found.get("type") == "FeatureCollection" and _is_one(found.get("features")):
        found = found["features"][0]
    if isinstance(found, dict) and found.get("type") == "Feature":
        properties = found.get("properties")
        name = str(properties.get("name") or "")[:80] if isinstance(properties, dict) else ""
        found = found.get("geometry")
    if not isinstance(found, dict) or found.get("type") != "Point":
        return None
    at = found.get("coordinates")
    if not (isinstance(at, list) and len(at) >= 2 and all(_is_number(one) for one in at[:2])):
        raise AreaError("The GeoJSON Point has no coordinates.", 'Write "coordinates": [longitude, latitude].')
    return _point(at[1], at[0], "The GeoJSON point is longitude first", name)


def _is_one(found: Any) -> bool:
    return isinstance(found, list) and len(found) == 1


def _is_number(one: Any) -> bool:
    return isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one)


def _of_geo_uri(text: str) -> Point | None:
    """RFC 5870."""
    if not text.lower().startswith("geo:"):
        return None
    found = _GEO.fullmatch(text)
    if found is None:
        raise AreaError(f"{quoted(text)} is no geo URI.", "Write geo:52.37,4.89.")
    said = re.search(r";crs=([^;?]*)", found[3], re.IGNORECASE)
    if said and said[1].lower() != "wgs84":
        raise AreaError(f"The geo URI is in the reference system {quoted(said[1])}.", "Give it in wgs84.")
    return _point(_value(found[1]), _value(found[2]), "The geo URI is latitude first")


def _of_link(text: str) -> Point | None:
    """Of OpenStreetMap and Google Maps."""
    found = _LINK.fullmatch(text)
    if found is None:
        return None
    link = unquote(text)
    for pattern in _IN_LINKS:
        if at := pattern.search(link):
            return _point(_value(at[1]), _value(at[2]), "The place is from the link")
    raise AreaError(
        f"The link {quoted(text)} has no coordinates in it.",
        "Open it, and copy the address of the map or the coordinates.",
    )


def _of_grid_reference(text: str) -> Point | None:
    """MGRS or UTM."""
    for read in (read_mgrs, read_utm):
        found = read(text)
        if found is not None:
            return _point(found.latitude, found.longitude, found.note)
    return None


def _of_iso_6709(text: str) -> Point | None:
    """`+5222.2+00453.4/`: degrees, minutes and seconds by the count of digits."""
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    if (found[3] or "").upper() not in _WGS84:
        raise AreaError(f"The reference system {quoted(found[3])} is not WGS 84.", "Give the point in WGS 84.")
    return _point(_sexagesimal(found[1], 2), _sexagesimal(found[2], 3), "The text is ISO 6709, latitude first")


def _sexagesimal(text: str, digits: int) -> float:
    whole, dot, decimals = text[1:].partition(".")
    parts = [whole[:digits], *(whole[n : n + 2] for n in range(digits, len(whole), 2))]
    parts[-1] += dot + decimals
    values = [float(part) for part in parts]
    for value, name in zip(values[1:], ("minutes", "seconds"), strict=False):
        if value >= 60:
            raise AreaError(f"{quoted(text)} has {value:g} {name}; there are 60 to the whole.", ORDER)
    return math.copysign(sum(value / 60**n for n, value in enumerate(values)), -1 if text[0] == "-" else 1)


def _of_letters(text: str) -> Point | None:
    """Degrees, minutes and seconds with N, S, E and W before or behind."""
    plain = _DECIMAL_COMMA.sub(r"\1.\2", text)
    if not looks_like_dms(plain) or _PAIR.fullmatch(plain.strip(_AROUND)):
        return None
    corners = dms_corners(plain)
    if len(corners) != 1:
        return None
    longitude, latitude = corners[0]
    said = "The letters say which is which" + (", and commas are decimal commas" if plain != text else "")
    return _point(latitude, longitude, said)


def _of_labels(text: str) -> Point | None:
    """`lat: 52.37, lon: 4.89`, in either order."""
    labels = [label.lower() for label in _LABELS.findall(text)]
    found = _PAIR.fullmatch(_LABELS.sub(" ", text).strip(_AROUND))
    if found is None or len(labels) != 2:
        return None
    first_is_latitude = labels[0].startswith("lat") or labels[0] == "y"
    if first_is_latitude == (labels[1].startswith("lat") or labels[1] == "y"):
        raise AreaError(f"{quoted(text)} has two values of one kind.", ORDER)
    one, other = _value(found[1]), _value(found[2])
    latitude, longitude = (one, other) if first_is_latitude else (other, one)
    return _point(latitude, longitude, "The words say which is which")


def _of_pair(text: str) -> Point | None:
    """`52.37, 4.89` or, with decimal commas, `52,37 4,89`."""
    bare = text.strip(_AROUND)
    if found := _COMMA_PAIR.fullmatch(bare):
        said = "The commas are read as decimal commas, latitude first; a box needs a blank behind each comma"
    elif found := _PAIR.fullmatch(bare):
        between = re.fullmatch(r"\d+,\d+", bare) is not None
        said = "The comma stands between the two, latitude first" if between else "Read as latitude first"
    else:
        return None
    one, other = (_value(number) for number in found.groups())
    if abs(one) > 90 >= abs(other) and abs(one) <= 180:
        return _point(other, one, f"{one:g} can be no latitude, so it is read as longitude first")
    return _point(one, other, said)


def _value(number: str) -> float:
    return float(number.replace("−", "-").replace(",", "."))


def _point(latitude: float, longitude: float, said: str, name: str = "") -> Point:
    """Raises AreaError for what is not on Earth."""
    if not abs(latitude) <= 90:
        raise AreaError(f"The latitude {latitude:.8g} is not between -90 and 90 degrees.", ORDER)
    if not abs(longitude) <= 180:
        turned = (longitude + 180) % 360 - 180
        raise AreaError(
            f"The longitude {longitude:.8g} is not between -180 and 180 degrees.",
            f"Write {turned:.8g} if you mean the same meridian." if abs(longitude) <= 360 else ORDER,
        )
    note = f"{said}: latitude {latitude:.6g}, longitude {longitude:.6g}."
    return Point(float(longitude), float(latitude), note, name)


_READERS: tuple[Callable[[str], Point | None], ...] = (
    _of_geojson, _of_geo_uri, _of_link, _of_grid_reference, _of_iso_6709, _of_labels, _of_pair, _of_letters,
)  # fmt: skip
"""In this order: each knows its own texts, and lets others pass."""

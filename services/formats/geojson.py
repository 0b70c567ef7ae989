"""GeoJSON (RFC 7946), read leniently: any member that holds polygons, Z, open rings, the old `crs` by name.

Only Python's own JSON reader sees the text; nothing that the text names is ever fetched.
"""

import json
import re
from collections.abc import Iterable
from itertools import chain
from math import isfinite
from typing import Any, NoReturn

from services.errors import AreaError
from services.formats.features import FeatureCollector
from services.formats.outline import HIGHEST, WGS84, Outline, Position, coordinate
from services.text import clean_name, quoted, shorten

DEPTH = 8
"""Collections in collections that are followed."""
MAX_FEATURES = 1000
"""Features of one area, where nobody says otherwise."""
_NAMES = ("name", "Name", "NAME", "title")
"""Properties that may name a feature; the first that is a text with something to see."""
_OTHERS = {"Point", "LineString", "MultiPoint", "MultiLineString"}
_ORDER = "The file names EPSG:4326, whose own order is latitude first; it was read as longitude first, as GeoJSON is."
_HEIGHTS = "The coordinate system has heights: only its horizontal part counts."
_CRS84 = re.compile(
    r"(?:urn:(?:ogc|x-ogc):def:crs:)?OGC:[\d.]*:?CRS84h?|https?://www\.opengis\.net/def/crs/OGC/[\d.]+/CRS84h?"
    r"|(?:CRS:)?(?:CRS)?84|WGS ?84",
    re.IGNORECASE,
)
_EPSG = re.compile(
    r"(?:urn:(?:ogc|x-ogc):def:crs:)?EPSG:[\d.]*:?(\d{4,6})|https?://www\.opengis\.net/def/crs/EPSG/[\d.]+/(\d{4,6})"
    r"|https?://www\.opengis\.net/gml/srs/epsg\.xml#(\d{4,6})",
    re.IGNORECASE,
)
_COMPOUND = re.compile(r"urn:ogc:def:crs,crs:EPSG:[\d.]*:(\d{4,6}),crs:EPSG:[\d.]*:\d{4,6}", re.IGNORECASE)


class _NotFinite(str):
    """A number of the text that no float holds: kept as written, so that a message can name it."""


def read_geojson(text: str, features: int = MAX_FEATURES) -> Outline:
    """The polygons of the text, of at most so many features. Raises AreaError where it is not GeoJSON or holds none."""
    try:
        plain = json.loads(text, parse_constant=_NotFinite, parse_int=_integer, parse_float=_float)
    except RecursionError:
        raise AreaError("The JSON is nested too deeply.", "Give one Polygon or MultiPolygon.") from None
    except ValueError as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "not readable"
        if reason == "Extra data" and text.lstrip().startswith("{"):
            raise AreaError(
                "The text is a sequence of GeoJSON objects, one after another, which is not read.",
                "Put them into the features of one FeatureCollection.",
            ) from None
        line = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise AreaError(
            f"The JSON cannot be read: {shorten(reason)}{line}.", "Check that the text is complete."
        ) from None
    return outline_of(plain, features)


def outline_of(plain: object, features: int = MAX_FEATURES) -> Outline:
    """The polygons of GeoJSON that is read already. Raises AreaError as `read_geojson`."""
    if not isinstance(plain, dict):
        _refuse_type(plain)
    walk = _Walk(features)
    walk.thing(plain, 0)
    epsg, notes = _system(walk.systems) if walk.found.polygons else (WGS84, ())
    return walk.found.outline("GeoJSON", name=plain.get("name"), epsg=epsg, notes=notes)


class _Walk:
    """Gathers polygons and names from GeoJSON.

    A Feature is one member, and so is each part of a collection that is no Feature.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.found = FeatureCollector()
        self.systems: list[object] = []
        """The `crs` members of whatever has one."""

    def thing(self, plain: object, depth: int) -> None:
        """A geometry, a Feature or a FeatureCollection."""
        if depth > DEPTH:
            raise AreaError(f"The GeoJSON is nested deeper than {DEPTH} collections.", "Give one MultiPolygon.")
        kind = plain.get("type") if isinstance(plain, dict) else None
        if not isinstance(plain, dict) or not isinstance(kind, str):
            _refuse_type(plain)
        if plain.get("crs") not in (None, {}):  # an empty one says nothing
            self.systems.append(plain["crs"])
        if kind == "FeatureCollection":
            self._collection(plain, depth)
        elif kind == "Feature":
            self._feature(plain, depth)
        elif kind == "GeometryCollection":
            for geometry in _members(plain, "geometries"):
                self.thing(geometry, depth + 1)
                if not depth:
                    self.found.feature()
        elif kind == "Polygon":
            self._polygon(plain.get("coordinates"))
        elif kind == "MultiPolygon":
            for rings in _listed(plain.get("coordinates"), "MultiPolygon"):
                self._polygon(rings)
        elif kind in _OTHERS:
            self.found.others[kind] += 1
        else:
            _refuse_type(plain)

    def _collection(self, plain: dict[str, Any], depth: int) -> None:
        features = _members(plain, "features")
        if len(features) > self.most:
            raise AreaError(
                f"The FeatureCollection has {len(features):,} features; at most {self.most:,} are read.",
                "Join them to one MultiPolygon.",
            )
        for feature in features:
            self.thing(feature, depth + 1)
            self.found.feature()

    def _feature(self, plain: dict[str, Any], depth: int) -> None:
        geometry = plain.get("geometry")
        if geometry is None:
            self.found.others["empty Feature"] += 1
            return
        self.thing(geometry, depth + 1)
        properties = plain.get("properties")
        named = properties if isinstance(properties, dict) else {}
        self.found.feature(next(filter(None, (clean_name(named.get(key)) for key in _NAMES)), ""))

    def _polygon(self, rings: object) -> None:
        self.found.polygon(tuple(tuple(self._ring(_listed(ring, "ring"))) for ring in _listed(rings, "Polygon")))

    def _ring(self, ring: Iterable[Any]) -> Iterable[Position]:
        """All positions at once where they are pairs of floats, as in most files; else one by one."""
        if {*map(type, ring)} == {list} and {*map(len, ring)} == {2}:
            numbers = [*chain.from_iterable(ring)]
            if {*map(type, numbers)} == {float} and all(map(isfinite, numbers)) and max(map(abs, numbers)) <= HIGHEST:
                return map(tuple, ring)
        return map(self._position, ring)

    def _position(self, position: object) -> Position:
        if not isinstance(position, list | tuple) or not 2 <= len(position) <= 8:
            raise AreaError(
                f"{shorten(position)} is not a position of longitude and latitude.", "Write it like [24.5, 60.1]."
            )
        self.found.heights |= len(position) > 2
        return coordinate(position[0]), coordinate(position[1])


def _listed(plain: object, what: str) -> Iterable[object]:
    if not isinstance(plain, list | tuple):
        raise AreaError(f"The coordinates of a {what} are {shorten(plain)}.", "They must be a list of positions.")
    return plain


def _members(plain: dict[str, Any], key: str) -> list[Any]:
    members = plain.get(key)
    if not isinstance(members, list | tuple):
        raise AreaError(f"The {key} of the {plain['type']} are {shorten(members)}.", "They must be a list.")
    return list(members)


def _refuse_type(plain: object) -> NoReturn:
    kind = plain.get("type") if isinstance(plain, dict) else plain
    other = "TopoJSON" if kind == "Topology" else "Esri JSON" if _is_esri(plain) else ""
    if other:
        raise AreaError(f"This is {other}, which is not read.", "Save the area as GeoJSON.")
    shown = f'of the type "{shorten(kind)}"' if isinstance(kind, str) and isinstance(plain, dict) else shorten(plain)
    raise AreaError(
        f"This is not GeoJSON: it is {shown}.", "Give a Polygon, MultiPolygon, Feature or FeatureCollection."
    )


def _is_esri(plain: object) -> bool:
    return isinstance(plain, dict) and "type" not in plain and not plain.keys().isdisjoint({"rings", "geometryType"})


def _integer(written: str) -> int | _NotFinite:
    return int(written) if len(written) <= 300 else _NotFinite(written)


def _float(written: str) -> float | _NotFinite:
    number = float(written)
    return number if abs(number) < float("inf") else _NotFinite(written)


def _system(members: list[object]) -> tuple[int, tuple[str, ...]]:
    """The EPSG code that the old `crs` members name (GeoJSON 2008), wherever they stand, and notes on it.

    Raises AreaError for a link, which is never followed, for a name that is not known, and where they differ.
    """
    names = list(dict.fromkeys(map(_name_of, members)))
    codes = list(dict.fromkeys(map(_epsg, names)))
    if len(codes) > 1:
        both = " and ".join(f"EPSG:{code}" for code in codes[:2])
        raise AreaError(f"The file names several coordinate systems (crs): {both}.", "Give all of it in one of them.")
    if not codes:
        return WGS84, ()
    heights = (_HEIGHTS,) if any(map(_COMPOUND.fullmatch, names)) else ()
    order = (_ORDER,) if codes[0] == WGS84 and "EPSG" in names[0].upper() else ()
    return codes[0], (*heights, *order)


def _name_of(crs: object) -> str:
    """`EPSG:3067` in whatever spelling, by name or as `{"type": "EPSG"}` has it."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    kind = crs.get("type") if isinstance(crs, dict) else None
    if isinstance(properties, dict) and (kind is None or (isinstance(kind, str) and kind.lower() in {"name", "epsg"})):
        name = properties.get("name", properties.get("code"))
        if isinstance(name, int) and not isinstance(name, bool):
            return f"EPSG:{name}"
        if isinstance(name, str):
            return f"EPSG:{name.strip()}" if name.strip().isdecimal() else name.strip()
    raise AreaError(
        f"The coordinate system (crs) {shorten(crs, 60)} is not read: links are never followed.",
        "Give longitude and latitude in degrees, without a crs member.",
    )


def _epsg(name: str) -> int:
    if _CRS84.fullmatch(name):
        return WGS84
    match = _EPSG.fullmatch(name) or _COMPOUND.fullmatch(name)
    if match is None:
        raise AreaError(
            f"The coordinate system (crs) {quoted(name)} is not known.", "Give longitude and latitude in degrees."
        )
    return int(next(filter(None, match.groups())))

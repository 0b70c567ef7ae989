"""The area of interest: polygons in longitude and latitude with a name, from a text, a file or a drawing."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from services.errors import AreaError
from services.formats import FileLimits, Outline, Rings, check_size, outline_from_text, outline_of, stem_of
from services.geo import (
    Bounds,
    bounds_of,
    central_meridian,
    check_on_earth,
    degrees,
    flat,
    geometry_of,
    place,
    plain_epsg,
    square_kilometres,
    to_degrees,
    to_polygons,
    to_utm,
    utm_epsg,
)
from services.lazy import lazy
from services.sandbox import outline_from_file
from services.settings import Settings
from services.text import clean_name

LATITUDES = (-80.0, 84.0)
"""Degrees within which UTM is defined (EPSG:32601 and following)."""
SMALLEST_M2 = 100.0
"""One pixel of 10 m."""
_STEP = 0.02
"""Degrees: of a line so short the chord in metres stays within 0.1 m of it."""
_MOST_STEPS = 200_000
"""Steps in which an outline is cut, but for its own vertices; a longer one is cut in longer ones."""
_VERTEX_BYTES, _RING_BYTES = 260, 600
"""Measured; most of it are Python's numbers."""
_OF_THE_POLYGONS = {
    "geometry",
    "bounds",
    "area_km2",
    "centroid",
    "outline_digest",
    "polygons_text",
    "reach_km",
    "_metres",
}
"""What an AOI knows that does not depend on its name."""


@dataclass(frozen=True)
class AOI:
    """The place. Valid polygons without overlaps, cut at the 180th meridian; made by the functions below."""

    name: str
    """One line of at most 80 characters; a user's word, so never markup, path or log line."""
    polygons: tuple[Rings, ...]
    """Of each its shell (counter-clockwise) and holes: closed rings of (lon, lat) in degrees within ±180."""
    notes: tuple[str, ...] = ()
    """Sentences about what was changed, left out or should be known."""

    @lazy
    def geometry(self) -> Polygon | MultiPolygon:
        """In degrees, as shapely's type."""
        return geometry_of(self.polygons)

    @lazy
    def bounds(self) -> Bounds:
        """West, south, east, north in degrees; west > east where the shorter way is across the 180th meridian."""
        return bounds_of(self.geometry)

    @property
    def crosses_antimeridian(self) -> bool:
        """Whether the bounds go across the 180th meridian."""
        return self.bounds[0] > self.bounds[2]

    @lazy
    def area_km2(self) -> float:
        """On the WGS 84 ellipsoid, edges being geodesics."""
        return square_kilometres(self.polygons)

    @lazy
    def centroid(self) -> tuple[float, float]:
        """Longitude and latitude of the middle in the plane of degrees, which decides the UTM zone."""
        west = self.bounds[0] if self.crosses_antimeridian else -180.0
        point = self._around(west + 180).centroid
        return float((point.x + 180) % 360 - 180 if self.crosses_antimeridian else point.x), float(point.y)

    @property
    def epsg(self) -> int:
        """EPSG code of the centroid's UTM zone, with the exceptions of Norway and Svalbard."""
        return utm_epsg(*self.centroid)

    @property
    def plain_epsg(self) -> int:
        """The same without them, as grids had it at first."""
        return plain_epsg(*self.centroid)

    @property
    def vertices(self) -> int:
        """Positions in all rings, the closing ones included."""
        return sum(len(ring) for rings in self.polygons for ring in rings)

    @property
    def memory_bytes(self) -> int:
        """About what it takes in memory once everything is known of it: its numbers, texts of them, and its shapes."""
        return _VERTEX_BYTES * self.vertices + _RING_BYTES * sum(map(len, self.polygons))

    @lazy
    def digest(self) -> str:
        """12 hexadecimal characters, the same for the same name and polygons."""
        return hashlib.sha256(f"({self.name!r}, {self.polygons_text})".encode()).hexdigest()[:12]

    @lazy
    def outline_digest(self) -> str:
        """The same for the same polygons, whatever the name."""
        return hashlib.sha256(self.polygons_text.encode()).hexdigest()[:12]

    @lazy
    def polygons_text(self) -> str:
        """The polygons as `repr` writes them: what the digests of all stored areas are of."""
        return repr(self.polygons)

    def called(self, name: str, notes: tuple[str, ...]) -> "AOI":
        """The same polygons with another name and notes; what is known of them is not found anew."""
        named = AOI(name, self.polygons, notes)
        known = {key: value for key, value in vars(self).items() if key in _OF_THE_POLYGONS}
        vars(named).update(known)
        return named

    def to_geojson(self) -> dict[str, Any]:
        """A Feature of RFC 7946, with the name as its one property."""
        polygons = [[[list(position) for position in ring] for ring in rings] for rings in self.polygons]
        single = len(polygons) == 1
        geometry = {
            "type": "Polygon" if single else "MultiPolygon",
            "coordinates": polygons[0] if single else polygons,
        }
        return {"type": "Feature", "properties": {"name": self.name}, "geometry": geometry}

    def projected(self, epsg: int) -> Polygon | MultiPolygon:
        """In metres of a UTM zone, vertex by vertex; what was cut at the 180th meridian is one piece again.

        Its lines are straight in metres, as in the shape that a splitter of sentinelhub is given. Raises AreaError
        where the area reaches so far from the zone that it has no place there.
        """
        return self._metres if epsg == self.epsg else self._projected(epsg)

    @lazy
    def _metres(self) -> Polygon | MultiPolygon:
        """In its own zone."""
        return self._projected(self.epsg)

    def drawn(self, epsg: int) -> Polygon | MultiPolygon:
        """The same with its lines straight in degrees (RFC 7946, § 3.1.1), as maps draw it, and not in metres.

        A line along the 60th parallel is 10 km off its chord in the middle of 10°. Raises AreaError as `projected`.
        """
        whole = self._joined(epsg)
        if np.abs(np.diff(shapely.get_coordinates(whole), axis=0)).max() <= _STEP:  # as most large outlines
            return self.projected(epsg)
        return self._in_metres(shapely.segmentize(whole, max(_STEP, whole.length / _MOST_STEPS)), epsg)

    def _projected(self, epsg: int) -> Polygon | MultiPolygon:
        return self._in_metres(self._joined(epsg), epsg)

    def _joined(self, epsg: int) -> Polygon | MultiPolygon:
        """In degrees around the zone's middle; what was cut at the 180th meridian is one piece again."""
        geometry = self._around(central_meridian(epsg))
        return cast(Polygon | MultiPolygon, shapely.union_all(geometry)) if self.crosses_antimeridian else geometry

    def _in_metres(self, geometry: Polygon | MultiPolygon, epsg: int) -> Polygon | MultiPolygon:
        """Vertex by vertex."""
        metres: Any = shapely.transform(geometry, lambda degrees: np.column_stack(to_utm(epsg, *degrees.T)))
        if not np.isfinite(shapely.get_coordinates(metres)).all():
            raise self._too_wide("farther than its UTM zone can be continued")
        if not metres.is_valid:  # a long edge is straight in either plane, and may cross a near one in the other
            metres = shapely.make_valid(metres, method="structure", keep_collapsed=False)
        return cast(Polygon | MultiPolygon, metres)

    @lazy
    def reach_km(self) -> float:
        """From the middle of its own zone to its farthest place, along the grid; infinite beyond the zone's end."""
        try:
            left, _, right, _ = self._metres.bounds
        except AreaError:
            return math.inf
        return max(abs(left - 500_000), abs(right - 500_000)) / 1000

    def check_reach(self, limits: Settings | None = None) -> None:
        """Raises AreaError where it is too wide for a grid of one zone."""
        most = (limits or Settings.model_construct()).max_reach_km
        if self.reach_km > most:
            reach = f"{self.reach_km:,.0f} km" if math.isfinite(self.reach_km) else "farther than it can be continued"
            raise self._too_wide(
                f"{reach} from the middle of UTM zone {self.epsg % 100}, where at most {most:,.0f} km are accepted",
                ", or raise the setting max_reach_km",
            )

    def _too_wide(self, how: str, remedy: str = "") -> AreaError:
        """The refusal of an area over too many zones."""
        west, south, east, north = self.bounds
        return AreaError(
            f"The area reaches from {place(west, south)} to {place(east, north)}, {how}: too wide for one grid.",
            "Order all of it with a grid for each UTM zone (`--zones` in the terminal), or give its parts one after "
            f"another{remedy}.",
        )

    def _around(self, middle: float) -> Polygon | MultiPolygon:
        """Each part turned to within 180° of `middle` where the area crosses the 180th meridian."""
        if not self.crosses_antimeridian:
            return self.geometry
        turned = []
        for rings in self.polygons:
            west, _, east, _ = Polygon(rings[0]).bounds
            turns = 360 * round(((west + east) / 2 - middle) / 360)
            turned.append(tuple(tuple((x - turns, y) for x, y in ring) for ring in rings))
        return geometry_of(turned)


def parse_aoi(text: str, *, name: str = "", limits: Settings | None = None) -> AOI:
    """From GeoJSON, WKT, or `west, south, east, north`.

    Raises AreaError with the cause and the remedy for everything else, an outline that crosses itself among it.
    """
    limits = limits or Settings.model_construct()
    return aoi_from_outline(outline_from_text(text, limits), name, limits)


def read_aoi(data: bytes, filename: str, *, limits: Settings | None = None) -> AOI:
    """From a file as it was uploaded or opened, of one of `formats.SUFFIXES`; it is read in a process apart.

    `filename` only tells the format and, where the file has no name of its own, the name. Small outlines that
    cross themselves are mended, with a note: who brings a file often did not draw it. Raises AreaError.
    """
    limits = limits or Settings.model_construct()
    outline = outline_from_file(data, filename, FileLimits.of(limits))
    return aoi_from_outline(outline, outline.name or stem_of(filename), limits, repair=True)


def aoi_from_drawing(features: Sequence[Mapping[str, Any]], *, name: str = "", limits: Settings | None = None) -> AOI:
    """From the features that Leaflet's drawing gives, whose longitudes may be some turns away. Raises AreaError."""
    limits = limits or Settings.model_construct()
    outline = outline_of({"type": "FeatureCollection", "features": [*features]}, limits.max_features)
    return aoi_from_outline(outline, name, limits)


def aoi_from_outline(outline: Outline, name: str, limits: Settings, *, repair: bool = False) -> AOI:
    """The one way from what was written to an area: every other one ends here. Raises AreaError."""
    check_size(outline.vertices, len(outline.polygons), limits)
    outline = to_degrees(outline)
    polygons, notes = polygons_of(outline, repair=repair)
    if outline.features > 1:
        notes = (*notes, f"{outline.features:,} features were joined to one area.")
    if not polygons:
        raise AreaError("The area is empty: its outline encloses nothing.", "Draw at least three corners.")
    found = AOI("", polygons)
    check_limits(found, limits)
    name = clean_name(name) or outline.name or _named_by_place(found)
    return found.called(name, (*outline.notes, *notes, *_zones(found, limits)))


def polygons_of(outline: Outline, *, repair: bool) -> tuple[tuple[Rings, ...], tuple[str, ...]]:
    """The polygons of an AOI from an outline in degrees, and what was done to them. Raises AreaError."""
    check_on_earth(flat(ring for rings in outline.polygons for ring in rings))
    return to_polygons(outline.polygons, repair=repair)


def check_limits(found: AOI, limits: Settings) -> None:
    """Raises AreaError for an area that is larger, smaller or nearer to a pole than one may be."""
    check_size(found.vertices, len(found.polygons), limits)
    west, south, _, north = found.bounds
    if south < LATITUDES[0] or north > LATITUDES[1]:
        raise AreaError(
            f"The area reaches to {place(west, south if south < LATITUDES[0] else north)}; "
            "Sentinel-2's tiles end at 84° N and 80° S.",
            "Give an area between them.",
        )
    if found.area_km2 * 1e6 < SMALLEST_M2:
        raise AreaError(
            f"The area measures {found.area_km2 * 1e6:.3g} m²; one pixel has 100 m².", "Give a larger area."
        )
    if found.area_km2 > limits.max_area_km2:
        raise AreaError(
            f"The area measures {found.area_km2:,.0f} km²; at most {limits.max_area_km2:,.0f} km² are accepted.",
            "Give a smaller area, or raise the setting max_area_km2.",
        )


def _named_by_place(found: AOI) -> str:
    longitude, latitude = found.centroid
    return f"Area at {degrees(latitude, 'NS', '.1f')}, {degrees(longitude, 'EW', '.1f')}"


def _zones(found: AOI, limits: Settings) -> tuple[str, ...]:
    """The note on an area over several UTM zones."""
    west, south, east, north = found.bounds
    east, north = east - 1e-9, north - 1e-9  # what ends on a border is not beyond it
    latitudes = south, (south + north) / 2, north
    first = min(utm_epsg(west, latitude) % 100 for latitude in latitudes)
    last = max(utm_epsg(east, latitude) % 100 for latitude in latitudes)
    if found.reach_km > limits.max_reach_km:
        return ("The area is too wide for a grid of one UTM zone; an order of all of it has a grid in each.",)
    if first == last:
        return ()
    return (
        f"The area lies in UTM zones {first} to {last}; all of it is gridded in zone {found.epsg % 100}, "
        f"EPSG:{found.epsg}, where its middle is.",
    )

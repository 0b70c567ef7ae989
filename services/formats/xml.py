"""XML formats read piece by piece with expat: no document types, no entities, nothing fetched, bounded in depth.

KML (OGC 12-007r2): polygons of placemarks; links, overlays and styles are never followed. GPX 1.0 and 1.1: tracks and
routes that come back to where they began.
"""

import math
import re
from collections.abc import Callable, Mapping
from itertools import pairwise, starmap
from xml.parsers import expat

from services.errors import AreaError
from services.formats.features import FeatureCollector
from services.formats.limits import FileLimits
from services.formats.outline import Outline, Position, coordinate
from services.text import shorten

DEPTH = 100
"""Elements in elements that are followed."""
Start = Callable[[str, Mapping[str, str]], None]
"""Called with an element's name without its prefix, and its attributes."""
End = Callable[[str, str], None]
"""Called with an element's name and the text that stood directly before its end."""


def read_markup(data: bytes, start: Start, end: End) -> None:
    """Goes through the elements once. Raises AreaError where the XML is broken, or declares a document type."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    text: list[str] = []
    depth = 0

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise AreaError(f"The XML is nested deeper than {DEPTH} elements.", "Save the area by itself.")
        text.clear()
        start(name.rpartition(":")[2], attributes)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(":")[2], "".join(text))
        text.clear()

    def refused(*declared: object) -> None:  # noqa: ARG001 - whatever it is
        raise AreaError(
            "The XML declares a document type (DOCTYPE), which is never read.", "Remove it, or save the file anew."
        )

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = refused
    parser.EntityDeclHandler = refused
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise AreaError(
            f"The XML cannot be read: {shorten(expat.ErrorString(error.code))} in line {error.lineno}.",
            "Check that the file is complete.",
        ) from None
    except (LookupError, ValueError, OSError):  # an encoding that is not at hand, or of several bytes
        raise AreaError("The XML is in an encoding that is not read.", "Save it again in UTF-8.") from None


_LINKS = {"NetworkLink", "GroundOverlay"}
_OTHERS = {"Point", "LineString", "Track", "Model"}


def read_kml(data: bytes, limits: FileLimits) -> Outline:
    """The polygons of all placemarks. Raises AreaError where it is no KML or holds none."""
    reader = _Reader(limits)
    read_markup(data, reader.start, reader.end)
    return reader.found.outline("KML", name=reader.title)


class _Reader:
    """Hears of elements and puts polygons together."""

    def __init__(self, limits: FileLimits) -> None:
        self.found = FeatureCollector(limits)
        self.title = ""
        self._path: list[str] = []
        self._shell: tuple[Position, ...] = ()
        self._holes: list[tuple[Position, ...]] = []
        self._name = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002 - KML's are of no interest
        """An element begins."""
        if not self._path and name != "kml":
            raise AreaError(f"The file is XML of the kind {shorten(name)!r} and no KML.", "Give KML.")
        self._path.append(name)
        if name == "Placemark":
            self._name = ""
            self.found.feature()  # what stood in no placemark
        elif name == "Polygon":
            self._shell, self._holes = (), []
        elif name in _OTHERS or name in _LINKS:
            self.found.other(name)

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        self._path.pop()
        inside = self._path[-1] if self._path else ""
        if name == "name" and inside == "Placemark":
            self._name = text
        elif name == "name" and inside == "Document":
            self.title = text
        elif name == "coordinates" and inside == "LinearRing" and "Polygon" in self._path:
            self._ring(text)
        elif name == "Polygon":
            self._polygon()
        elif name == "Placemark":
            self.found.feature(self._name)

    def _ring(self, text: str) -> None:
        around = self._path[-2]
        written = re.sub(r"\s*,\s*", ",", text).split()
        self.found.count(len(written))
        ring = tuple(map(self._position, written))
        if around == "innerBoundaryIs":
            self._holes.append(ring)
        elif self._shell:
            raise AreaError("A polygon of the KML has two outer boundaries.", "Give each its own polygon.")
        else:
            self._shell = ring

    def _position(self, written: str) -> Position:
        numbers = written.split(",")
        if not 2 <= len(numbers) <= 3:
            raise AreaError(
                f"{shorten(written)!r} is not a position of longitude and latitude.", "Write it like 24.5,60.1."
            )
        self.found.heights = self.found.heights or (len(numbers) == 3 and numbers[2].strip("0.+-") != "")
        try:
            return coordinate(float(numbers[0])), coordinate(float(numbers[1]))
        except ValueError:
            raise AreaError(f"{shorten(written)!r} are not numbers.", "Write them like 24.5,60.1.") from None

    def _polygon(self) -> None:
        if not self._shell and self._holes:
            raise AreaError("A polygon of the KML has no outer boundary.", "Draw it again.")
        if self._shell:
            self.found.polygon((self._shell, *self._holes))


GAP = 0.02
"""Share of a track's length that its ends may be apart; who walks around a field does not end on the very spot."""
_METRES = 111_320
"""Of one degree of latitude, near enough for a note."""


def read_gpx(data: bytes, limits: FileLimits) -> Outline:
    """The closed rings of all tracks and routes. Raises AreaError where it is no GPX or holds none."""
    reader = _GpxReader(limits)
    read_markup(data, reader.start, reader.end)
    return reader.found.outline("GPX", name=reader.title, notes=tuple(starmap(_closed, reader.gaps.items())))


class _GpxReader:
    """Hears of elements and puts rings together."""

    def __init__(self, limits: FileLimits) -> None:
        self.found = FeatureCollector(limits)
        self.title = ""
        self.gaps: dict[str, list[float]] = {}
        self._path: list[str] = []
        self._ring: list[Position] = []
        self._name = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if not self._path and name != "gpx":
            raise AreaError(f"The file is XML of the kind {shorten(name)!r} and no GPX.", "Give GPX.")
        self._path.append(name)
        if name in {"trk", "rte"}:
            self._name = ""
        if name in {"trkseg", "rte"}:
            self._ring = []
        elif name in {"trkpt", "rtept"}:
            self.found.count(len(self._ring) + 1)
            self._ring.append((_degrees(attributes, "lon"), _degrees(attributes, "lat")))
        elif name == "wpt":
            self.found.other("waypoint")

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        self._path.pop()
        inside = self._path[-1] if self._path else ""
        if name == "name" and inside in {"trk", "rte"}:
            self._name = text
        elif name == "name" and inside in {"metadata", "gpx"}:
            self.title = text
        elif name == "ele":
            self.found.heights = True
        elif name in {"trkseg", "rte"}:
            self._close("track" if name == "trkseg" else "route")
        if name in {"trk", "rte"}:
            self.found.feature(self._name)

    def _close(self, what: str) -> None:
        ring, self._ring = self._ring, []
        if not ring:
            return
        apart = _apart(ring[-1], ring[0])
        length = sum(_apart(start, end) for start, end in pairwise(ring))
        if len(set(ring)) < 3 or apart > GAP * length:
            self.found.other(f"open {what}")
            return
        if apart:
            self.gaps.setdefault(what, []).append(apart * _METRES)
            ring.append(ring[0])
        self.found.polygon((tuple(ring),))


def _closed(what: str, gaps: list[float]) -> str:
    """The note on lines whose ends are so many metres apart."""
    if len(gaps) == 1:
        return f"The ends of a {what} are {gaps[0]:,.0f} m apart; it was closed."
    return f"The ends of {len(gaps):,} {what}s are up to {max(gaps):,.0f} m apart; they were closed."


def _degrees(attributes: Mapping[str, str], key: str) -> float:
    written = attributes.get(key, "")
    try:
        return coordinate(float(written))
    except ValueError:
        raise AreaError(f"A point's {key} is {shorten(written)!r}, which is no number.", "Give degrees.") from None


def _apart(start: Position, end: Position) -> float:
    """Degrees of latitude between two positions, in the plane; 180° across the date line is as near as anything."""
    east = (end[0] - start[0] + 180) % 360 - 180
    return math.hypot(east * math.cos(math.radians((start[1] + end[1]) / 2)), end[1] - start[1])

"""XML formats read piece by piece with expat: no document types, no entities, nothing fetched, bounded in depth.

KML (OGC 12-007r2): polygons of placemarks; links, overlays and styles are never followed. GPX 1.0 and 1.1: tracks and
routes that come back to where they began.
"""

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise, starmap
from xml.parsers import expat

from services.errors import AreaError
from services.formats.archive import ZipArchive
from services.formats.features import FeatureCollector
from services.formats.limits import FileLimits
from services.formats.outline import Outline, Position, coordinate
from services.text import quoted, shorten

DEPTH = 100
"""Elements in elements that are followed."""
_WIDE = (b"\xff\xfe", b"\xfe\xff")
"""How UTF-16 begins, whose blanks have two bytes."""
_BEFORE, _AFTER = b"\xef\xbb\xbf \t\r\n", b" \t\r\n\0\x1a"
"""Bytes that editors and servers put around XML, where it may have none: a byte order mark, blanks, an end of file."""


def read_markup(data: bytes, kind: str, reader: "_KmlReader | _GpxReader") -> None:
    """Tells a reader of the elements, once, in their order.

    Raises AreaError where the XML is broken, declares a document type, or is of another kind than its outermost element
    says, which is called as people call the format, in lower case.
    """
    if data[:2] not in _WIDE:
        data = data.lstrip(_BEFORE).rstrip(_AFTER)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    path, text = reader.path, list[str]()

    def opened(name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if len(path) == DEPTH:
            raise AreaError(f"The XML is nested deeper than {DEPTH} elements.", "Save the area by itself.")
        if not path and name != kind.lower():
            raise AreaError(f"The file is XML of the kind {quoted(name)} and no {kind}.", f"Give {kind}.")
        path.append(name)
        text.clear()
        reader.start(name, attributes)

    def closed(_: str) -> None:
        name = path.pop()
        reader.end(name, path[-1] if path else "", "".join(text))
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
_OTHERS = {"Point", "Track", "Model"}


def read_kml(data: bytes, limits: FileLimits) -> Outline:
    """The polygons of all placemarks. Raises AreaError where it is no KML or holds none."""
    reader = _KmlReader(limits)
    read_markup(data, "KML", reader)
    if reader.lines and not reader.found.polygons:  # beside polygons they are rather ways and borders
        reader = _KmlReader(limits, lines_count=True)
        read_markup(data, "KML", reader)
    return reader.found.outline("KML", name=reader.title, notes=reader.notes())


def read_kmz(data: bytes, limits: FileLimits) -> Outline:
    """The polygons of a KMZ's doc.kml, or of its only KML. Raises AreaError."""
    package = ZipArchive(data, limits)
    found = package.ending_in(".kml")
    main = [member for member in found if member.filename.lower() == "doc.kml"] or found
    if not main:
        raise AreaError("The KMZ holds no KML.", "Save the area by itself.")
    if len(main) > 1:
        raise AreaError(f"The KMZ holds {len(main)} KML files, and none is called doc.kml.", "Save the area by itself.")
    return read_kml(package.read(main[0]), limits)


class _KmlReader:
    """Hears of elements and puts polygons together."""

    def __init__(self, limits: FileLimits, *, lines_count: bool = False) -> None:
        self.found = FeatureCollector(limits)
        self.title = ""
        self.lines = 0
        """Lines that come back to where they began; they are areas where `lines_count`."""
        self._lines_count = lines_count
        self._gaps: list[float] = []
        self._line: tuple[Position, ...] = ()
        self.path: list[str] = []
        """The elements around the present one, the outermost first."""
        self._shell: tuple[Position, ...] = ()
        self._holes: list[tuple[Position, ...]] = []
        self._name = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002 - KML's are of no interest
        """An element begins, the last of `path`."""
        if name == "Placemark":
            self._name = ""
            self.found.feature()  # what stood in no placemark
        elif name == "Polygon":
            self._shell, self._holes = (), []
        elif self._is_line(name):
            self._line = ()
        elif name in _OTHERS or name in _LINKS:
            self.found.others[name] += 1

    def end(self, name: str, inside: str, text: str) -> None:
        """An element ends that stood in the one around it; `text` stood directly before its end."""
        if name == "name" and inside == "Placemark":
            self._name = text
        elif name == "name" and inside == "Document":
            self.title = text
        elif name == "coordinates" and inside == "LinearRing" and "Polygon" in self.path:
            self._ring(text)
        elif name == "coordinates" and self._is_line(inside):
            self._line = self._positions(text)
        elif self._is_line(name):
            self._close(name)
        elif name == "Polygon":
            self._polygon()
        elif name == "Placemark":
            self.found.feature(self._name)

    def _ring(self, text: str) -> None:
        around = self.path[-2]
        ring = self._positions(text)
        if around == "innerBoundaryIs":
            self._holes.append(ring)
        elif self._shell:
            raise AreaError("A polygon of the KML has two outer boundaries.", "Give each its own polygon.")
        else:
            self._shell = ring

    def _is_line(self, name: str) -> bool:
        """Whether an element, of those that `path` leads to, is a line or a ring that bounds no polygon."""
        return name == "LineString" or (name == "LinearRing" and "Polygon" not in self.path)

    def _close(self, name: str) -> None:
        """A line ended."""
        ring, gap = closed(self._line) if self._line else ((), 0.0)
        self.lines += bool(ring)
        if ring and self._lines_count:
            self.found.polygon((ring,))
            self._gaps += [gap] if gap else []
        else:
            self.found.others[name] += 1

    def notes(self) -> tuple[str, ...]:
        """On lines that became areas."""
        if not self._lines_count:
            return ()
        gaps = (gap_note("line", self._gaps),) if self._gaps else ()
        return ("Closed lines were read as the outlines of areas.", *gaps)

    def _positions(self, text: str) -> tuple[Position, ...]:
        written = re.sub(r"\s*,\s*", ",", text).split()
        self.found.count(len(written))
        return tuple(map(self._position, written))

    def _position(self, written: str) -> Position:
        numbers = written.split(",")
        if not 2 <= len(numbers) <= 3:
            raise AreaError(
                f"{quoted(written)} is not a position of longitude and latitude.", "Write it like 24.5,60.1."
            )
        self.found.heights = self.found.heights or (len(numbers) == 3 and numbers[2].strip("0.+-") != "")
        try:
            return coordinate(float(numbers[0])), coordinate(float(numbers[1]))
        except ValueError:
            raise AreaError(f"{quoted(written)} are not numbers.", "Write them like 24.5,60.1.") from None

    def _polygon(self) -> None:
        if not self._shell and self._holes:
            raise AreaError("A polygon of the KML has no outer boundary.", "Draw it again.")
        self.found.polygon((self._shell, *self._holes))


GAP = 0.02
"""Share of a track's length that its ends may be apart; who walks around a field does not end on the very spot."""
_METRES = 111_320
"""Of one degree of latitude, near enough for a note."""


def read_gpx(data: bytes, limits: FileLimits) -> Outline:
    """The closed rings of all tracks and routes. Raises AreaError where it is no GPX or holds none."""
    reader = _GpxReader(limits)
    read_markup(data, "GPX", reader)
    joined = tuple(f"{parts} parts of a track were joined to one line." for parts in reader.joined[:1])
    return reader.found.outline("GPX", name=reader.title, notes=(*joined, *starmap(gap_note, reader.gaps.items())))


class _GpxReader:
    """Hears of elements and puts rings together."""

    def __init__(self, limits: FileLimits) -> None:
        self.found = FeatureCollector(limits)
        self.title = ""
        self.gaps: dict[str, list[float]] = {}
        """Of lines that were closed, by what they are: metres between their ends."""
        self.joined: list[int] = []
        """Of how many parts each joined line is."""
        self.path: list[str] = []
        """The elements around the present one, the outermost first."""
        self._ring: list[Position] = []
        self._open: list[list[Position]] = []
        """Parts of the present track that do not come back to where they began."""
        self._name = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins, the last of `path`."""
        if name in {"trk", "rte"}:
            self._name, self._open = "", []
        if name in {"trkseg", "rte"}:
            self._ring = []
        elif name in {"trkpt", "rtept"}:
            self.found.count(len(self._ring) + 1)
            self._ring.append((_degrees(attributes, "lon"), _degrees(attributes, "lat")))
        elif name == "wpt":
            self.found.others["waypoint"] += 1

    def end(self, name: str, inside: str, text: str) -> None:
        """An element ends that stood in the one around it; `text` stood directly before its end."""
        if name == "name" and inside in {"trk", "rte"}:
            self._name = text
        elif name == "name" and inside in {"metadata", "gpx"}:
            self.title = text
        elif name == "ele":
            self.found.heights = True
        elif name in {"trkseg", "rte"}:
            self._close("track" if name == "trkseg" else "route")
        if name in {"trk", "rte"}:
            self._join("track" if name == "trk" else "route")
            self.found.feature(self._name)

    def _close(self, what: str) -> None:
        """A part ended."""
        ring, self._ring = self._ring, []
        if ring and not self._polygon(ring, what):
            self._open.append(ring)

    def _join(self, what: str) -> None:
        """A track ended: parts that go on where the one before stopped, as after a pause, are one line."""
        parts, self._open = self._open, []
        whole = [position for part in parts for position in part]
        longest = max((apart(end[-1], start[0]) for end, start in pairwise(parts)), default=0.0)
        if len(parts) > 1 and longest <= GAP * length(whole) and self._polygon(whole, what):
            self.joined.append(len(parts))
        else:
            for _ in parts:
                self.found.others[f"open {what}"] += 1

    def _polygon(self, line: Sequence[Position], what: str) -> bool:
        """Whether the line comes back to where it began: then it is one."""
        ring, gap = closed(line)
        if ring:
            self.found.polygon((ring,))
        if gap:
            self.gaps.setdefault(what, []).append(gap)
        return bool(ring)


def closed(line: Sequence[Position]) -> tuple[tuple[Position, ...], float]:
    """A line that comes back to where it began as a ring, and how many metres its ends were apart; or nothing."""
    gap = apart(line[-1], line[0])
    if len(set(line)) < 3 or gap > GAP * length(line):
        return (), 0.0
    return ((*line, line[0]), gap * _METRES) if gap else (tuple(line), 0.0)


def length(line: Sequence[Position]) -> float:
    """Degrees of latitude along a line."""
    return sum(apart(start, end) for start, end in pairwise(line))


def gap_note(what: str, gaps: list[float]) -> str:
    """The note on lines whose ends are so many metres apart."""
    if len(gaps) == 1:
        return f"The ends of a {what} are {gaps[0]:,.0f} m apart; it was closed."
    return f"The ends of {len(gaps):,} {what}s are up to {max(gaps):,.0f} m apart; they were closed."


def _degrees(attributes: Mapping[str, str], key: str) -> float:
    written = attributes.get(key, "")
    try:
        return coordinate(float(written))
    except ValueError:
        raise AreaError(f"A point's {key} is {quoted(written)}, which is no number.", "Give degrees.") from None


def apart(start: Position, end: Position) -> float:
    """Degrees of latitude between two positions, in the plane; 180° across the date line is as near as anything."""
    east = (end[0] - start[0] + 180) % 360 - 180
    return math.hypot(east * math.cos(math.radians((start[1] + end[1]) / 2)), end[1] - start[1])

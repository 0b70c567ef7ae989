"""KML (OGC 12-007r2): the polygons of its placemarks. Links, overlays and styles are never followed."""

import re
from collections.abc import Mapping

from services.errors import AreaError
from services.filelimits import FileLimits
from services.findings import Findings
from services.markup import read_markup
from services.outline import Outline, Position, coordinate, shorten

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
        self.found = Findings(limits)
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

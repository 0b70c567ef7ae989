"""GPX 1.0 and 1.1: tracks and routes that come back to where they began are polygons."""

import math
from collections.abc import Mapping
from itertools import pairwise, starmap

from services.errors import AreaError
from services.filelimits import FileLimits
from services.findings import Findings
from services.markup import read_markup
from services.outline import Outline, Position, coordinate, shorten

GAP = 0.02
"""Share of a track's length that its ends may be apart; who walks around a field does not end on the very spot."""
_METRES = 111_320
"""Of one degree of latitude, near enough for a note."""


def read_gpx(data: bytes, limits: FileLimits) -> Outline:
    """The closed rings of all tracks and routes. Raises AreaError where it is no GPX or holds none."""
    reader = _Reader(limits)
    read_markup(data, reader.start, reader.end)
    return reader.found.outline("GPX", name=reader.title, notes=tuple(starmap(_closed, reader.gaps.items())))


class _Reader:
    """Hears of elements and puts rings together."""

    def __init__(self, limits: FileLimits) -> None:
        self.found = Findings(limits)
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

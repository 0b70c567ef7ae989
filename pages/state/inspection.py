"""What is looked into as one value, and as the texts of a link: a pixel or a polygon, and the quantity of its series.

``at=385205,6672345`` or ``polygon=385200,6672300;386000,6672300;385600,6673000`` in metres of the picture's UTM zone,
and ``series=ndvi``; what is as at the start may be left out.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shapely.geometry import Polygon

from pages.state.address import Addressed, Problems, from_link
from services.geo import Bounds

KEYS = ("at", "polygon", "series")
"""Names in a link, in this order."""
LINKED_CORNERS = 30
"""A polygon of more corners does not stand in a link: it would be too long to be sent around."""
_FARTHEST = 2e7
"""Metres from the origin of a UTM zone that no place on Earth is away."""
Point = tuple[float, float]
"""Easting and northing, metres."""


@dataclass(frozen=True)
class Inspection:
    """At most one of pixel and polygon."""

    at: Point | None = None
    """A place in the pixel."""
    ring: tuple[Point, ...] = ()
    """Corners of the polygon, the first one not repeated."""
    series: str = ""
    """Name of the quantity of the series; empty for that of the view."""

    def question(self) -> dict[str, str]:
        """As the texts of a link, without what is as at the start."""
        ring = self.ring if len(self.ring) <= LINKED_CORNERS else ()
        texts = {
            "at": _text(self.at) if self.at else "",
            "polygon": ";".join(map(_text, ring)),
            "series": self.series,
        }
        return {key: text for key, text in texts.items() if text}

    @property
    def polygon(self) -> Polygon:
        """The ring as an area, whose edges may cross."""
        return Polygon(self.ring)

    def within(self, bounds: Bounds) -> "Inspection":
        """What of it is in a picture of these bounds: of another one nothing is shown."""
        west, south, east, north = bounds

        def inside(point: Point) -> bool:
            return west <= point[0] < east and south < point[1] <= north

        at = self.at if self.at is not None and inside(self.at) else None
        return replace(self, at=at, ring=self.ring if self.ring and any(map(inside, self.ring)) else ())


def inspection_of(question: Mapping[str, str]) -> tuple[Inspection, Problems]:
    """That of a link; what cannot be used is left as at the start, and the reasons come with it."""
    return from_link(Inspection(), question, _READERS)


def _text(point: Point) -> str:
    return ",".join(f"{metres:.1f}".removesuffix(".0") for metres in point)


def _point(text: str) -> Point:
    """Raises ValueError."""
    easting, northing = map(float, text.split(","))
    if not (math.isfinite(easting + northing) and max(abs(easting), abs(northing)) < _FARTHEST):
        raise ValueError(text)
    return easting, northing


def _ring(text: str) -> tuple[Point, ...]:
    """Raises ValueError."""
    found = tuple(map(_point, text.split(";")))
    if not 3 <= len(found) <= LINKED_CORNERS:
        raise ValueError(text)
    return found


_READERS: dict[str, Callable[[Inspection, str], Inspection]] = {
    "at": lambda found, text: replace(found, at=_point(text)),
    "polygon": lambda found, text: found if found.at else replace(found, ring=_ring(text)),
    "series": lambda found, text: replace(found, series=text[:200]),
}
_STATE = Addressed("inspection", KEYS, inspection_of)
read, problems, follow_address = _STATE.read, _STATE.problems, _STATE.follow_address


def change(**choices: Any) -> None:
    """Look at something else, by the names of `Inspection`; the rest stays."""
    _STATE.put(replace(read(), **choices))

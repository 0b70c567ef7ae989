"""What somebody wrote, before it is judged: polygons of numbers as they stand in the text."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from services.errors import AreaError
from services.text import counted, quoted, shorten

WGS84 = 4326
"""EPSG code of longitude and latitude."""
Position = tuple[float, float]
"""x and y: longitude and latitude in degrees, or metres."""
Rings = tuple[tuple[Position, ...], ...]
"""The shell first, then the holes."""

HIGHEST = 1e300
"""Of a coordinate, either way: what can still be multiplied a little."""


@dataclass(frozen=True)
class Outline:
    """Polygons whose numbers are finite; rings may be open, cross, overlap, or lie anywhere."""

    polygons: tuple[Rings, ...]
    name: str = ""
    """What the text calls it, cleaned; empty where it has no name."""
    epsg: int = WGS84
    """EPSG code of the numbers."""
    features: int = 1
    """How many things the polygons were."""
    members: tuple[tuple[str, int], ...] = ()
    """Of each of these things its name, cleaned, and how many of the polygons are its, in order; or nothing."""
    notes: tuple[str, ...] = ()
    """Sentences about what was left out."""

    @property
    def vertices(self) -> int:
        """Positions in all rings."""
        return sum(len(ring) for rings in self.polygons for ring in rings)


def coordinate(value: object) -> float:
    """A finite number, else AreaError with the value. Not a text, a truth value or nothing."""
    number = math.inf
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= HIGHEST:
        number = float(value)
    if not math.isfinite(number):
        shown = quoted(value) if isinstance(value, str) else shorten(value)
        raise AreaError(f"The coordinate {shown} is not a finite number.", "Give longitude and latitude in degrees.")
    return number


def refuse_without_polygon(others: Iterable[str], what: str) -> AreaError:
    """The refusal of a text in which there is no polygon, with what there is instead."""
    found = counted(others)
    if not found:
        return AreaError(f"The {what} is empty: it holds no polygon.", "Give a polygon with at least three corners.")
    return AreaError(f"The {what} holds no polygon: it is {found}.", "Give a polygon; points and lines have no area.")


def left_out(others: Iterable[str]) -> tuple[str, ...]:
    """The note on what stood beside the polygons."""
    found = counted(others)
    return (f"Only polygons are used; left out: {found}.",) if found else ()

"""What somebody wrote, before it is judged: polygons of numbers as they stand in the text."""

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.errors import AreaError

WGS84 = 4326
"""EPSG code of longitude and latitude."""
Position = tuple[float, float]
"""x and y: longitude and latitude in degrees, or metres."""
Rings = tuple[tuple[Position, ...], ...]
"""The shell first, then the holes."""

HIGHEST = 1e300
"""Of a coordinate, either way: what can still be multiplied a little."""
NAME_LENGTH = 80
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that do not show or that turn what stands beside them: controls, bidi marks, surrogates."""


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


def one_line(text: object, length: int) -> str:
    """At most `length` characters without controls; empty where `text` is no text."""
    if not isinstance(text, str):
        return ""
    shown = "".join(
        " " if character.isspace() else character
        for character in text[: 20 * length]
        if character.isspace() or unicodedata.category(character) not in _UNSEEN
    )
    return " ".join(shown.split())[:length].strip()


def clean_name(text: object) -> str:
    """One line of at most 80 characters without controls; empty where `text` is no text."""
    return one_line(text, NAME_LENGTH)


def shorten(value: object, length: int = 40) -> str:
    """A value as a message may show it: one line, at most `length` characters."""
    text = clean_name(value if isinstance(value, str) else repr(value)[: 20 * NAME_LENGTH])
    return text if len(text) <= length else f"{text[: length - 1]}…"


def coordinate(value: object) -> float:
    """A finite number, else AreaError with the value. Not a text, a truth value or nothing."""
    number = math.inf
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= HIGHEST:
        number = float(value)
    if not math.isfinite(number):
        raise AreaError(
            f"The coordinate {shorten(repr(value))} is not a finite number.", "Give longitude and latitude in degrees."
        )
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


def counted(kinds: Iterable[str]) -> str:
    """`a Point`, `2 Points and an empty Feature`."""
    parts = [
        f"{number} {kind}s" if number > 1 else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
        for kind, number in Counter(kinds).items()
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)

"""One picture to look into, or two to compare: swiped, side by side, flickering, or as their difference.

The second kind of component that Streamlit has: no frame, and no script but ours. Swiping and zooming stay in the
browser; Python hears of the mode, so that a link can hold it, and of the place that somebody looks into.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import streamlit as st

from pages.components.shared.events import last_heard, news
from pages.components.shared.theme import component
from pages.state.comparison import MODES

ENLARGE = "enlarge"
"""The mode of one picture alone."""
MOST_CORNERS = 200
"""Of a polygon that is drawn, as in marks.js."""
Place = tuple[float, float]
"""Parts of the picture from its north-western corner, to the right and down; 0 to 1."""
_component = component("viewer", "squares", "picture", "marks")


@dataclass(frozen=True)
class Picture:
    """A picture and its words, all plain text."""

    src: str
    """Address; another picture has another one. Transparent where there are no data."""
    alt: str
    title: str
    """Short, tells the two apart: `2017, ≤ 10 %`."""
    caption: str = ""
    """Under the picture, after the title."""
    full: str = ""
    """Address of the same picture with every pixel, which takes its place when it has come; empty where it has them."""
    squares: str = ""
    """Address with `{square}` of each square with every pixel, of a picture that is too large for one; or empty."""
    notice: str = ""
    """Stands on what is seen while a part of it fills the frame: what its pixels say where all of it is seen."""


@dataclass(frozen=True)
class Look:
    """What the picture shows, so that one can look into it; and what is looked into now."""

    ground: tuple[float, float, float, float]
    """minx, miny, maxx, maxy in metres."""
    pixels: tuple[int, int]
    """Width and height of the data."""
    side: int
    """Tiles from west to east."""
    at: Place | None = None
    """The marked pixel."""
    ring: tuple[Place, ...] = ()
    """Corners of the marked polygon."""


@dataclass(frozen=True)
class Marked:
    """Somebody marked a pixel, a polygon, or wiped the mark away."""

    kind: Literal["pixel", "polygon", "clear"]
    places: tuple[Place, ...]
    """One for a pixel, three or more for a polygon, none for neither."""


def modes_of(right: Picture | None, difference: Picture | None = None) -> tuple[str, ...]:
    """The modes that are possible with these pictures; never empty."""
    if right is None:
        return (ENLARGE,)
    return tuple(mode for mode in MODES if mode != "difference" or difference is not None)


def viewer(
    key: str,
    left: Picture,
    right: Picture | None = None,
    difference: Picture | None = None,
    *,
    size: tuple[int, int],
    mode: str = "swipe",
    on_mode: Callable[[str], None] | None = None,
    look: Look | None = None,
    on_mark: Callable[[Marked], None] | None = None,
    on_heard: Callable[[], None] | None = None,
) -> str:
    """Show them in the place that they will have; returns the mode that is shown.

    `size` is width and height of each picture in its own pixels. A `mode` that is not possible becomes the first
    that is. `on_mode` is called with the mode that somebody has chosen, before the page runs again. With `look` one
    picture can be looked into: `on_mark` is called for each mark, and `on_heard` after all of them: that one may say
    what runs again.
    """
    possible = modes_of(right, difference)
    shown = mode if mode in possible else possible[0]

    def hear() -> None:
        told = st.session_state[key].get("mode")
        if on_mode is not None and told in possible:
            on_mode(told)

    def mark() -> None:
        for kind, places in news(key, st.session_state[key].get("told")):
            marked = marked_of(kind, places)
            if marked is not None and on_mark is not None:
                on_mark(marked)
        if on_heard is not None:
            on_heard()

    _component(
        key=key,
        data={
            "pictures": {
                place: asdict(picture) if picture is not None else None
                for place, picture in (("left", left), ("right", right), ("difference", difference))
            },
            "size": list(size),
            "mode": shown,
            "modes": [[name, MODES.get(name, "")] for name in possible],
            "look": asdict(look) | {"heard": last_heard(key)} if look is not None else None,
        },
        on_mode_change=hear,
        on_told_change=mark,
    )
    return shown


def marked_of(kind: Any, places: Any) -> Marked | None:
    """What somebody marked; None for what no picture of ours says."""
    least, most = {"pixel": (1, 1), "polygon": (3, MOST_CORNERS), "clear": (0, 0)}.get(str(kind), (1, 0))
    if not isinstance(places, list) or not least <= len(places) <= most or not all(map(_is_place, places)):
        return None
    return Marked(kind, tuple((float(x), float(y)) for x, y in places))


def _is_place(place: Any) -> bool:
    numbers = isinstance(place, list) and len(place) == 2 and all(type(part) in (int, float) for part in place)
    return numbers and all(math.isfinite(part) and 0 <= part < 1 for part in place)

"""One picture to look into, or two to compare: swiped, side by side, flickering, or as their difference.

The second kind of component that Streamlit has: no frame, and no script but ours. Swiping and zooming stay in the
browser; Python hears of the mode alone, so that a link can hold it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.components.shared.theme import component
from pages.state.comparison import MODES

ENLARGE = "enlarge"
"""The mode of one picture alone."""
_component = component("viewer")


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


def modes_of(
    right: Picture | None, difference: Picture | None = None, modes: Sequence[str] = tuple(MODES)
) -> tuple[str, ...]:
    """Those of `modes` that are possible with these pictures; never empty."""
    if right is None:
        return (ENLARGE,)
    return tuple(mode for mode in modes if mode != "difference" or difference is not None) or ("swipe",)


def viewer(
    key: str,
    left: Picture,
    right: Picture | None = None,
    difference: Picture | None = None,
    *,
    size: tuple[int, int],
    mode: str = "swipe",
    modes: Sequence[str] = tuple(MODES),
    on_mode: Callable[[str], None] | None = None,
) -> str:
    """Show them in the place that they will have; returns the mode that is shown.

    `size` is width and height of each picture in its own pixels. A `mode` that is not possible becomes the first
    that is. `on_mode` is called with the mode that somebody has chosen, before the page runs again.
    """
    possible = modes_of(right, difference, modes)
    shown = mode if mode in possible else possible[0]

    def hear() -> None:
        told = st.session_state[key].get("mode")
        if on_mode is not None and told in possible:
            on_mode(told)

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
        },
        on_mode_change=hear,
    )
    return shown

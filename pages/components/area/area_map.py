"""The map of the area page: the area with its grid and tiles, and what somebody clicks, steps and draws on it.

The script of the map never changes, so it is never put up anew and keeps its place. Everything that changes goes
through a feature group as plain numbers; `assets/choice.js` draws them and sends back what is done.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import folium
import streamlit as st
from streamlit_folium import st_folium

from pages.components.area.outlines import outline_key
from pages.components.area.overlay import shown
from pages.components.shared.events import last_heard, news
from pages.components.shared.leaflet import Show, base_map
from pages.state.choices import Choices
from pages.state.session import read

HEIGHT = 560
"""Pixels that Streamlit is told; the style sheets fit the map to the window, before it has loaded and after."""
_KEY, _STILL = "area_map", "area_map_still"


@dataclass(frozen=True)
class Click:
    """Somebody clicked a place."""

    longitude: float
    """Degrees, within ±180."""
    latitude: float


@dataclass(frozen=True)
class Step:
    """Somebody pressed arrow keys."""

    dx: int
    """Tiles to the east."""
    dy: int
    """Tiles to the north."""


@dataclass(frozen=True)
class Drawing:
    """Somebody drew, moved or deleted."""

    features: tuple[Mapping[str, Any], ...]
    """GeoJSON; empty where nothing is left."""
    edited: bool
    """True where the outline that was there was changed, False for a new one."""


def area_map(chosen: Choices, on_event: Callable[[Click | Step | Drawing], None], *, online: bool) -> None:
    """The map of what is chosen. `on_event` is called with what somebody does on it, before the page runs again."""
    data = shown(chosen)
    data["heard"] = last_heard(_KEY)
    data["still"] = _stays(data["key"])
    group = folium.FeatureGroup(name="choice")
    group.add_child(Show(data))

    def hear() -> None:
        for told in news(_KEY, st.session_state.get(_KEY)):
            event = event_of(*told)
            on_event(event)
            if isinstance(event, Drawing):
                keep_still()

    with st.container(key="area-map"):
        st_folium(
            base_map(online=online),
            key=_KEY,
            height=HEIGHT,
            use_container_width=True,
            returned_objects=[],  # nothing but what choice.js sends: the rest would come late, and on every move
            feature_group_to_add=group,
            on_change=hear,
        )


def keep_still() -> None:
    """The area as it is now is no reason for the map to move: it was drawn there, or stood there before."""
    st.session_state[_STILL] = outline_key(read().aoi)


def _stays(key: str) -> bool:
    """Whether `keep_still` was said of this outline, and no other was on the map since."""
    if st.session_state.get(_STILL) != key:
        st.session_state.pop(_STILL, None)
    return _STILL in st.session_state


def event_of(kind: str, told: Mapping[str, Any]) -> Click | Step | Drawing:
    """What somebody did, as `assets/choice.js` tells it."""
    if kind == "click":
        return Click(float(told["longitude"]), float(told["latitude"]))
    if kind == "step":
        return Step(int(told["dx"]), int(told["dy"]))
    return Drawing(tuple(told["features"]), bool(told["edited"]))

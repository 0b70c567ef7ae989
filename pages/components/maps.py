"""The map of the area page: the area with its grid and tiles, and what somebody clicks and draws on it.

The script of the map never changes, so it is never put up anew and keeps its place. Everything that changes goes
through a feature group as plain numbers; `assets/map.js` draws them and sends clicks and drawings back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import folium
import streamlit as st
from streamlit_folium import st_folium

from pages.components.choices import Choices, read
from pages.components.leaflet import Show, base_map
from pages.components.overlay import outline_key, shown

HEIGHT = 560
"""Pixels that Streamlit is told; the style sheets fit the map to the window, before it has loaded and after."""
_KEY, _DRAWING = "area_map", "area_map_drawing"


@dataclass(frozen=True)
class Click:
    """Somebody clicked a place."""

    longitude: float
    """Degrees, within ±180."""
    latitude: float


@dataclass(frozen=True)
class Drawing:
    """Somebody drew, moved or deleted."""

    features: tuple[Mapping[str, Any], ...]
    """GeoJSON; empty where nothing is left."""
    edited: bool
    """True where the outline that was there was changed, False for a new one."""


def area_map(chosen: Choices, on_event: Callable[[Click | Drawing], None], *, online: bool) -> None:
    """The map of what is chosen. `on_event` is called with what somebody does on it, before the page runs again."""
    drawing, outline = st.session_state.get(_DRAWING, ("", ""))
    data = shown(chosen)
    data["drawing"] = drawing if data["key"] == outline else ""
    group = folium.FeatureGroup(name="choice")
    group.add_child(Show(data))

    def hear() -> None:
        told = st.session_state.get(_KEY) or {}
        if told.get("event") == "click":
            on_event(Click(float(told["longitude"]), float(told["latitude"])))
        elif told.get("event") == "drawing":
            on_event(Drawing(tuple(told["features"]), bool(told["edited"])))
            st.session_state[_DRAWING] = (str(told["id"]), outline_key(read().aoi))

    with st.container(key="area-map"):
        st_folium(
            base_map(online=online),
            key=_KEY,
            height=HEIGHT,
            use_container_width=True,
            returned_objects=[],  # nothing but what map.js sends: the rest would come late, and on every move
            feature_group_to_add=group,
            on_change=hear,
        )

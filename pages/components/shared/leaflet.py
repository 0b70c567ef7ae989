"""Folium's map and drawing tools with the scripts that are served here, and the two elements that talk to them."""

import json
from collections.abc import Mapping
from typing import Any

import folium
import streamlit as st
from branca.element import MacroElement
from folium.plugins import Draw
from jinja2 import Template
from streamlit_folium import st_folium

from pages.components.shared.theme import DRAW, LEAFLET, asset, script

_STYLES = (LEAFLET, DRAW, "map")
LAND = "vendor/world-atlas-2.0.2/countries-50m.json"
_OUTLINE = {"shapeOptions": {"className": "np-area", "weight": 2, "fillOpacity": 0.03}}

_WORLD: dict[str, Any] = {"tiles": None, "location": (30, 10), "zoom_start": 2, "min_zoom": 2}
_WORLD |= {"world_copy_jump": True, "zoom_snap": 0.5}
"""How each map begins."""

Links = list[tuple[str, str]]


class LocalMap(folium.Map):
    """A map whose scripts are ours."""

    default_js = [("map", script("map"))]  # noqa: RUF012 - as folium has it
    default_css = [(name, asset(f"{name}.css")) for name in _STYLES]  # noqa: RUF012 - the same


class AreaMap(LocalMap):
    """The one with the area, its grid and tiles."""

    default_js = [*LocalMap.default_js, ("area", script("area"))]  # noqa: RUF012 - the same


class LocalDraw(Draw):
    """Rectangles and polygons; the scripts come with the map's."""

    default_js: Links = []  # noqa: RUF012 - the same
    default_css: Links = []  # noqa: RUF012 - the same


class Start(MacroElement):
    """Runs once, when the map is put up."""

    _template = Template(
        "{% macro script(this, kwargs) %}ninepatch.start({{ this._parent.get_name() }}, "
        "drawnItems_{{ this.draw.get_name() }}, {{ this.options }});{% endmacro %}"
    )

    def __init__(self, draw: LocalDraw, options: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca's
        self._name, self.draw, self.options = "Start", draw, json.dumps(options)


class Begin(MacroElement):
    """Runs once, when a map is put up that nobody draws on."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "ninepatch.{{ this.call }}({{ this._parent.get_name() }}, {{ this.options }});{% endmacro %}"
    )

    def __init__(self, options: Mapping[str, Any], call: str) -> None:
        """`call` is a function of `layer.js` or `order.js`."""
        super().__init__()  # type: ignore[no-untyped-call] # branca's
        self._name, self.options, self.call = "Begin", json.dumps(options), call


class Show(MacroElement):
    """Runs whenever the data are others than before. The empty list keeps the frame from gathering what it was sent."""

    _template = Template(
        "{% macro script(this, kwargs) %}window.feature_group = []; "
        "ninepatch.{{ this.call }}(map_div, {{ this.data }});{% endmacro %}"
    )

    def __init__(self, data: Mapping[str, Any], call: str = "show") -> None:
        """`call` is a function of `choice.js`, `layer.js` or `order.js`."""
        super().__init__()  # type: ignore[no-untyped-call] # branca's
        self._name, self.data, self.call = "Show", json.dumps(data, separators=(",", ":")), call


def base_map(*, online: bool) -> AreaMap:
    """The map without anything chosen. Always the same script, so that the browser keeps the map that it has."""
    base = AreaMap(**_WORLD)
    draw = LocalDraw(  # type: ignore[no-untyped-call] # folium's
        position="topleft",
        show_geometry_on_click=False,
        draw_options={
            "rectangle": _OUTLINE | {"showArea": False},  # its own reading of the area fails on a missing variable
            "polygon": _OUTLINE | {"allowIntersection": False},
            **dict.fromkeys(("polyline", "circle", "marker", "circlemarker"), False),
        },
    )
    base.add_child(draw)
    base.add_child(Start(draw, {"land": asset(LAND), "online": online}))
    return base


def looking_map(
    kind: type[LocalMap], begin: str, show: str, data: Mapping[str, Any], *, key: str, height: int, online: bool
) -> None:
    """A map that nobody draws on; it stays where somebody moved it while `data` change.

    `begin` and `show` are functions of the script of that kind of map, `height` is in pixels.
    """
    base = kind(**_WORLD)
    base.add_child(Begin({"land": asset(LAND), "online": online}, begin))
    group = folium.FeatureGroup(name=show)
    group.add_child(Show(data, show))
    with st.container(key=key):
        st_folium(
            base,
            key=key.replace("-", "_"),
            height=height,
            use_container_width=True,
            returned_objects=[],
            feature_group_to_add=group,
        )

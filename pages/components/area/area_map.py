"""The map of the area page: the area with its grid and tiles, and what somebody clicks, steps and draws on it.

The script of the map never changes, so it is never put up anew and keeps its place. Everything that changes goes
through a feature group as plain numbers; `assets/choice.js` draws them and sends back what is done.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import folium
import numpy as np
import streamlit as st
from streamlit_folium import st_folium

from pages.components.area import area_preview, cached_tiles
from pages.components.area.outlines import Place, drawn, outline_key, place
from pages.components.shared.events import last_heard, news
from pages.components.shared.leaflet import Show, base_map
from pages.routes.grid_lines import get_ready, grid_address, runs_address
from pages.state.choices import Choices
from pages.state.session import read
from services.geo import Ring
from services.grid import Lattice, TileIndex

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


def shown(chosen: Choices) -> dict[str, Any]:
    """What choice.js draws: plain numbers, places as (latitude, longitude).

    `key` names the area's outline, `offeredKey` that of an area that is offered: a new one is brought into view.
    `area_map` adds what must not be: an outline that was drawn on this map or is undone is in view already.
    """
    return _area(chosen) | _offered()


def _area(chosen: Choices) -> dict[str, Any]:
    if chosen.aoi is None or chosen.grid is None or chosen.centre is None:
        return {"key": ""}
    outline = drawn(chosen.aoi)
    get_ready(chosen.aoi.digest, chosen.grid)
    lattice = chosen.grid.lattice
    around = lattice.neighbourhood(chosen.centre, chosen.radius)
    return {
        "key": outline_key(chosen.aoi),
        "editable": outline.editable,
        "area": outline.polygons,
        "bounds": outline.bounds,
        "grid": grid_address(chosen.aoi.digest, chosen.grid.spec),
        "tile": min(lattice.dx, lattice.dy),
        "lattice": {side: getattr(lattice, side) for side in ("epsg", "x0", "y0", "dx", "dy")}
        | {"runs": runs_address(chosen.aoi.digest, chosen.grid.spec)},
        "tiles": _turned(around.polygon_wgs84),
        "centre": _turned(lattice.neighbourhood(chosen.centre, 0).polygon_wgs84),
        "inner": inner_edges(lattice, chosen.centre, chosen.radius),
        "held": cached_tiles.for_map(chosen),
    }


def _offered() -> dict[str, Any]:
    """The outline that somebody looks at before it is used; its bounds go before those of the area."""
    aoi = area_preview.offered()
    if aoi is None:
        return {}
    outline = drawn(aoi)
    return {"offered": outline.polygons, "offeredKey": outline_key(aoi), "bounds": outline.bounds}


def inner_edges(lattice: Lattice, centre: TileIndex, radius: int) -> list[list[Place]]:
    """The edges between the tiles of a neighbourhood, as straight lines: they are shorter than a screen."""
    side = 2 * radius + 1
    ring = lattice.neighbourhood(centre, radius).polygon_wgs84
    quarter = (len(ring) - 1) // 4
    south, east, north, west = (ring[n * quarter : (n + 1) * quarter + 1] for n in range(4))
    edges = []
    for n in range(1, side):
        edges.append([_along(south, n / side), _along(north, 1 - n / side)])
        edges.append([_along(west, 1 - n / side), _along(east, n / side)])
    return edges


def _along(side: Sequence[Place], part: float) -> Place:
    """The place at that part of a side of (longitude, latitude)."""
    at = np.linspace(0, 1, len(side))
    longitudes, latitudes = zip(*side, strict=True)
    return place(float(np.interp(part, at, longitudes)), float(np.interp(part, at, latitudes)))


def _turned(ring: Ring) -> list[Place]:
    return [place(longitude, latitude) for longitude, latitude in ring]

"""A finished picture on a map: it zooms over the land, and one may see through it."""

from urllib.parse import quote

import streamlit as st

from pages.components.results.picture_bar import view_of
from pages.components.results.requested_result import RequestedResult
from pages.components.shared.leaflet import LocalMap, looking_map
from pages.components.shared.theme import asset
from pages.state import session
from pages.state.context import product, settings
from services.export import MOSAIC, Result
from services.grid import TileBlock
from services.recipe import Recipe
from services.render import View

HEIGHT = 480
"""Pixels."""
FROM_FRAME = "../.."
"""The root of the application as seen from the frame of a map, whatever the base path."""


class LayerMap(LocalMap):
    """A map with the script of the picture's layer."""

    default_js = [*LocalMap.default_js, ("layer", asset("layer.js"))]  # noqa: RUF012 - as folium has it
    default_css = [*LocalMap.default_css, ("layer", asset("layer.css"))]  # noqa: RUF012 - the same


def on_the_map(question: RequestedResult) -> None:
    """The finished picture over the land, in the view that is chosen; nothing while there is no file of it."""
    if question.result is None:
        return
    with st.expander("On the map"):
        view = view_of(session.read())
        if view.index and not view.index.in_files:
            st.caption("The map shows what the files hold; this index is computed for the picture alone.")
            return
        layer_map(question.result, question.digest, view, online=settings().online_basemap)


def layer_map(result: Result, digest: str, view: View, *, online: bool) -> None:
    """The mosaic of a result in a view, over the outlines and, where told so, over tile layers from elsewhere."""
    stamp = f"{product().results.stamp(digest, MOSAIC)}-{view.stamp}"
    # "-" and "." in it: streamlit-folium takes what follows "_" for a name that changes by itself
    url = f"{FROM_FRAME}/tiles/{digest}/{quote(view.name, safe='')}/{{z}}/{{x}}/{{y}}.png?v={stamp}"
    lay(url, bounds(Recipe.from_dict(result.recipe).neighbourhood), result.attribution, online=online)


def lay(url: str, corners: list[list[float]], attribution: str, *, online: bool) -> None:
    """A layer of map tiles at an address with {z}, {x} and {y}, within two corners."""
    data = {"url": url, "bounds": corners, "attribution": attribution}
    looking_map(LayerMap, "picture", "lay", data, key="layer-map", height=HEIGHT, online=online)


def bounds(neighbourhood: TileBlock) -> list[list[float]]:
    """South-western and north-eastern corner, latitude first as Leaflet has it; going on past the 180th meridian."""
    west, south, east, north = neighbourhood.bounds_wgs84
    return [[south, west], [north, east + 360 if east < west else east]]

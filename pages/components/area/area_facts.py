"""What is known of an area: its figures, and what was done to it."""

import streamlit as st

from pages.components.area.outlines import SHOWN_VERTICES
from pages.components.shared.definition_list import definition_list
from services.area import AOI
from services.geo import degrees, zone_name

NOTES = 5
"""Sentences that are shown at once; the rest are a press away."""


def area_facts(aoi: AOI, key: str) -> None:
    """Its figures and every note; `key` tells this place of the page from others."""
    west, south, east, north = aoi.bounds
    longitude, latitude = aoi.centroid
    definition_list(
        (
            ("Area", square_kilometres(aoi.area_km2)),
            ("Longitudes", f"{degrees(west, 'EW', '.4f')} – {degrees(east, 'EW', '.4f')}"),
            ("Latitudes", f"{degrees(south, 'NS', '.4f')} – {degrees(north, 'NS', '.4f')}"),
            ("Centroid", f"{degrees(latitude, 'NS', '.4f')}, {degrees(longitude, 'EW', '.4f')}"),
            ("Outline", _outline(aoi)),
            ("UTM zone", f"{zone_name(aoi.epsg)}, EPSG:{aoi.epsg}"),
        )
    )
    notes = list(aoi.notes)
    if aoi.vertices > SHOWN_VERTICES:
        notes.append("It is drawn with fewer corners on the map; the area itself is exact.")
    _sentences(notes[:NOTES], f"note-{key}")
    if rest := notes[NOTES:]:
        with st.expander("One more note" if len(rest) == 1 else f"{len(rest)} more notes"):
            _sentences(rest, f"note-{key}-more")


def square_kilometres(area: float) -> str:
    """`20,817 km²`, `12.34 km²`, `0.0123 km²`."""
    if area >= 100:
        return f"{area:,.0f} km²"
    return f"{area:.2f} km²" if area >= 1 else f"{area:.3g} km²"


def _outline(aoi: AOI) -> str:
    """`2 polygons with a hole, 1,204 vertices`."""
    holes = sum(len(rings) - 1 for rings in aoi.polygons)
    count = len(aoi.polygons)
    polygons = "1 polygon" if count == 1 else f"{count:,} polygons"
    inside = {0: "", 1: " with a hole"}.get(holes, f" with {holes:,} holes")
    return f"{polygons}{inside}, {aoi.vertices:,} vertices"


def _sentences(notes: list[str], key: str) -> None:
    """A user's word may stand in them: plain text."""
    for number, note in enumerate(notes):
        with st.container(key=f"{key}-{number}"):
            st.text(note)

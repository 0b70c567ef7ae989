"""Outlines for property-based tests: places all over the Earth, simple and not."""

import math
from typing import Any

from hypothesis import strategies as st

Ring = list[tuple[float, float]]

LONGITUDES = st.one_of(
    st.floats(-179.9, 179.9),
    st.sampled_from([-180.0, -174.0, -6.0, 0.0, 6.0, 24.0, 179.95, 180.0]),
)
"""Anywhere, and often at the edge of a UTM zone or the 180th meridian."""
LATITUDES = st.one_of(st.floats(-76, 80), st.sampled_from([0.0, -0.01, 60.5, -34.0, 75.0]))
SIZES = st.sampled_from([0.004, 0.05, 0.3, 1.5])
"""Degrees of latitude from the middle of an outline to its farthest corner."""


def round_ring(longitude: float, latitude: float, size: float, radii: list[float]) -> Ring:
    """A closed ring around a place: one corner for each radius, which are parts of `size`; it never crosses itself."""
    turns = [2 * math.pi * corner / len(radii) for corner in range(len(radii))]
    wide = size / max(0.15, math.cos(math.radians(latitude)))
    ring = [
        (longitude + wide * radius * math.cos(turn), latitude + size * radius * math.sin(turn))
        for turn, radius in zip(turns, radii, strict=True)
    ]
    return [*ring, ring[0]]


@st.composite
def outlines(draw: Any) -> list[list[Ring]]:
    """One to three polygons near each other, each a shell and sometimes a hole; longitudes may go beyond ±180."""
    longitude, latitude, size = draw(LONGITUDES), draw(LATITUDES), draw(SIZES)
    polygons = []
    for part in range(draw(st.integers(1, 3))):
        radii = draw(st.lists(st.floats(0.4, 1.0), min_size=3, max_size=9))
        east = longitude + part * 2.5 * size * draw(st.sampled_from([0.3, 1.0]))
        rings = [round_ring(east, latitude, size, radii)]
        if len(radii) > 3 and draw(st.booleans()):  # the smallest radius keeps its distance from every chord
            rings.append(round_ring(east, latitude, size, [0.05 * min(radii)] * 4))
        polygons.append(rings)
    return polygons


def geojson(polygons: list[list[Ring]]) -> dict[str, Any]:
    """The same as a MultiPolygon."""
    return {"type": "MultiPolygon", "coordinates": polygons}

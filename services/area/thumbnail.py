"""A small picture of an area's outline: path data of an SVG, a few kilobytes for any area."""

import math
from collections.abc import Iterator
from html import escape
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import MultiPolygon, Polygon

from services.area.aoi import AOI

Corners = NDArray[np.float64]
"""Of a closed ring: (n, 2) of x and y, y downwards."""
WIDTH, HEIGHT = 96, 72
"""Of the picture, in its own units."""
MARGIN = 4
"""Left free on each side."""
LONGEST = 5000
"""Characters of path data: what is longer is drawn more coarsely."""
INK = "#cc5a1a"
"""At least 3:1 against the light and the dark paper, panel and frame of the pages."""
_FINEST = 0.3
"""Units by which a line may be moved at first."""


def outline_path(aoi: AOI) -> str:
    """Path data in WIDTH × HEIGHT: holes by the even-odd rule, and a dot for each part too small for a line.

    Equirectangular, true to scale at the middle latitude, north up; what was cut at the 180th meridian is whole.
    """
    rings = _drawn(aoi)
    tolerance = _FINEST
    while len(path := "".join(_pieces(rings, tolerance))) > LONGEST:
        tolerance *= 1.5
    return path


def svg(path: str) -> str:
    """The picture as a document of its own, without words; it takes nothing from the page that shows it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<path d="{escape(path)}" fill="{INK}" fill-opacity=".25" fill-rule="evenodd" stroke="{INK}" '
        'stroke-width="1.2" stroke-linejoin="round" stroke-linecap="round"/></svg>'
    )


def _drawn(aoi: AOI) -> list[tuple[Corners, bool]]:
    """All rings in units of the picture, and whether each is a hole."""
    west, south, east, north = aoi.bounds
    east += 360 * (east < west)
    narrow = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * narrow, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    left, top = (WIDTH - wide * scale) / 2, (HEIGHT - high * scale) / 2
    drawn = []
    for polygon in shapely.get_parts(_whole(aoi, west)):
        for number, ring in enumerate((polygon.exterior, *polygon.interiors)):
            x, y = shapely.get_coordinates(ring).T
            corners = np.column_stack((left + (x - west) * narrow * scale, top + (north - y) * scale))
            drawn.append((corners, number > 0))
    return drawn


def _whole(aoi: AOI, west: float) -> Polygon | MultiPolygon:
    """In degrees east of `west`, which go on beyond 180."""
    if not aoi.crosses_antimeridian:
        return aoi.geometry
    parts = shapely.get_parts(aoi.geometry)
    turned = [affinity.translate(part, 360 * (part.bounds[0] < west)) for part in parts]
    return cast(Polygon | MultiPolygon, shapely.union_all(turned))


def _pieces(rings: list[tuple[Corners, bool]], tolerance: float) -> Iterator[str]:
    """Of each ring its line, moved by at most `tolerance`; of small parts a dot in a net of that width."""
    net, dots = 2 * tolerance, set()
    for ring, is_hole in rings:
        if np.ptp(ring, axis=0).max() < net:
            column, row = (int(value) for value in ring.mean(axis=0) // net)
            if not is_hole and (column, row) not in dots:
                dots.add((column, row))
                yield f"M{(column + 0.5) * net:.1f} {(row + 0.5) * net:.1f}h0"
            continue
        line = shapely.LineString(ring).simplify(tolerance, preserve_topology=False)
        points = [f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(line)[:-1]]
        yield f"M{'L'.join(points)}Z"

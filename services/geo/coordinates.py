"""Coordinates: rings as arrays and back, and how far polygons on Earth reach and how large they are."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from services.formats import Position, Rings
from services.geo.crs import Bounds

Positions = NDArray[np.float64]
"""(n, 2): x and y."""


def flat(rings: Iterable[Sequence[Position]]) -> Positions:
    """The positions of all rings, one after another."""
    return np.fromiter(chain.from_iterable(chain.from_iterable(rings)), np.float64).reshape(-1, 2)


def ring_of(positions: Positions) -> tuple[Position, ...]:
    """One ring as plain numbers."""
    return tuple(zip(*positions.T.tolist(), strict=True))


GEOD = Geod(ellps="WGS84")


def bounds_of(geometry: Any) -> Bounds:
    """West, south, east, north in degrees; west > east where the shorter way is across the 180th meridian."""
    boxes = shapely.bounds(shapely.get_parts(geometry)).tolist()
    south, north = min(box[1] for box in boxes), max(box[3] for box in boxes)
    spans = sorted((box[0], box[2]) for box in boxes)
    west, east = spans[0][0], max(span[1] for span in spans)
    widest, reach = 360 - (east - west), spans[0][1]
    for start, end in spans[1:]:  # leave out the widest gap
        if start - reach > widest:
            widest, west, east = start - reach, start, reach
        reach = max(reach, end)
    return west, south, east, north


def square_kilometres(polygons: tuple[Rings, ...]) -> float:
    """On the WGS 84 ellipsoid, edges being geodesics."""
    shells = sum(_square_metres(rings[0]) for rings in polygons)
    holes = sum(_square_metres(ring) for rings in polygons for ring in rings[1:])
    return (shells - holes) / 1e6


def _square_metres(ring: tuple[Position, ...]) -> float:
    area, _ = GEOD.polygon_area_perimeter(*flat([ring]).T)
    return abs(float(area))

"""From metres to degrees, and what happens at the 180th meridian."""

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import MultiPolygon, Polygon, affinity, box
from shapely.geometry.base import BaseGeometry

from services.demo.mgrs import to_degrees, transformer


def degrees_of(epsg: int, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes of a UTM zone, of web mercator or of degrees; longitudes may leave ±180."""
    if epsg == 4326:
        return np.asarray(x, float), np.asarray(y, float)
    if epsg == 3857:
        longitudes, latitudes = transformer(3857, 4326).transform(np.asarray(x, float), np.asarray(y, float))
        return np.asarray(longitudes), np.asarray(latitudes)
    return to_degrees(epsg, x, y)


def in_degrees(epsg: int, shape: BaseGeometry, step: float) -> MultiPolygon:
    """A shape with vertices at least every `step` units, in degrees, cut at the 180th meridian."""

    def turned(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(degrees_of(epsg, points[:, 0], points[:, 1]))

    continuous = shapely.transform(shapely.segmentize(shape, step), turned)
    pieces: list[Polygon] = []
    for turn in (-360, 0, 360):
        inside = continuous.intersection(box(-180 + turn, -90, 180 + turn, 90))
        moved = affinity.translate(inside, xoff=-turn)
        pieces += [part for part in getattr(moved, "geoms", [moved]) if isinstance(part, Polygon) and part.area > 0]
    return MultiPolygon(pieces)

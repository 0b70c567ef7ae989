"""Polygons made one area without overlaps, unless their edges cross so often that it would take minutes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from services.errors import AreaError

NEIGHBOURS = 8
"""Edges whose boxes meet an edge's own, itself and the next ones among them, in outlines as people bring them."""
SPARE_CROSSINGS = 100_000
"""Beyond that: joined in about a second."""
_CHUNK = 100
"""Edges that are looked at in one go: not more than some hundred MB, whatever they meet."""


def join(pieces: Sequence[Polygon]) -> tuple[list[Polygon], bool]:
    """The polygons of the union, and whether pieces overlapped.

    Raises AreaError where the edges meet more often than outlines of places do.
    """
    if len(pieces) < 2:
        return list(pieces), False
    different = list(dict.fromkeys(pieces))
    _check_crossings(different)
    union = shapely.union_all(different)
    overlap = sum(piece.area for piece in pieces) > union.area * (1 + 1e-9)
    return parts(union), overlap


def parts(geometry: Any) -> list[Polygon]:
    """The polygons with an area in any geometry."""
    if isinstance(geometry, Polygon):
        return [geometry] if geometry.area > 0 else []
    return [polygon for part in getattr(geometry, "geoms", ()) for polygon in parts(part)]


def _check_crossings(pieces: Sequence[Polygon]) -> None:
    """Counts the edges whose boxes meet, and stops at what is too much: two combs have edges × edges crossings."""
    boxes = _edge_boxes(pieces)
    tree = shapely.STRtree(boxes)
    most = NEIGHBOURS * len(boxes) + SPARE_CROSSINGS
    found = 0
    for start in range(0, len(boxes), _CHUNK):
        found += tree.query(boxes[start : start + _CHUNK]).shape[1]
        if found > most:
            raise AreaError(
                f"The {len(pieces):,} polygons overlap too often to be joined: they have {len(boxes):,} edges.",
                "Join them to one area in a GIS.",
            )


def _edge_boxes(pieces: Sequence[Polygon]) -> NDArray[np.object_]:
    """The bounding box of every edge."""
    positions, ring = shapely.get_coordinates(shapely.get_rings(pieces), return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = positions[:-1][same], positions[1:][same]
    low, high = np.minimum(start, end), np.maximum(start, end)
    boxes: NDArray[np.object_] = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    return boxes

"""Squares: which of many tiles footprints meet and hold; only those near a footprint are asked about."""

import numpy as np
import shapely
from numpy.typing import NDArray

from services.geo import Bounds

Squares = NDArray[np.float64]
"""(n, 4): minx, miny, maxx, maxy of each tile in metres of one zone."""


def within(squares: Squares, bounds: Bounds) -> NDArray[np.intp]:
    """Positions of those that these bounds touch."""
    west, south, east, north = squares.T
    left, low, right, high = bounds
    return np.flatnonzero((west <= right) & (left <= east) & (south <= high) & (low <= north))


def met_and_whole(grounds: NDArray[np.object_], squares: Squares) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(m, n): which squares each of the grounds meets; and (n,): those that lie wholly in each ground that they meet.

    A wide area has far more squares than one granule comes near to.
    """
    met, whole = np.zeros((len(grounds), len(squares)), bool), np.ones(len(squares), bool)
    for row, ground in zip(met, grounds, strict=True):
        near = within(squares, ground.bounds)
        boxes = shapely.box(*squares[near].T)
        row[near] = shapely.intersects(ground, boxes)
        whole[near] &= row[near] == shapely.covers(ground, boxes)
    return met, whole

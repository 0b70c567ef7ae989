"""The edges of tiles as lines for a map: each edge once, runs of them as one line."""

import numpy as np
from numpy.typing import NDArray

from services.geo import to_wgs84
from services.grid.intersect import Indices
from services.grid.lattice import Lattice

Line = list[tuple[float, float]]
"""Latitude and longitude in degrees, as Leaflet wants them."""
_VERTICES = 16
"""Most vertices of a run: the chord of 20 tiles of 3.3 km stays within 130 m of the curve at 60° N."""
_DECIMALS = 6
"""Of a degree: 0.1 m."""


def grid_lines(lattice: Lattice, indices: Indices) -> list[Line]:
    """Every edge of the tiles once, merged to runs: those from west to east, then those from south to north.

    Longitudes are continuous: beyond the 180th meridian they go on.
    """
    if not len(indices):
        return []
    along = _runs(indices[:, 0], indices[:, 1])
    across = _runs(indices[:, 1], indices[:, 0])
    steps, counts = _vertices(np.concatenate([along[:, 1:], across[:, 1:]]))
    fixed = np.repeat(np.concatenate([along[:, 0], across[:, 0]]), counts)
    lying = np.repeat(np.arange(len(counts)) < len(along), counts)
    x = lattice.x0 + np.where(lying, steps, fixed) * lattice.dx
    y = lattice.y0 + np.where(lying, fixed, steps) * lattice.dy
    longitudes, latitudes = to_wgs84(lattice.epsg, x, y)
    places = list(zip(latitudes.round(_DECIMALS).tolist(), longitudes.round(_DECIMALS).tolist(), strict=True))
    ends = np.cumsum(counts).tolist()
    return [places[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _runs(along: NDArray[np.int64], across: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n, 3): the line, the first and the one after the last tile of each run of edges that lie along it."""
    first, low = along.min(), across.min()
    stride = along.max() - first + 2  # one more than a line is long: the last of one and the first of the next part
    keys = (across - low) * stride + along - first
    edges = np.unique(np.concatenate([keys, keys + stride]))
    starts = np.flatnonzero(np.diff(edges, prepend=edges[0] - 2) != 1)
    lengths = np.diff(starts, append=len(edges))
    line, start = np.divmod(edges[starts], stride)
    return np.column_stack([line + low, start + first, start + first + lengths])


def _vertices(spans: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Whole tile edges from the start to the end of each span, evenly and at most 16; and how many each has."""
    lengths = spans[:, 1] - spans[:, 0]
    counts = np.minimum(lengths, _VERTICES - 1) + 1
    run = np.repeat(np.arange(len(spans)), counts)
    place = np.arange(len(run)) - np.repeat(np.cumsum(counts) - counts, counts)
    return spans[run, 0] + place * lengths[run] // (counts[run] - 1), counts

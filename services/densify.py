"""Lines that are straight on a map projection, in degrees: positions are added where one is long against a tile."""

from collections.abc import Callable, Iterable
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

OFF_M = 15.0
"""Metres by which a line may be off its place, as one of six tiles is at 60° N: within it a file stays as it is."""
CLOSE_M = 0.5
"""Metres within which a line is followed that would be farther off: far less than a pixel."""
MOST = 20_000
"""Positions that are added to an outline; where more were needed each line gets its share."""
_SHORT = 0.002
"""Degrees: a line that is shorter both ways is nowhere off by a metre."""
_DEGREE_M = 111_320.0
"""Metres of a degree of latitude."""
_QUARTERS = (0.25, 0.5, 0.75)

Positions = NDArray[np.float64]
"""(n, 2): x and y, or longitude and latitude."""
Rings = tuple[tuple[tuple[float, float], ...], ...]
"""The shell first, then the holes."""
Convert = Callable[[Positions], Positions]
"""From (n, 2) x and y to (n, 2) longitudes and latitudes, each position by itself."""
Counts = NDArray[np.int64]


def densify(polygons: Iterable[Rings], convert: Convert) -> tuple[Rings, ...]:
    """The polygons in degrees. Each corner is what `convert` makes of it; between those far apart there are more.

    A ring that is open stays open, and the line that will close it is followed too.
    """
    whole = tuple(polygons)
    lengths = np.array([len(ring) for rings in whole for ring in rings], dtype=np.int64)
    numbers = chain.from_iterable(corner for rings in whole for ring in rings for corner in ring)
    corners = np.fromiter(numbers, np.float64).reshape(-1, 2)
    ahead = _ahead(lengths)
    with np.errstate(invalid="ignore"):  # what has no place is off by nothing
        parts = _parts(corners, ahead, convert)
    line = np.repeat(np.arange(len(corners)), parts)
    step = (np.arange(len(line)) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[line]
    degrees = convert(corners[line] + (corners[ahead[line]] - corners[line]) * step[:, np.newaxis])
    upto = np.concatenate([[0], np.cumsum(parts)])[np.concatenate([[0], np.cumsum(lengths)])]
    values, counts = zip(*degrees.T.tolist(), strict=True), iter(np.diff(upto).tolist())
    return tuple(tuple(tuple(islice(values, next(counts))) for _ in rings) for rings in whole)


def _ahead(lengths: Counts) -> Counts:
    """Of each corner the number of the next in its ring; of the last that of the first."""
    ends = np.cumsum(lengths)
    ahead = np.arange(1, lengths.sum() + 1)
    some = lengths > 0
    ahead[ends[some] - 1] = (ends - lengths)[some]
    return ahead


def _parts(corners: Positions, ahead: Counts, convert: Convert) -> Counts:
    """In how many parts the line from each corner to the next is cut."""
    parts = np.ones(len(corners), dtype=np.int64)
    degrees = convert(corners)
    spans = _short_way(degrees[ahead] - degrees)
    long = np.flatnonzero(np.abs(spans).max(axis=1, initial=0) > _SHORT)
    off = np.zeros(len(long))
    for quarter in _QUARTERS:
        true = convert(corners[long] + (corners[ahead[long]] - corners[long]) * quarter)
        off = np.maximum(off, _beside(_short_way(true - degrees[long]), spans[long], true[:, 1]))
    curved = np.isfinite(off) & (off > OFF_M)
    parts[long[curved]] = np.ceil(np.sqrt(off[curved] / CLOSE_M))  # half as long, a quarter as far off
    added = int((parts - 1).sum())
    return parts if added <= MOST else 1 + (parts - 1) * MOST // added


def _beside(place: Positions, line: Positions, latitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from each line to a place near it, both in degrees from where the line begins."""
    narrow = np.cos(np.radians(latitude))
    across = np.abs(place[:, 0] * line[:, 1] - place[:, 1] * line[:, 0]) * narrow
    return _DEGREE_M * across / np.hypot(line[:, 0] * narrow, line[:, 1])


def _short_way(differences: Positions) -> Positions:
    """Longitudes that are 360° apart are one."""
    turns = np.column_stack([np.round(differences[:, 0] / 360), np.zeros(len(differences))])
    short: Positions = differences - 360 * turns
    return short

"""Nearest neighbour by exact arithmetic: which pixel of a file holds the centre of each of ours."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.catalogue import GranuleFile
from services.geo import Bounds, transformer
from services.plan import BlockRequest
from services.providers.stac.header import Header
from services.storage import MemoryCache

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
_CHUNK = 2**18
"""Pixels that are projected at once."""
_KEPT = MemoryCache[tuple[Floats, Floats]](96 * 2**20)
"""Centres in the zones of files: 2 s for a picture of 990 × 990 px, and the same for each of its dates."""
_MAKING = threading.Lock()


@dataclass(frozen=True)
class Centres:
    """The middles of pixels, in metres of a UTM zone."""

    epsg: int
    """EPSG code of the zone."""
    x: Floats
    """Of each column, west to east."""
    y: Floats
    """Of each row, north to south."""

    @classmethod
    def of(cls, block: BlockRequest) -> "Centres":
        """Of a block, from the edges of each of its tiles: a tile has the same ones in every block."""
        lattice, (width, height) = block.lattice, block.lattice.size_px(block.resolution)
        corners = [lattice.bounds(index) for index in block.tiles]
        edges_x = [(west, east) for west, _, east, _ in corners[: block.columns]]
        edges_y = [(north, south) for _, south, _, north in corners[:: block.columns]]
        return cls(lattice.epsg, _middles(edges_x, width), _middles(edges_y, height))

    def within(self, bounds: Bounds) -> "Centres":
        """Those of the columns and rows that lie between these edges, in metres."""
        west, south, east, north = bounds
        return Centres(
            self.epsg, self.x[(self.x >= west) & (self.x <= east)], self.y[(self.y >= south) & (self.y <= north)]
        )

    def thinned(self, step: int) -> "Centres":
        """Each `step`-th of them, and the last."""
        x, y = (np.unique(np.append(of[::step], of[-1:])) for of in (self.x, self.y))
        return Centres(self.epsg, x, y[::-1])

    def places(self, file: GranuleFile) -> tuple[Indices, Indices]:
        """Row and column of the file's pixel that holds each: (height, 1) and (1, width) within a zone, else both
        (height, width). Outside of the file they are no rows and columns of it."""
        x, y = (self.x[np.newaxis], self.y[:, np.newaxis]) if file.epsg == self.epsg else self._projected(file.epsg)
        a, _, c, _, e, f = file.transform
        return _floor((y - f) / e), _floor((x - c) / a)

    def _projected(self, epsg: int) -> tuple[Floats, Floats]:
        """x and y of each in another zone."""
        key = self.x.tobytes(), self.y.tobytes(), self.epsg, epsg
        with _MAKING:  # or each of many threads would make the same
            return _KEPT.made(key, lambda: self._project(epsg), lambda made: 2 * made[0].nbytes)

    def _project(self, epsg: int) -> tuple[Floats, Floats]:
        x, y = (np.empty((len(self.y), len(self.x))) for _ in range(2))
        step = max(1, _CHUNK // len(self.x))
        for start in range(0, len(self.y), step):
            rows = slice(start, start + step)
            ours_x, ours_y = np.broadcast_arrays(self.x, self.y[rows, np.newaxis])
            x[rows], y[rows] = transformer(self.epsg, epsg).transform(ours_x, ours_y)
        return x, y


def _middles(edges: list[tuple[float, float]], count: int) -> Floats:
    """Of `count` pixels between each two edges."""
    steps = np.arange(count) + 0.5
    return np.concatenate([start + steps * ((end - start) / count) for start, end in edges])


def _floor(pixels: Floats) -> Indices:
    """Whole numbers; -1 where there is no place."""
    return np.floor(np.where(np.abs(pixels) < 2**30, pixels, -1)).astype(np.int32)


@dataclass(frozen=True)
class Piece:
    """Our pixels that lie in one block of a file: `ours[place] = block[source]`."""

    number: int
    """Of the block, row by row."""
    rows: int
    """Rows of the block, from its top, that are needed."""
    place: tuple[Any, Any]
    """Rows and columns of ours."""
    source: tuple[Indices, Indices]
    """Rows and columns of the block."""


def pieces(places: tuple[Indices, Indices], header: Header, wanted: NDArray[np.bool_]) -> list[Piece]:
    """The wanted ones (height, width) of our pixels by the blocks that hold them, row by row."""
    rows, columns = places
    found = (
        _aligned(rows[:, 0], columns[0], header, wanted)
        if rows.shape[1] == 1
        else _scattered(rows, columns, header, wanted)
    )
    return list(found)


def _aligned(rows: Indices, columns: Indices, header: Header, wanted: NDArray[np.bool_]) -> Iterator[Piece]:
    """Where rows of ours are rows of the file."""
    for down, some_rows in _runs(rows, header.height, header.coding.height):
        for along, some_columns in _runs(columns, header.width, header.coding.width):
            needed = np.flatnonzero(wanted[some_rows, some_columns].any(axis=1))
            if len(needed):
                part = slice(some_rows.start + int(needed[0]), some_rows.start + int(needed[-1]) + 1)
                down_rows = rows[part, np.newaxis] - down * header.coding.height
                source = down_rows, columns[np.newaxis, some_columns] - along * header.coding.width
                number = down * header.across + along
                yield Piece(number, int(down_rows[-1, 0]) + 1, (part, some_columns), source)


def _runs(pixels: Indices, count: int, size: int) -> list[tuple[int, slice]]:
    """Ascending pixels of a file of `count` by its blocks of `size`: number of the block, and which of them."""
    first, end = np.searchsorted(pixels, [0, count])
    if first == end:
        return []
    numbers = np.arange(pixels[first] // size, pixels[end - 1] // size + 1)
    edges = np.searchsorted(pixels, np.append(numbers * size, min((numbers[-1] + 1) * size, count)))
    ends = zip(numbers.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    return [(number, slice(start, stop)) for number, start, stop in ends if start < stop]


def _scattered(rows: Indices, columns: Indices, header: Header, wanted: NDArray[np.bool_]) -> Iterator[Piece]:
    """Where they are askew to each other."""
    inside = wanted & (rows >= 0) & (rows < header.height) & (columns >= 0) & (columns < header.width)
    place = np.nonzero(inside)
    rows, columns = rows[place], columns[place]
    numbers = rows // header.coding.height * header.across + columns // header.coding.width
    for number in np.unique(numbers).tolist():
        here = numbers == number
        down = rows[here] - number // header.across * header.coding.height
        source = down, columns[here] - number % header.across * header.coding.width
        yield Piece(number, int(down.max()) + 1, (place[0][here], place[1][here]), source)

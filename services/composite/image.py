"""Many observations reduced to one image with its count of clear observations; and several of these side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from services.composite.indices import whole_index
from services.geo import Bounds
from services.grid import Tile
from services.sentinel2 import DN_PER_UNIT, NO_DATA

_PARTS = 16
"""Of a DN."""


@dataclass(frozen=True, eq=False)
class Image:
    """Reflectance and counts of clear observations over a rectangle of one UTM zone, north up."""

    bounds: Bounds
    """minx, miny, maxx, maxy in metres of `epsg`."""
    epsg: int
    bands: tuple[str, ...]
    """Names, in the order of the last axis of `reflectance`."""
    reflectance: NDArray[np.float32]
    """(height, width, band); NaN where there is no clear observation. Planar in memory: a view of bands."""
    count: NDArray[np.uint16]
    """Clear observations, (height, width)."""
    times: tuple[datetime, ...]
    """Of the acquisitions that touch it, UTC, oldest first. Two of them may be of one day."""
    indices: Mapping[str, NDArray[np.float32]] = field(kw_only=True, default_factory=dict)
    """By name, (height, width): of each observation, then reduced as the bands are; NaN where there is none."""
    days: NDArray[np.uint32] | None = field(kw_only=True, default=None)
    """Of each pixel's observation in UTC, as YYYYMMDD, NO_DAY where there is none, (height, width); None where the
    method makes a pixel of several."""

    @property
    def dates(self) -> tuple[str, ...]:
        """ISO days, UTC, one for each acquisition: at high latitudes some days stand there twice."""
        return tuple(time.date().isoformat() for time in self.times)

    @property
    def height(self) -> int:
        """Pixels, north to south."""
        return int(self.count.shape[0])

    @property
    def width(self) -> int:
        """Pixels, west to east."""
        return int(self.count.shape[1])

    @property
    def pixel_size(self) -> tuple[float, float]:
        """Width and height of a pixel in metres; a hair off the resolution where tiles are no whole multiple of it."""
        west, south, east, north = self.bounds
        return (east - west) / self.width, (north - south) / self.height

    @property
    def no_data(self) -> float:
        """Part of the pixels without a clear observation, 0 to 1."""
        return float(np.mean(self.count == 0))

    @property
    def median_observations(self) -> float:
        """Median over the pixels of their count of clear observations."""
        return float(np.median(self.count))

    def index(self, name: str) -> NDArray[np.int16]:
        """An index as whole numbers, (height, width), NO_INDEX where there is none."""
        return whole_index(self.indices[name])

    def dn(self, band: str) -> NDArray[np.uint16]:
        """One band as DN, (height, width): half DN goes to even, at most 65534, NO_DATA where there is no clear
        observation.

        The median of an even number of observations lies on half DN. Sixteenths of a DN are whole numbers, which
        float32 still separates, so these are found first: that ties go to even does not depend on float32's rounding.
        """
        plane = self.reflectance[..., self.bands.index(band)]
        fine = np.rint(plane * np.float32(_PARTS * DN_PER_UNIT))
        whole: NDArray[np.float32] = np.minimum(np.rint(fine * np.float32(1 / _PARTS)), np.float32(NO_DATA - 1))
        whole[self.count == 0] = NO_DATA
        return whole.astype(np.uint16)


@dataclass(frozen=True, eq=False)
class Composite(Image):
    """The image of one tile."""

    tile: Tile


@dataclass(frozen=True, eq=False)
class Mosaic(Image):
    """Tiles of one size side by side."""

    side: int
    """Tiles from west to east and from north to south."""
    tiles: tuple[Tile, ...]
    """In display order: north row first, west to east."""


def mosaic(composites: Sequence[Composite], side: int) -> Mosaic:
    """The composites of a neighbourhood, in display order, as one image.

    Raises ValueError where they are not `side` × `side` of one shape.
    """
    shapes = {composite.reflectance.shape for composite in composites}
    if len(composites) != side * side or len(shapes) != 1:
        raise ValueError(f"need {side} × {side} composites of one shape, got {len(composites)} of {sorted(shapes)}")
    height, width, bands = shapes.pop()
    size = side * height, side * width
    reflectance = np.empty((bands, *size), np.float32)
    count = np.empty(size, np.uint16)
    indices = {name: np.empty(size, np.float32) for name in composites[0].indices}
    days = None if composites[0].days is None else np.empty(size, np.uint32)
    for position, composite in enumerate(composites):
        row, column = divmod(position, side)
        place = np.s_[row * height : (row + 1) * height, column * width : (column + 1) * width]
        reflectance[:, *place] = np.moveaxis(composite.reflectance, -1, 0)
        count[place] = composite.count
        for name, index in composite.indices.items():
            indices[name][place] = index
        if days is not None and composite.days is not None:
            days[place] = composite.days
    north_west, south_east = composites[0], composites[-1]
    west, _, _, north = north_west.bounds
    _, south, east, _ = south_east.bounds
    return Mosaic(
        bounds=(west, south, east, north),
        epsg=north_west.epsg,
        bands=north_west.bands,
        reflectance=np.moveaxis(reflectance, 0, -1),
        count=count,
        times=tuple(sorted({time for composite in composites for time in composite.times})),
        indices=indices,
        days=days,
        side=side,
        tiles=tuple(composite.tile for composite in composites),
    )

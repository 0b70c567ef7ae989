"""The pixels of a granule's files: a granule and an area come in, the blocks that touch the area go out."""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from services.demo.orbits import Granule, pixels_of
from services.demo.publish.cog import Pixels
from services.demo.world import CLASSES, FINEST, Window, native_metres, render, transformer

SIDES = {10: 1024, 20: 512, 60: 256}
"""Metres of a pixel → pixels a side of a block, as the files of Earth Search have them."""
_STEP = 1000.0
"""Metres between the vertices of an area's edge before it is projected."""
Plane = dict[tuple[int, int], Pixels]
"""Row and column of a block → its pixels."""


def blocks_of(granule: Granule, area: BaseGeometry, planes: tuple[str, ...]) -> dict[str, Plane]:
    """Of each plane the blocks that touch the area (degrees).

    Raw DN, with what the granule's baseline adds; 0 is no data. All planes are seen where a 10 m pixel in their
    own is, so that no band ends before another at the swath's edge.
    """
    found: dict[str, Plane] = {plane: {} for plane in planes}
    near = _projected(area, granule.view.tile.epsg)
    for reach in sorted({_reach(plane) for plane in planes}):
        some = [plane for plane in planes if _reach(plane) == reach]
        for at, window in _windows(granule.view.tile.bounds, granule.view.tile.epsg, reach, near):
            seen = pixels_of(granule.view, window)
            for plane, made in render(window, granule.passage.start, some).items():
                offset = 0 if plane == CLASSES else granule.passage.offset
                found[plane][at] = _block(made, seen, native_metres(plane), offset)
    return found


def _reach(plane: str) -> int:
    """Metres a side of a block."""
    return native_metres(plane) * SIDES[native_metres(plane)]


def _projected(area: BaseGeometry, epsg: int) -> BaseGeometry:
    """The area in metres of a zone."""
    forward = transformer(4326, epsg)
    dense = shapely.segmentize(area, _STEP / 111_000)
    return shapely.transform(dense, lambda places: np.column_stack(forward.transform(*places.T)))


def _windows(
    bounds: tuple[float, float, float, float], epsg: int, reach: int, near: BaseGeometry
) -> Iterator[tuple[tuple[int, int], Window]]:
    """Row and column of the blocks near an area, each with its 10 m pixels as far as the tile goes."""
    west, south, east, north = bounds
    shapely.prepare(near)
    for row in range(int(-(-(north - south) // reach))):
        for column in range(int(-(-(east - west) // reach))):
            left, top = west + column * reach, north - row * reach
            right, bottom = min(left + reach, east), max(top - reach, south)
            if near.intersects(shapely.box(left, bottom, right, top)):
                size = (round((right - left) / FINEST), round((top - bottom) / FINEST))
                yield (row, column), Window(epsg, (left, bottom, right, top), *size)


def _block(made: NDArray[np.generic], seen: NDArray[np.bool_] | None, metres: int, offset: int) -> Pixels:
    """One block at its own pixel size, of 10 m pixels that are alike within each of its own."""
    step = round(metres / FINEST)
    height, width = (length // step for length in made.shape)
    own = made[::step, ::step] + np.asarray(offset, made.dtype)
    if seen is not None:
        own = own * seen.reshape(height, step, width, step).any(axis=(1, 3))
    whole: Pixels = np.zeros((SIDES[metres], SIDES[metres]), made.dtype)
    whole[:height, :width] = own
    return whole

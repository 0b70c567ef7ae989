"""Where one looks: the pixel under a point, and the pixels whose centres lie in polygons."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.errors import RecipeError
from services.geo import to_wgs84
from services.grid import TileIndex
from services.preview import raster
from services.recipe import Recipe

Pixels = NDArray[np.int64]
"""Numbers of pixels."""


@dataclass(frozen=True)
class Pixel:
    """One of the picture at full resolution."""

    row: int
    """From the north, 0 at the picture's edge."""
    column: int
    """From the west."""
    tile: TileIndex
    epsg: int
    """EPSG code of the UTM zone."""
    easting: float
    """Of its centre, metres."""
    northing: float
    """Of its centre, metres."""
    longitude: float
    """Of its centre, degrees."""
    latitude: float
    """Of its centre, degrees."""


@dataclass(frozen=True)
class Coverage:
    """How much of a polygon the picture shows."""

    pixels: int
    """Of the picture, whose centres lie in the polygon."""
    inside: float
    """Part of the polygon's area that lies in the picture, 0 to 1."""
    reason: str = ""
    """Why there is no polygon to count, a sentence; empty where there is one."""

    @property
    def words(self) -> str:
        """What is missing, a sentence; empty where the whole polygon is counted."""
        if self.reason:
            return self.reason
        if self.inside <= 0:
            return "The polygon lies outside the picture."
        if not self.pixels:
            return "No pixel of the picture has its centre in the polygon."
        if self.inside < 1:
            return f"{100 * self.inside:.3g} % of the polygon lies in the picture; the rest is not counted."
        return ""


@dataclass(frozen=True, eq=False)
class Selection:
    """Pixels of a picture, a tile after another; one may be in it several times."""

    tiles: tuple[tuple[int, Pixels, slice], ...]
    """Of each tile its position in display order, which of its pixels are meant (row by row, from its north-western
    one), and where these stand in the selection."""
    order: NDArray[np.intp]
    """Which of the pixels, as they were named, stands at each place."""

    @classmethod
    def of(cls, recipe: Recipe, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> "Selection":
        """Of the picture's rows and columns."""
        pixels = raster(recipe)
        height, width = pixels.tile_shape
        tile = (rows // height * pixels.neighbourhood.side + columns // width).astype(np.uint8)  # numpy sorts it fast
        order = np.argsort(tile, kind="stable")
        inside = (rows % height * width + columns % width)[order]
        ends = np.cumsum(np.bincount(tile, minlength=len(pixels.tiles)))
        places = [(position, slice(start, end)) for position, (start, end) in enumerate(pairwise([0, *ends.tolist()]))]
        return cls(tuple((one, inside[place], place) for one, place in places if place.start < place.stop), order)


def pixel_at(recipe: Recipe, easting: float, northing: float) -> Pixel:
    """The pixel under a point in metres of the recipe's zone; a point on an edge belongs to the east and the south.

    Raises RecipeError outside the picture.
    """
    pixels = raster(recipe)
    west, south, east, north = pixels.neighbourhood.bounds
    height, width = pixels.shape
    wide, high = (east - west) / width, (north - south) / height
    across, down = (easting - west) / wide, (north - northing) / high
    if not (0 <= across < width and 0 <= down < height):
        raise RecipeError(
            f"The point {easting:,.0f} m east, {northing:,.0f} m north of EPSG:{recipe.lattice.epsg} lies outside the "
            f"picture, which spans {west:,.0f} to {east:,.0f} and {south:,.0f} to {north:,.0f}.",
            "Choose a point in the picture.",
        )
    row, column = math.floor(down), math.floor(across)
    x, y = west + (column + 0.5) * wide, north - (row + 0.5) * high
    tile_height, tile_width = pixels.tile_shape
    tile = pixels.tiles[row // tile_height * pixels.neighbourhood.side + column // tile_width]
    longitude, latitude = (float(part) for part in to_wgs84(tile.epsg, x, y))
    return Pixel(row, column, tile.index, tile.epsg, x, y, longitude, latitude)

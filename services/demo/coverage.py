"""Which pixels of a window a granule covers."""

import numpy as np
from numpy.typing import NDArray

from services.demo.degrees import degrees_of
from services.demo.granules import View
from services.demo.mgrs import transformer
from services.demo.orbits import SWATH_KM, track_position
from services.demo.satellites import node_longitude
from services.demo.world import Window

NODES = 65
"""Nodes a side between which positions are interpolated: their error is far below a pixel."""


def pixels_of(view: View, window: Window) -> NDArray[np.bool_] | None:
    """True where the middle of a pixel is inside the tile and the swath; None where all are."""
    xs, ys = _nodes(window)
    longitudes, latitudes = degrees_of(window.epsg, xs, ys)
    inside = _inside_tile(view, window, longitudes, latitudes)
    east_of_node = (longitudes - node_longitude(view.orbit) + 180) % 360 - 180
    distance = np.abs(track_position(east_of_node, latitudes)[1])
    if distance.max() > SWATH_KM / 2:
        swath = _spread(distance, window) <= SWATH_KM / 2
        inside = swath if inside is None else inside & swath
    return inside


def _nodes(window: Window) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates of the nodes, from the middle of the first pixel to the middle of the last, north row first."""
    west, south, east, north = window.bounds
    x, y = (east - west) / window.width / 2, (north - south) / window.height / 2
    xs, ys = np.meshgrid(np.linspace(west + x, east - x, NODES), np.linspace(north - y, south + y, NODES))
    return xs, ys


def _inside_tile(
    view: View, window: Window, longitudes: NDArray[np.float64], latitudes: NDArray[np.float64]
) -> NDArray[np.bool_] | None:
    """None where all pixels are."""
    west, south, east, north = view.tile.bounds
    if window.epsg == view.tile.epsg:
        xs, ys = _nodes(window)
    else:
        xs, ys = transformer(4326, view.tile.epsg).transform(longitudes, latitudes)
    if xs.min() >= west and xs.max() < east and ys.min() > south and ys.max() <= north:
        return None
    x, y = _spread(xs, window), _spread(ys, window)
    return (x >= west) & (x < east) & (y > south) & (y <= north)


def _spread(nodes: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    """From the nodes to every pixel, bilinear."""
    spread: NDArray[np.float64] = _hats(window.height) @ nodes @ _hats(window.width).T
    return spread


def _hats(pixels: int) -> NDArray[np.float64]:
    """Weights (pixels, nodes)."""
    position = np.linspace(0, NODES - 1, pixels) if pixels > 1 else np.array([0.0])
    weights: NDArray[np.float64] = np.maximum(1 - np.abs(position[:, None] - np.arange(NODES)), 0)
    return weights

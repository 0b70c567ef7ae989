"""Parcels: the land cut in districts with an orientation each, and those in the fields and stands that people keep.

Districts are the cells around scattered points (a Voronoi diagram); within one, courses of parcels lie like bricks.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from services.demo.world.grid import Block
from services.demo.world.noise import hash_array
from services.demo.world.raster import Bytes, Plane, lookup
from services.demo.world.terrain.seed_points import NearbyPoint, seed_points

SPACING = 2_600.0
"""Metres between points of districts, about."""
COARSEST = 80.0
"""Metres of a pixel above which districts are not drawn: each pixel is a parcel of its own."""
_STRIPS = np.resize(np.array([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5], np.float32), 256)
"""In how many strips a brick is divided, by chance."""
_SALT = np.uint32(0x51ED270B)


@dataclass(frozen=True)
class Parcels:
    """Which parcel each pixel of a block is in; arrays are (192, 192)."""

    kind: Bytes
    """A number that all pixels of a parcel share, at random over 0 to 255."""
    other: Bytes
    """A second one, independent."""
    edge: Plane
    """Metres to the nearest edge of the parcel."""
    border: Plane
    """Metres to the nearest border of the district."""


def parcels(block: Block, east: Plane, north: Plane) -> Parcels:
    """Of a block, at places in metres that may be bent a little."""
    if block.pixel > COARSEST:
        return _pixel_parcels(block)
    points = _near(seed_points(block, SPACING, 77, 1.6 * SPACING), east, north)
    index, border = _cells(points, east, north)
    frames = [_frame(block, seen) for seen in points]

    def at(column: int) -> Plane:
        return lookup(index, _table([frame[column] for frame in frames]))

    u = at(0) * east + at(1) * north + at(2)
    v = at(3) * east + at(4) * north + at(5)
    long, wide = at(6), at(7)
    salts = np.asarray(cv2.LUT(index, _table([seen.point.salt for seen in points], np.uint32).view(np.int32)))
    course = np.floor(v)
    v -= course
    salt = hash_array(course.astype(np.int32).view(np.uint32) * np.uint32(0x9E3779B1) ^ salts.view(np.uint32))
    shift = (salt >> np.uint32(8)).astype(np.float32) * np.float32(1 / (1 << 24))
    shorter = 0.6 + 0.8 * shift
    u = u * shorter + shift * 37
    long /= shorter
    brick = np.floor(u)
    u -= brick
    salt = hash_array(salt ^ brick.astype(np.int32).view(np.uint32) * np.uint32(0x85EBCA77))
    strips = lookup((salt >> np.uint32(28)).astype(np.uint8), _STRIPS)
    v *= strips
    strip = np.floor(v)
    v -= strip
    salt = hash_array(salt ^ strip.astype(np.uint32) * np.uint32(0xC2B2AE35))
    edge = np.minimum(np.minimum(u, 1 - u) * long, np.minimum(v, 1 - v) * wide / strips)
    return Parcels(salt.astype(np.uint8), (salt >> np.uint32(8)).astype(np.uint8), np.minimum(edge, border), border)


def _frame(block: Block, seen: NearbyPoint) -> tuple[float, ...]:
    """A district's own coordinates: u = a·east + b·north + c and v alike, in bricks; length and width of those."""
    point = seen.point
    stretch = math.cos(point.latitude) / math.cos(block.centre[1])
    angle, wide = point.fraction(3) * math.pi, 105 + 210 * point.fraction(4) ** 2
    long = wide * (0.9 + 1.9 * point.fraction(5))
    cos, sin = math.cos(angle), math.sin(angle)
    u, v = (cos * stretch / long, sin / long), (-sin * stretch / wide, cos / wide)
    return (
        *(*u, -u[0] * seen.east - u[1] * seen.north),
        *(*v, -v[0] * seen.east - v[1] * seen.north),
        *(long, wide),
    )


def _table(numbers: Sequence[float], kind: type[np.generic] = np.float32) -> NDArray[Any]:
    """256 numbers to be looked up."""
    table = np.zeros(256, kind)
    table[: len(numbers)] = numbers
    return table


def _near(points: list[NearbyPoint], east: Plane, north: Plane) -> list[NearbyPoint]:
    """Those that may be the nearest or the second of some pixel."""
    x, y = east[::24, ::24].ravel(), north[::24, ::24].ravel()
    place = np.array([(seen.east, seen.north) for seen in points])
    away = np.hypot(place[:, :1] - x, place[:, 1:] - y)
    second = np.partition(away, 1, axis=0)[1]
    apart = max(float(np.abs(np.diff(east[0, ::24])).max()), float(np.abs(np.diff(north[::24, 0])).max()))
    keep = (away <= second + 2 * apart).any(axis=1)
    return [seen for seen, kept in zip(points, keep.tolist(), strict=True) if kept]


def _cells(points: list[NearbyPoint], east: Plane, north: Plane) -> tuple[Bytes, Plane]:
    """Number of the nearest point, and metres to the border with the second, nearly."""
    first = np.full(east.shape, np.float32(1e12))
    second = first.copy()
    index = np.zeros(east.shape, np.float32)
    for number, seen in enumerate(points):
        x, y = seen.east, seen.north
        value = east * np.float32(-2 * x)
        value += north * np.float32(-2 * y)
        value += np.float32(x * x + y * y)
        nearer = (value < first).astype(np.float32)
        index += nearer * (number - index)
        np.minimum(second, np.maximum(first, value), out=second)
        np.minimum(first, value, out=first)
    second -= first
    second *= np.float32(0.5 / SPACING)
    return index.astype(np.uint8), second


def _pixel_parcels(block: Block) -> Parcels:
    """Each pixel a parcel: what nearest neighbour makes of parcels smaller than a pixel."""
    turns, latitudes = block.places
    x = np.floor(turns * (1 << 22)).astype(np.int64).astype(np.uint32)
    y = np.floor(latitudes * (1 << 21)).astype(np.int64).astype(np.uint32)
    salt = hash_array(hash_array(x * np.uint32(0x9E3779B1)) ^ y * np.uint32(0x85EBCA77) ^ _SALT)
    far = np.full(x.shape, np.float32(1e4))
    return Parcels(salt.astype(np.uint8), (salt >> np.uint32(8)).astype(np.uint8), far, far)

"""Granules: the part of one pass that falls on one tile, which the catalogue lists, and the pixels it covers."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from services.demo.orbits.geometry import SWATH_KM, sun_angles, swath_edge, track_position
from services.demo.orbits.mgrs import TILE, Tile, degrees_of, in_degrees, tile_named, tiles_over
from services.demo.orbits.passes import ARC_SECONDS, ORBITS, Pass, node_longitude, passes
from services.demo.world import Window, cloud_cover, transformer

DARK = 87.0
"""No image is taken where the sun's zenith angle is larger, in degrees."""
MOST_TILES = 3000
"""Of one question, 30 million km²; more would take minutes."""
_STAMP = "%Y%m%dT%H%M%S"
_ID = re.compile(r"(S2[ABC])_MSIL2A_(\d{8}T\d{6})_N\d{4}_R(\d{3})_T(\d\d[A-Z]{3})_\d{8}T\d{6}")
_EDGE_SECONDS = 1.0
"""Step along the swath's edge: 7 km, whose chord stays within a metre of the curve."""
_STEP = 20_000.0
"""Metres between the vertices of a footprint in degrees."""
_COARSE = 110
"""Samples a side from which the cloud cover of a granule is taken."""


class TooManyTiles(Exception):
    """An area that takes minutes to search. Not for areas outside of what satellites see, which have no granules."""


@dataclass(frozen=True)
class TileView:
    """How one relative orbit sees one tile, the same at every pass."""

    tile: Tile
    orbit: int
    seconds: float
    """From the descending node to the moment abeam of the tile's middle; negative north of the equator."""
    footprint: BaseGeometry
    """The tile inside the swath, in metres of the tile's zone."""
    footprint_wgs84: MultiPolygon
    """The same in degrees, cut at the 180th meridian."""


@dataclass(frozen=True)
class Granule:
    """One tile at one pass."""

    view: TileView
    passage: Pass

    @property
    def time(self) -> datetime:
        """When its middle was seen, UTC, in whole seconds."""
        return (self.passage.node + timedelta(seconds=self.view.seconds)).replace(microsecond=0)

    @property
    def id(self) -> str:
        """Product id: satellite, datatake, baseline, relative orbit, tile, time."""
        return (
            f"{self.passage.satellite.name}_MSIL2A_{self.passage.start:{_STAMP}}_N{self.passage.baseline}"
            f"_R{self.view.orbit:03d}_T{self.view.tile.name}_{self.time:{_STAMP}}"
        )

    @property
    def cloud_cover(self) -> float:
        """Percent of what was seen of the tile, to two places."""
        return _cloud_cover(self.view.tile, self.view.orbit, self.passage.start)


@lru_cache(maxsize=100_000)
def _cloud_cover(tile: Tile, orbit: int, start: datetime) -> float:
    seen = tile_view(tile, orbit)
    bounds = tile.bounds if seen is None else seen.footprint.bounds
    width = max(2, round((bounds[2] - bounds[0]) / TILE * _COARSE))
    height = max(2, round((bounds[3] - bounds[1]) / TILE * _COARSE))
    return round(float(cloud_cover(Window(tile.epsg, bounds, width, height), start)), 2)


@lru_cache(maxsize=20_000)
def tile_views(tile: Tile) -> tuple[TileView, ...]:
    """All relative orbits that see a tile."""
    longitude, latitude = tile.centre
    east_of_node = np.array([longitude - node_longitude(orbit) for orbit in range(1, ORBITS + 1)])
    _, across = track_position((east_of_node + 180) % 360 - 180, np.full(ORBITS, latitude))
    near = np.flatnonzero(np.abs(across) < SWATH_KM / 2 + TILE / 1000)
    found = (tile_view(tile, int(index) + 1) for index in near)
    return tuple(one for one in found if one is not None)


@lru_cache(maxsize=50_000)
def tile_view(tile: Tile, orbit: int) -> TileView | None:
    """How a relative orbit sees a tile; None where it does not."""
    node = node_longitude(orbit)
    longitude, latitude = tile.centre
    abeam, _ = track_position((longitude - node + 180) % 360 - 180, latitude)
    seconds = float(abeam)
    if abs(seconds) > ARC_SECONDS:
        return None
    steps = np.arange(seconds - 20, seconds + 20 + _EDGE_SECONDS, _EDGE_SECONDS)
    left, right = swath_edge(steps, 1), swath_edge(steps, -1)
    forward = transformer(4326, tile.epsg)
    x, y = forward.transform(
        np.concatenate([left[0], right[0][::-1]]) + node, np.concatenate([left[1], right[1][::-1]])
    )
    swath = shapely.make_valid(Polygon(np.column_stack([x, y])))
    footprint = swath.intersection(box(*tile.bounds))
    if footprint.area < 1:
        return None
    return TileView(tile, orbit, seconds, footprint, in_degrees(tile.epsg, footprint, _STEP))


def granules_over(area: BaseGeometry, begin: datetime, end: datetime) -> Iterator[Granule]:
    """Those that see something of an area (degrees, inside ±180) from `begin` to `end`, both inclusive, in no order.

    Raises TooManyTiles where the area is a good part of the Earth.
    """
    end = min(end, datetime.now(UTC))
    seen: set[Tile] = set()
    shapely.prepare(area)
    for part in getattr(area, "geoms", [area]):
        seen.update(tiles_over(*part.bounds))
    if len(seen) > MOST_TILES:
        raise TooManyTiles(f"The demo archive looks at {MOST_TILES} tiles at a time, the area has {len(seen)}.")
    for tile in sorted(seen):
        for one in tile_views(tile):
            if shapely.intersects(area, one.footprint_wgs84):
                yield from _granules(one, begin, end)


def _granules(one: TileView, begin: datetime, end: datetime) -> Iterator[Granule]:
    """The passes of one view, by daylight."""
    delay = timedelta(seconds=one.seconds)
    for passage in passes(one.orbit, begin - delay, end - delay + timedelta(seconds=1)):
        granule = Granule(one, passage)
        if begin <= granule.time <= end and float(sun_angles(granule.time, *one.tile.centre)[0]) <= DARK:
            yield granule


def granule_with_id(text: str) -> Granule | None:
    """The granule of a product id; None where there is none."""
    match = _ID.fullmatch(text.removesuffix(".SAFE"))
    tile = tile_named(match[4]) if match else None
    if match is None or tile is None or not 1 <= int(match[3]) <= ORBITS:
        return None
    one = tile_view(tile, int(match[3]))
    try:
        start = datetime.strptime(match[2], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    if one is None:
        return None
    around = timedelta(seconds=math.ceil(2 * ARC_SECONDS))
    found = (granule for granule in _granules(one, start, start + around) if granule.id == text.removesuffix(".SAFE"))
    return next(found, None)


NODES = 65
"""Nodes a side between which positions are interpolated: their error is far below a pixel."""


def pixels_of(view: TileView, window: Window) -> NDArray[np.bool_] | None:
    """True where the middle of a pixel is inside the tile and the swath; None where all are."""
    xs, ys = _nodes(window)
    longitudes, latitudes = degrees_of(window.epsg, xs, ys)
    inside = _inside_tile(view, window, longitudes, latitudes)
    east_of_node = (longitudes - node_longitude(view.orbit) + 180) % 360 - 180
    distance = np.abs(track_position(east_of_node, latitudes)[1])
    if distance.max() > SWATH_KM / 2:
        swath = _interpolated(distance, window) <= SWATH_KM / 2
        inside = swath if inside is None else inside & swath
    return inside


def _nodes(window: Window) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates of the nodes, from the middle of the first pixel to the middle of the last, north row first."""
    west, south, east, north = window.bounds
    x, y = window.dx / 2, window.dy / 2
    xs, ys = np.meshgrid(np.linspace(west + x, east - x, NODES), np.linspace(north - y, south + y, NODES))
    return xs, ys


def _inside_tile(
    view: TileView, window: Window, longitudes: NDArray[np.float64], latitudes: NDArray[np.float64]
) -> NDArray[np.bool_] | None:
    """None where all pixels are."""
    west, south, east, north = view.tile.bounds
    if window.epsg == view.tile.epsg:
        xs, ys = _nodes(window)
    else:
        xs, ys = transformer(4326, view.tile.epsg).transform(longitudes, latitudes)
    if xs.min() >= west and xs.max() < east and ys.min() > south and ys.max() <= north:
        return None
    x, y = _interpolated(xs, window), _interpolated(ys, window)
    return (x >= west) & (x < east) & (y > south) & (y <= north)


def _interpolated(nodes: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    """From the nodes to every pixel, bilinear."""
    spread: NDArray[np.float64] = _hat_weights(window.height) @ nodes @ _hat_weights(window.width).T
    return spread


def _hat_weights(pixels: int) -> NDArray[np.float64]:
    """Weights (pixels, nodes)."""
    position = np.linspace(0, NODES - 1, pixels) if pixels > 1 else np.array([0.0])
    weights: NDArray[np.float64] = np.maximum(1 - np.abs(position[:, None] - np.arange(NODES)), 0)
    return weights

"""ESRI Shapefile (white paper of July 1998): the polygons of a .shp, with the .prj that says where they are."""

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NoReturn

from services.errors import AreaError
from services.formats.crs_text import resolve_crs
from services.formats.features import FeatureCollector
from services.formats.limits import FileLimits
from services.formats.outline import Outline, Position
from services.formats.wkb import pairs

_POLYGONS = {5, 15, 25}
"""Polygon, PolygonZ, PolygonM."""
_OTHERS = {1: "Point", 3: "LineString", 8: "MultiPoint", 31: "MultiPatch"}
"""By the type modulo 10 where it is below 30."""
_BACKWARDS = "An outline was written in the order of a hole, and lies in no other; it was read as an outline."
Ring = tuple[Position, ...]


def read_shapefile(shp: bytes, prj: str, limits: FileLimits, name: str = "", names: Sequence[str] = ()) -> Outline:
    """The polygons of all records, called by `names`, in their order, where there are as many.

    Raises AreaError where the file is broken, or its coordinate system unknown.
    """
    found = FeatureCollector(limits)
    backwards, number = False, -1
    for number, (kind, content) in enumerate(_records(shp)):
        if kind in _POLYGONS:
            found.heights |= kind == 15
            found.measures |= kind == 25
            rings = _rings(content, found)
            polygons = list(grouped(rings))
            backwards |= any(_signed_area(ring[0]) > 0 for ring in polygons)
            for polygon in polygons:
                found.polygon(polygon)
            found.feature(names[number] if number < len(names) else "")
        else:
            found.other(_OTHERS.get(kind % 10 if kind < 30 else kind, "empty feature"))
    if number + 1 != len(names):  # whose names are they?
        found.forget_names()
    notes = (_BACKWARDS,) if backwards else ()
    return resolve_crs(found.outline("Shapefile", name=name, notes=notes), prj)


def grouped(rings: Sequence[Ring]) -> Iterator[tuple[Ring, ...]]:
    """Shells (clockwise) with their holes; a hole that lies in no shell is a shell that was written backwards."""
    boxes = [_box(ring) for ring in rings]
    areas = [_signed_area(ring) for ring in rings]
    shells = [number for number, area in enumerate(areas) if area <= 0] or list(range(len(rings)))
    holes: dict[int, list[Ring]] = {number: [] for number in shells}
    for number in sorted(set(range(len(rings))) - set(shells)):
        around = [shell for shell in shells if _covers(boxes[shell], boxes[number])]
        if len(around) > 1:
            around = [shell for shell in around if _inside(rings[number][0], rings[shell])] or around
        if around:
            holes[min(around, key=lambda shell: abs(areas[shell]))].append(rings[number])
        else:
            holes[number] = []
    for number, inner in holes.items():
        yield (rings[number], *inner)


def _refuse(reason: str) -> NoReturn:
    raise AreaError(f"The Shapefile cannot be read: {reason}.", "Check that it is complete, or save it anew.")


def _records(shp: bytes) -> Iterator[tuple[int, memoryview]]:
    """Type and content of each record; the file's own claims of its length are not believed."""
    if len(shp) < 100 or struct.unpack_from(">i", shp)[0] != 9994 or struct.unpack_from("<i", shp, 28)[0] != 1000:
        _refuse("its .shp does not begin as one")
    if 2 * struct.unpack_from(">i", shp, 24)[0] > len(shp):
        _refuse("its .shp is cut off")
    place = 100
    while place < len(shp):
        if place + 12 > len(shp):
            _refuse("its last record is cut off")
        length = 2 * struct.unpack_from(">i", shp, place + 4)[0]
        if length < 4 or place + 8 + length > len(shp):
            _refuse(f"a record claims {length:,} bytes, and there are {len(shp) - place - 8:,}")
        yield struct.unpack_from("<i", shp, place + 8)[0], memoryview(shp)[place + 8 : place + 8 + length]
        place += 8 + length


def _rings(content: memoryview, found: FeatureCollector) -> list[Ring]:
    if len(content) < 44:
        _refuse("a polygon is cut off")
    parts, points = struct.unpack_from("<ii", content, 36)
    if parts < 0 or points < 0 or 44 + 4 * parts + 16 * points > len(content):
        _refuse(f"a polygon claims {points:,} corners, more than there are bytes")
    found.count(points)
    starts = [*struct.unpack_from(f"<{parts}i", content, 44), points]
    if any(start < 0 or start > end for start, end in pairwise(starts)):
        _refuse("the rings of a polygon are in disorder")
    ring = pairs(struct.unpack_from(f"<{2 * points}d", content, 44 + 4 * parts), 2)
    return [ring[start:end] for start, end in pairwise(starts) if end > start]


def _box(ring: Ring) -> tuple[float, float, float, float]:
    x, y = zip(*ring, strict=True)
    return min(x), min(y), max(x), max(y)


def _covers(outer: tuple[float, float, float, float], inner: tuple[float, float, float, float]) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _signed_area(ring: Ring) -> float:
    """Positive counter-clockwise; twice the area."""
    x, y = ring[0]
    return sum((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y) for (x1, y1), (x2, y2) in pairwise(ring))


def _inside(position: Position, ring: Ring) -> bool:
    """By the number of edges that a ray to the east crosses."""
    x, y = position
    crossings = 0
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            crossings += 1
    return crossings % 2 == 1

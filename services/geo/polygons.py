"""Polygons: rings of numbers made one area on Earth, closed, valid, without overlaps, cut at the 180th meridian.

Every change is said in a sentence; what cannot be mended without guessing, or whose edges cross so often that it would
take minutes, is refused with the place.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from services.errors import AreaError
from services.formats import Position, Rings
from services.geo.coordinates import flat, ring_of

NEIGHBOURS = 8
"""Edges whose boxes meet an edge's own, itself and the next ones among them, in outlines as people bring them."""
SPARE_CROSSINGS = 100_000
"""Beyond that: joined in about a second."""
_CHUNK = 100
"""Edges that are looked at in one go: not more than some hundred MB, whatever they meet."""


def join(pieces: Sequence[Polygon]) -> tuple[list[Polygon], bool]:
    """The polygons of the union, and whether pieces overlapped.

    Raises AreaError where the edges meet more often than outlines of places do.
    """
    if len(pieces) < 2:
        return list(pieces), False
    different = list(dict.fromkeys(pieces))
    _check_crossings(different)
    union = shapely.union_all(different)
    overlap = sum(piece.area for piece in pieces) > union.area * (1 + 1e-9)
    return parts(union), overlap


def parts(geometry: Any) -> list[Polygon]:
    """The polygons with an area in any geometry."""
    if isinstance(geometry, Polygon):
        return [geometry] if geometry.area > 0 else []
    return [polygon for part in getattr(geometry, "geoms", ()) for polygon in parts(part)]


def _check_crossings(pieces: Sequence[Polygon]) -> None:
    """Counts the edges whose boxes meet, and stops at what is too much: two combs have edges × edges crossings."""
    boxes = _edge_boxes(pieces)
    tree = shapely.STRtree(boxes)
    most = NEIGHBOURS * len(boxes) + SPARE_CROSSINGS
    found = 0
    for start in range(0, len(boxes), _CHUNK):
        found += tree.query(boxes[start : start + _CHUNK]).shape[1]
        if found > most:
            raise AreaError(
                f"The {len(pieces):,} polygons overlap too often to be joined: they have {len(boxes):,} edges.",
                "Join them to one area in a GIS.",
            )


def _edge_boxes(pieces: Sequence[Polygon]) -> NDArray[np.object_]:
    """The bounding box of every edge."""
    positions, ring = shapely.get_coordinates(shapely.get_rings(pieces), return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = positions[:-1][same], positions[1:][same]
    low, high = np.minimum(start, end), np.maximum(start, end)
    boxes: NDArray[np.object_] = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    return boxes


MAX_LONGITUDE = 1080.0
"""Degrees: maps that go on and on hand back longitudes of some turns; beyond that it is no longitude."""
NOTHING = 1e-12
"""Degrees that are as good as none: a ten-thousandth of a millimetre; GEOS divides by what is far less."""
MAX_REPAIR = 300
"""Vertices of a polygon whose crossings are mended; the time grows with about the fourth power (0.1 s here)."""
_FEW = 100
"""Corners among which there are three different ones in any ring but the strangest."""
_PLACE = re.compile(r"\[(\S+) (\S+)\]")


def to_polygons(outlines: Sequence[Rings], *, repair: bool) -> tuple[tuple[Rings, ...], tuple[str, ...]]:
    """Closed rings within ±180°, shells counter-clockwise (RFC 7946 § 3.1.6), and the notes.

    With `repair`, outlines that cross themselves are mended where they are small enough.
    Raises AreaError where they are no polygons on Earth.
    """
    notes: dict[str, None] = {}
    pieces: list[Polygon] = []
    try:
        for rings in outlines:
            polygon = _polygon(rings, notes)
            for valid in _valid(polygon, notes, repair=repair):
                pieces += _cut(valid, notes)
        joined, overlap = join(pieces)
    except shapely.errors.ShapelyError:
        raise AreaError("The outline cannot be made a polygon.", "Simplify it or draw it again.") from None
    if overlap:
        notes["Polygons overlap; what they share counts once."] = None
    return tuple(sorted(map(_plain, joined))), tuple(notes)


def degrees(value: float, letters: str, digits: str = ".5g") -> str:
    """`60.6° N`: letters are those of positive and negative values, `digits` as in a format."""
    return f"{abs(value):{digits}}° {letters[int(value < 0)]}"


def place(longitude: float, latitude: float) -> str:
    """`60.6° N, 24.5° E`."""
    return f"{degrees(latitude, 'NS')}, {degrees((longitude + 180) % 360 - 180, 'EW')}"


def check_on_earth(positions: NDArray[np.float64]) -> None:
    """Raises AreaError where numbers (n, 2) cannot be longitudes and latitudes, with what they look like."""
    if not positions.size:
        return
    longitudes, latitudes = np.abs(positions).T
    worst = int(np.argmax(latitudes if latitudes.max() > 90 else longitudes))
    x, y = (f"{number:.8g}" for number in positions[worst])
    if latitudes.max() <= 90 and longitudes.max() <= MAX_LONGITUDE:
        return
    if max(longitudes.max(), latitudes.max()) > MAX_LONGITUDE:
        raise AreaError(
            f"The coordinates {x}, {y} are not on Earth; they look like metres of a map projection.",
            "Give the area in longitude and latitude (EPSG:4326).",
        )
    if longitudes.max() <= 90 and latitudes.max() <= 180:
        raise AreaError(
            f"The latitude {y} is not on Earth; the coordinates look like latitude before longitude.",
            "Swap them: longitude comes first.",
        )
    raise AreaError(f"The latitude {y} is not on Earth.", "Latitudes go from −90 to 90, after the longitude.")


def _polygon(rings: Rings, notes: dict[str, None]) -> Polygon:
    """In one continuous turn of longitudes that starts within [−180, 180)."""
    arrays = [_unwrapped(_closed(ring, notes), notes) for ring in rings]
    west, east = arrays[0][:, 0].min(), arrays[0][:, 0].max()
    if east - west >= 360:
        raise AreaError("The area goes all around the Earth.", "Give a smaller one.")
    middle = (west + east) / 2
    for hole in arrays[1:]:  # into the shell's turn
        hole[:, 0] -= 360 * np.round((hole[:, 0].mean() - middle) / 360)
    turns = np.floor((west + 180) / 360)
    for ring in arrays if turns else ():
        ring[:, 0] -= 360 * turns
    if turns:
        notes[f"Longitudes were brought back within ±180°: {west:.6g}° is {west - 360 * turns:.6g}°."] = None
    polygon = Polygon(arrays[0], arrays[1:])
    if polygon.convex_hull.area < 1e-15:
        raise AreaError(f"The outline at {place(*arrays[0][0])} has no area.", "Give at least three corners.")
    return polygon


def _closed(ring: Sequence[Position], notes: dict[str, None]) -> NDArray[np.float64]:
    different = len(set(ring[:_FEW]))
    if different < 3 and (different := len(set(ring))) < 3:
        raise AreaError(
            f"A ring has {different} different corners; a polygon needs at least 3.", "Add the missing corners."
        )
    if ring[0] != ring[-1]:
        notes["A ring was open; it was closed."] = None
        ring = [*ring, ring[0]]
    array = flat([ring])
    array[np.abs(array) < NOTHING] = 0.0
    return array


def _unwrapped(ring: NDArray[np.float64], notes: dict[str, None]) -> NDArray[np.float64]:
    """Without jumps: a step of more than 180° is the short way across the 180th meridian."""
    steps = np.diff(ring[:, 0])
    jumps = np.flatnonzero(np.abs(steps) > 180)
    if not len(jumps):
        return ring
    start, end = ring[jumps[0] : jumps[0] + 2, 0]
    if np.any(np.abs(steps) >= 360):
        raise AreaError(
            f"An edge from longitude {start:.6g} to {end:.6g} goes all around the Earth.", "Give a smaller area."
        )
    turns = np.concatenate([[0.0], np.cumsum(-np.round(steps / 360))])
    if turns[-1]:
        raise AreaError("The outline goes around a pole.", "Give an area between 80° S and 84° N.")
    notes[f"The edge from longitude {start:.6g}° to {end:.6g}° was taken the short way, across the 180th meridian."] = (
        None
    )
    return np.column_stack([ring[:, 0] + 360 * turns, ring[:, 1]])


def _valid(polygon: Polygon, notes: dict[str, None], *, repair: bool) -> list[Polygon]:
    if polygon.is_valid:
        return [polygon]
    reason = shapely.is_valid_reason(polygon)
    found = _PLACE.search(reason)
    where = f" at {place(float(found[1]), float(found[2]))}" if found else ""
    outside = reason.startswith("Hole lies outside")
    fault = f"A hole lies outside its outline{where}" if outside else f"The outline crosses or touches itself{where}"
    vertices = int(shapely.get_num_coordinates(polygon))
    if not (repair or outside) or vertices > MAX_REPAIR:
        more = f" and has {vertices:,} corners, more than the {MAX_REPAIR} that are mended" if repair else ""
        raise AreaError(f"{fault}{more}.", "Draw it without crossings, or repair it in a GIS.")
    shells = shapely.make_valid(Polygon(polygon.exterior), method="structure", keep_collapsed=False)
    mended = shapely.make_valid(polygon, method="structure", keep_collapsed=False).intersection(shells)
    notes[f"{fault}; it was repaired: check it on the map."] = None
    return parts(mended)


def _cut(polygon: Polygon, notes: dict[str, None]) -> list[Polygon]:
    """At the 180th meridian (RFC 7946 § 3.1.9)."""
    if polygon.bounds[2] <= 180:
        return [polygon]
    notes["The area crosses the 180th meridian, and is cut in two there."] = None
    east = polygon.intersection(shapely.box(-180, -90, 180, 90))
    west = polygon.intersection(shapely.box(180, -90, 540, 90))
    return parts(east) + parts(shapely.transform(west, lambda positions: positions - [360, 0]))


def _plain(polygon: Polygon) -> Rings:
    """In one order and from one corner on, wherever the writer began: the same area has the same digest."""
    rings = shapely.orient_polygons(shapely.normalize(polygon))
    return tuple(ring_of(shapely.get_coordinates(ring)) for ring in (rings.exterior, *rings.interiors))


def geometry_of(polygons: Iterable[Rings]) -> Polygon | MultiPolygon:
    """Closed rings as shapely's type: a Polygon where there is one, else a MultiPolygon."""
    whole = [*polygons]
    rings = [ring for polygon in whole for ring in polygon]
    lines: Any = shapely.linearrings(flat(rings), indices=np.repeat(np.arange(len(rings)), [*map(len, rings)]))
    made: Any = shapely.polygons(lines, indices=np.repeat(np.arange(len(whole)), [*map(len, whole)]))
    return Polygon(made[0]) if len(whole) == 1 else MultiPolygon([*made])

"""A coast that is nowhere: a ragged ring of any number of corners, the same for the same seed."""

import heapq
import json
import math
import random

MIDDLE = (24.6, 61.0)
"""Longitude and latitude."""
HALF = (1.6, 0.8)
"""Degrees from there to the corners of the square that the coast is made of."""
_HEIGHT = 0.85 * math.sqrt(3) / 6
"""Of a cape or bay, in lengths of its edge: below the one of Koch's curve, whose ends touch."""

Corner = tuple[float, float]


def coast(corners: int, seed: int = 1) -> list[Corner]:
    """A closed ring of so many different corners, longitude and latitude; it never crosses itself.

    The longest edge of all gets a cape or a bay, as in Koch's curve, until there are enough corners.
    """
    chance = random.Random(seed)
    square = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
    after = {place: square[(n + 1) % 4] for n, place in enumerate(square)}
    edges = [(-2.0, start) for start in square]
    while len(after) < corners:
        length, start = heapq.heappop(edges)
        points = _bent(start, after[start], chance.choice((-1, 1)))[: corners - len(after)]
        for point, following in zip([start, *points], [*points, after[start]], strict=True):
            after[point] = following
            heapq.heappush(edges, (length / 3, point))
    ring = [square[0]]
    while len(ring) <= corners:
        ring.append(after[ring[-1]])
    return [(MIDDLE[0] + HALF[0] * x, MIDDLE[1] + HALF[1] * y) for x, y in ring]


def geojson(ring: list[Corner], name: str) -> bytes:
    """The same as a file of one Feature."""
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return json.dumps({"type": "Feature", "properties": {"name": name}, "geometry": geometry}).encode()


def _bent(start: Corner, end: Corner, side: int) -> list[Corner]:
    """The foot, the tip and the other foot of a cape at one side of an edge."""
    (x, y), (east, north) = start, (end[0] - start[0], end[1] - start[1])
    tip = (x + east / 2 - side * _HEIGHT * north, y + north / 2 + side * _HEIGHT * east)
    return [(x + east / 3, y + north / 3), tip, (x + 2 * east / 3, y + 2 * north / 3)]

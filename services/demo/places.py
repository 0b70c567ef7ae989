"""Settlements: where people live, how large a town is, and which are joined by a road."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from services.demo.chance import chance
from services.demo.chart import Block
from services.demo.octaves import Mesh, Weave
from services.demo.relief import BROAD, CONTINENT, HILLS, above_sea, broad
from services.demo.seats import Seat, Seen, ring, scattered

TOWNS, VILLAGES = 12_500.0, 3_900.0
"""Metres between seats of towns, and of villages."""
COARSEST = {TOWNS: 160.0, VILLAGES: 40.0}
"""Metres of a pixel above which they are not drawn."""
_SEED = 501
_REACH = 5_600.0
"""Metres of the largest town."""


@dataclass(frozen=True)
class Site:
    """What a place is like to live in."""

    dry: bool
    """Neither sea nor lake, nor the highest mountains."""
    people: float
    """How many would live here, from 0 for none to 1 for a city."""


@dataclass(frozen=True)
class Settlement:
    """A town or a village, as a block sees it."""

    east: float
    """Metres from the block's centre."""
    north: float
    radius: float
    """Metres."""
    angle: float
    """Radians by which its streets are turned."""
    salt: int


@dataclass(frozen=True)
class Road:
    """From seat to seat, straight before it is bent."""

    east: tuple[float, float]
    """Metres from the block's centre, of both ends."""
    north: tuple[float, float]
    width: float
    """Metres."""


@lru_cache(maxsize=50_000)
def site(seat: Seat) -> Site:
    """What a seat is like."""
    mesh = Mesh(np.array([seat.turn]), np.array([seat.latitude]))
    continent, hills, *rest = Weave.over(mesh, [CONTINENT, HILLS, *BROAD]).sums()
    mountain, _, lakes, warm, wet, people = (float(field[0, 0]) for field in broad(mesh, rest))
    land, hill = float(above_sea(continent, hills)[0, 0]), float(hills[0, 0])
    dry = land > 0.02 and hill > lakes + 0.12 and mountain < 0.6
    comfort = min(1.0, max(0.0, (warm + 4) / 8)) * min(1.0, max(0.08, (wet - 0.12) / 0.3)) * (1 - mountain)
    if wet > 0.75:
        comfort *= max(0.15, 1 - (wet - 0.75) * 4)
    return Site(dry, comfort * min(1.0, max(0.0, 0.5 + 0.32 * people)) if dry else 0.0)


def settlements(block: Block) -> list[Settlement]:
    """Those that may reach into the block."""
    half = 96 * block.pixel * 1.1
    found = []
    for spacing, reach in ((TOWNS, _REACH), (VILLAGES, 600.0)):
        if block.pixel > COARSEST[spacing]:
            continue
        for seen in scattered(block, spacing, _SEED, reach):
            radius = _radius(spacing, seen.seat)
            if radius and max(abs(seen.east), abs(seen.north)) < half + 1.6 * radius:
                found.append(Settlement(seen.east, seen.north, radius, seen.seat.lot(8) * math.pi, seen.seat.salt))
    return found


@lru_cache(maxsize=50_000)
def _radius(spacing: float, seat: Seat) -> float:
    """Metres; 0 where there is no settlement."""
    here, size = site(seat), seat.lot(7)
    if seat.lot(6) > here.people * (1.5 if spacing == TOWNS else 1.1):
        return 0.0
    return 320 + 700 * size + 2300 * size**7 * here.people if spacing == TOWNS else 90 + 240 * size**2


def roads(block: Block) -> list[Road]:
    """Those between neighbouring towns' seats that may cross the block."""
    if block.pixel > COARSEST[TOWNS]:
        return []
    seats = {(seen.row, seen.column): seen for seen in scattered(block, TOWNS, _SEED, 1.9 * TOWNS)}
    reach = 1.5 * (96 * block.pixel * 1.1 + 700)
    found = []
    for (row, column), one in seats.items():
        above = math.floor((column + 0.5) / ring(TOWNS, row) * ring(TOWNS, row + 1))
        for other in (seats.get((row, column + 1)), seats.get((row + 1, above))):
            if other is not None and _crosses(one, other, reach):
                width = _width(one.seat, other.seat)
                if width:
                    found.append(Road((one.east, other.east), (one.north, other.north), width))
    return found


def _crosses(one: Seen, other: Seen, reach: float) -> bool:
    """Whether the line between two seats comes nearer than `reach` metres to the block's centre."""
    x, y = one.east, one.north
    dx, dy = other.east - x, other.north - y
    part = min(1.0, max(0.0, -(x * dx + y * dy) / (dx * dx + dy * dy)))
    return math.hypot(x + part * dx, y + part * dy) < reach


@lru_cache(maxsize=50_000)
def _width(one: Seat, other: Seat) -> float:
    """Metres of the road between two seats; 0 where there is none."""
    lot, people = chance(one.salt, other.salt, 9), site(one).people + site(other).people
    if not (site(one).dry and site(other).dry and lot < 0.3 + 1.3 * people):
        return 0.0
    return 17.0 if lot < 0.35 * people else 9.0

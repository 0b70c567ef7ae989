"""Seed points: places scattered over the sphere, one in each cell of a lattice of rings, where things begin."""

import math
from dataclasses import dataclass
from functools import lru_cache

from services.demo.world.grid import Block
from services.demo.world.noise import RADIUS, hash_fraction, hash_integers


@dataclass(frozen=True)
class SeedPoint:
    """One place."""

    turn: float
    """Longitude in turns, 0 to 1."""
    latitude: float
    """Radians."""
    salt: int
    """A hash, from which all that happens here comes."""

    def fraction(self, number: int) -> float:
        """The `number`-th fraction in [0, 1) that belongs to it."""
        return hash_fraction(self.salt, number)


@dataclass(frozen=True)
class NearbyPoint:
    """A point as a block sees it."""

    point: SeedPoint
    east: float
    """Metres from the block's centre."""
    north: float


@lru_cache(maxsize=20_000)
def cells_in_row(spacing: float, row: int) -> int:
    """Cells of a row."""
    return max(3, round(2 * math.pi * RADIUS * math.cos(row * spacing / RADIUS) / spacing))


@lru_cache(maxsize=100_000)
def seed_point(spacing: float, seed: int, row: int, column: int) -> SeedPoint:
    """The one of a cell; `column` counts from 0 at Greenwich."""
    here = hash_integers(seed, row, column)
    latitude = (row + 0.1 + 0.8 * hash_fraction(here, 1)) * (spacing / RADIUS)
    return SeedPoint((column + 0.1 + 0.8 * hash_fraction(here, 2)) / cells_in_row(spacing, row), latitude, here)


def seed_points(block: Block, spacing: float, seed: int, reach: float) -> list[NearbyPoint]:
    """Those within `reach` metres of the block, and some more."""
    turn, latitude = block.centre
    half = 96.0 * block.pixel * 1.1 + reach
    around = 2 * math.pi * RADIUS * math.cos(latitude)
    low, high = (math.floor((latitude * RADIUS + side * half) / spacing) for side in (-1, 1))
    found = []
    for row in range(low, high + 1):
        cells = cells_in_row(spacing, row)
        west, east = (math.floor((turn + side * half / around) * cells) for side in (-1, 1))
        for column in range(west, east + 1):
            lap, cell = divmod(column, cells)
            here = seed_point(spacing, seed, row, cell)
            metres = (here.turn + lap - turn) * around
            found.append(NearbyPoint(here, metres, (here.latitude - latitude) * RADIUS))
    return found

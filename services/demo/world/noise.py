"""Noise on the sphere and the hashes that it comes from: the same at a place whoever asks, no seam at any meridian.

An octave of size s is a lattice of rings: row r is the circle of latitude r·s, cut in as many equal cells as fit its
length. Each corner has a value and a slope from a hash of (seed, row, cell). Between the corners of a row, and then
between two rows, Perlin's quintic blends them (K. Perlin, Improving noise, SIGGRAPH 2002). On a mesh of rows and
columns this separates: what a ring says along the columns, and how much of it each row takes. So a sum of octaves is
one product of two matrices.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.demo.world.raster import Plane, matmul

_MASK = 0xFFFFFFFF


def hash_array(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A hash of each value, in place (C. Wellons, Prospecting for hash functions, 2018)."""
    values ^= values >> np.uint32(16)
    values *= np.uint32(0x21F0AAAD)
    values ^= values >> np.uint32(15)
    values *= np.uint32(0x735A2D97)
    values ^= values >> np.uint32(15)
    return values


def hash_integers(*numbers: int) -> int:
    """A hash of whole numbers, 32 bits."""
    value = 0x2545F491
    for number in numbers:
        value = (value ^ number * 0x9E3779B1) & _MASK
        value = (value ^ value >> 16) * 0x21F0AAAD & _MASK
        value = (value ^ value >> 15) * 0x735A2D97 & _MASK
        value ^= value >> 15
    return value


def hash_fraction(*numbers: int) -> float:
    """A fraction in [0, 1) that belongs to whole numbers."""
    return hash_integers(*numbers) / 2.0**32


def hash_fractions(count: int, seed: int) -> Plane:
    """`count` numbers in [0, 1), always the same for a seed."""
    numbers = hash_array(np.arange(count, dtype=np.uint32) + np.uint32(seed * 0x85EBCA77 & _MASK))
    return (numbers >> np.uint32(8)).astype(np.float32) / np.float32(1 << 24)


RADIUS = 6_371_008.8
"""Metres of the Earth's mean radius (IUGG)."""
_CORNERS = 4096
_STEP = np.uint32(0x9E3779B1)
_TURN = np.uint32(0x85EBCA77)
_SIGMA = 0.36
"""Standard deviation of an octave before it is scaled to 1."""
_VALUE = (hash_fractions(_CORNERS, 1) - 0.5) * np.float32(1.3 / _SIGMA)
_EAST = (hash_fractions(_CORNERS, 2) - 0.5) * np.float32(2.6 / _SIGMA)
_NORTH = (hash_fractions(_CORNERS, 3) - 0.5) * np.float32(2.6 / _SIGMA)


@dataclass(frozen=True)
class Mesh:
    """Rows and columns of places along circles of latitude and meridians."""

    turns: NDArray[np.float64]
    """Longitudes of the columns in turns (1 = 360°), eastwards, continuous, of any sign."""
    latitudes: NDArray[np.float64]
    """Latitudes of the rows in radians, northwards."""


@dataclass(frozen=True)
class NoiseField:
    """A sum of octaves, with standard deviation 1 before octaves are left out."""

    seed: int
    sizes: tuple[float, ...]
    """Metres of an octave's cell, the largest first."""
    weights: tuple[float, ...]
    """Of the octaves; their squares sum to 1."""
    stretch: float = 1.0
    """How many times longer than `sizes` the cells are from west to east."""

    @classmethod
    def fractal(
        cls, seed: int, largest: float, count: int, roughness: float = 0.5, stretch: float = 1.0
    ) -> "NoiseField":
        """`count` octaves, each half the size of the one before and `roughness` times its weight."""
        weights = roughness ** np.arange(count)
        weights /= np.sqrt((weights**2).sum())
        return cls(seed, tuple(largest / 2**k for k in range(count)), tuple(weights.tolist()), stretch)

    def coarser(self, finest: float) -> "NoiseField":
        """Without the octaves smaller than `finest` metres; at least the largest stays."""
        count = max(1, sum(size >= finest for size in self.sizes))
        return replace(self, sizes=self.sizes[:count], weights=self.weights[:count])

    def lost_variance(self, finest: float) -> float:
        """The variance of what `coarser` leaves out."""
        return max(0.0, 1.0 - sum(weight * weight for weight in self.coarser(finest).weights))


@dataclass(frozen=True)
class OctaveTable:
    """The octaves of some fields, one after the other."""

    sizes: NDArray[np.float64]
    wide: NDArray[np.float64]
    """Width of a cell in metres."""
    weights: Plane
    seeds: NDArray[np.uint32]
    """A hash of each octave's seed."""
    ends: tuple[int, ...]
    """Octave at which each field ends."""

    def varied(self, variants: Sequence[int]) -> NDArray[np.uint32]:
        """The seeds, changed by a number for each field."""
        numbers = np.array([variant * 0x9E3779B1 & 0xFFFFFFFF for variant in variants], np.uint32)
        return hash_array(self.seeds ^ np.repeat(numbers, np.diff((0, *self.ends))))


@lru_cache(maxsize=512)
def octave_table(fields: tuple[NoiseField, ...], finest: float) -> OctaveTable:
    """Of fields without what is smaller than `finest` metres."""
    coarse = [field.coarser(finest) for field in fields]
    seeds = [field.seed * 64 + k & 0xFFFFFFFF for field in coarse for k in range(len(field.sizes))]
    return OctaveTable(
        np.array([size for field in coarse for size in field.sizes]),
        np.array([size * field.stretch for field in coarse for size in field.sizes]),
        np.array([weight for field in coarse for weight in field.weights], np.float32),
        hash_array(np.array(seeds, np.uint32)),
        tuple(np.cumsum([len(field.sizes) for field in coarse]).tolist()),
    )


@dataclass(frozen=True)
class MeshNoise:
    """Octaves over one mesh, ready to be summed."""

    along: Plane
    """(2 × rings, columns): value and slope to the north of each ring at each column."""
    across: Plane
    """(rows, 2 × rings): how much of each a row takes."""
    edges: list[int]
    """(octaves + 1): where each octave's rings begin."""
    table: OctaveTable

    @classmethod
    def over(
        cls, mesh: Mesh, fields: Sequence[NoiseField], finest: float = 0.0, variants: Sequence[int] | None = None
    ) -> "MeshNoise":
        """All octaves of `fields` down to `finest` metres over `mesh`.

        `variants`, a number for each field, makes another noise of it: as many as there are numbers.
        """
        table = octave_table(tuple(fields), finest)
        low = np.floor(mesh.latitudes[0] * RADIUS / table.sizes)
        counts = (np.floor(mesh.latitudes[-1] * RADIUS / table.sizes) - low + 2).astype(np.intp)
        ends = np.cumsum(counts)
        total = int(ends[-1])
        owner = np.repeat(np.arange(len(counts)), counts)
        begins = (ends - counts)[owner]
        numbers = np.arange(total)
        rows = numbers - begins + low[owner]
        seeds = table.seeds if variants is None else table.varied(variants)
        values, slopes = _along(rows, table.sizes[owner], table.wide[owner], seeds[owner], mesh.turns)
        place = numbers + begins
        beside = place + counts[owner]
        along = np.empty((2 * total, len(mesh.turns)), np.float32)
        along[place], along[beside] = values, slopes
        away = (mesh.latitudes[:, None] * (RADIUS / table.sizes)[owner] - rows).astype(np.float32)
        share = _share(away)
        share *= table.weights[owner]
        across = np.empty((len(mesh.latitudes), 2 * total), np.float32)
        across[:, place] = share
        across[:, beside] = share * away
        return cls(along, across, [0, *(2 * ends).tolist()], table)

    def sums(self) -> list[Plane]:
        """Each field over the mesh, (rows, columns)."""
        cuts = [self.edges[octave] for octave in (0, *self.table.ends)]
        return [self._sum(a, b) for a, b in pairwise(cuts)]

    def octaves(self) -> list[Plane]:
        """The weighted octaves one by one."""
        return [self._sum(a, b) for a, b in pairwise(self.edges)]

    def _sum(self, begin: int, end: int) -> Plane:
        return matmul(self.across[:, begin:end], self.along[begin:end])


def _share(away: Plane) -> Plane:
    """Weight of a ring at a distance in rings: 1 on it, 0 from the next one on, smooth to the second derivative."""
    left = np.abs(away)
    np.subtract(1, left, out=left)
    np.maximum(left, 0, out=left)
    share = left * 6
    share -= 15
    share *= left
    share += 10
    left *= left * left
    share *= left
    return share


def _along(
    rows: NDArray[np.float64],
    sizes: NDArray[np.float64],
    wide: NDArray[np.float64],
    seeds: NDArray[np.uint32],
    turns: NDArray[np.float64],
) -> tuple[Plane, Plane]:
    """Value and northward slope of each ring at each column, (rings, columns)."""
    cells = np.maximum(np.rint(np.cos(rows * (sizes / RADIUS)) * (2 * np.pi * RADIUS) / wide), 3.0)[:, None]
    turns = turns - np.floor(turns[0])
    x = turns * cells
    left = np.floor(x)
    x -= left
    part = x.astype(np.float32)
    index = _corners(left, cells, rows.astype(np.int64).astype(np.uint32) * _STEP ^ seeds)
    value, slope, east = _VALUE.take(index), _NORTH.take(index), _EAST.take(index)
    value[0] += east[0] * part
    value[1] += east[1] * (part - 1)
    share = _share(part)
    value[0] -= value[1]
    value[0] *= share
    value[0] += value[1]
    slope[0] -= slope[1]
    slope[0] *= share
    slope[0] += slope[1]
    return value[0], slope[0]


def _corners(left: NDArray[np.float64], cells: NDArray[np.float64], salt: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Which corner of the tables stands left and which right of each column, (2, rings, columns)."""
    corner = np.empty((2, *left.shape), np.uint32)
    corner[0] = left
    np.add(corner[0], np.uint32(1), out=corner[1])
    if (left[:, -1:] + 1 >= cells).any():
        corner %= cells.astype(np.uint32)
    corner *= _TURN
    corner += hash_array(salt)[:, None]
    hash_array(corner)
    corner &= np.uint32(_CORNERS - 1)
    return corner.astype(np.intp)

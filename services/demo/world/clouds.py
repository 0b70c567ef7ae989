"""Clouds of an overpass: where they are, how thick, and their shadows.

A slow noise in space and time is the weather; it sets how much of a finer noise, new at each overpass, is cloud:
none, heaps, sheets with holes, or all. Another one carries thin cirrus.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.demo.world.climate import Daylight, day_of_year, wetness
from services.demo.world.grid import Block, Window, transformer
from services.demo.world.noise import RADIUS, Mesh, MeshNoise, NoiseField, hash_fraction, hash_fractions
from services.demo.world.raster import Plane

MEDIUM, HIGH, RIM, CIRRUS = 0.32, 0.62, 0.13, 0.10
"""Opacity from which on the scene classification says cloud medium, cloud high, unclassified; cirrus."""
SHADOW = 0.4
"""Darkness from which on it says shadow."""
_WEATHER = NoiseField.fractal(701, 1_100_000, 4, 0.5)
_KIND = NoiseField.fractal(702, 800_000, 2, 0.5)
_VEIL = NoiseField.fractal(703, 900_000, 3, 0.6)
_HEAPS = NoiseField.fractal(704, 4_800, 6, 0.6)
_PUFFS = NoiseField.fractal(708, 1_300, 4, 0.6)
_SHEETS = NoiseField.fractal(705, 48_000, 9, 0.6)
_STREAKS = NoiseField.fractal(706, 9_000, 5, 0.62, stretch=4.0)
_FIELDS = (_WEATHER, _WEATHER, _KIND, _VEIL, _HEAPS, _PUFFS, _SHEETS, _STREAKS)
_CHANGE = 1.6
"""Days after which the weather is another."""
_STEP = 40.0
"""Metres from row to row of the finest mesh."""
_HEIGHT = 1_500.0
"""Metres of the clouds that cast shadows, on the average of days."""
_SAMPLES = 40
"""Places a side at which the cloud cover of a window is looked at."""
_THRESHOLDS = ((-9.0, -0.9, -0.55, -0.1, 0.28, 0.56, 9.0), (5.0, 3.4, 1.5, 0.35, -0.9, -3.2, -3.6))
"""Weather, in standard deviations → how high the finer noise must be to be cloud."""


@dataclass(frozen=True)
class Sky:
    """What is between the ground and the satellite; arrays as the block's."""

    opacity: Plane
    """Part of the ground's light that clouds hide."""
    white: Plane
    """Brightness of the clouds, about 1."""
    shadow: Plane
    """Part of the sunlight that clouds take from the ground."""
    cirrus: Plane
    """As opacity, of the thin high clouds."""


def overpass_number(start: datetime) -> int:
    """A number of the overpass."""
    return int(start.timestamp() // 60)


def sky(block: Block, start: datetime, light: Daylight) -> Sky | None:
    """Over a block; None where it is clear."""
    step = max(2, round(_STEP / block.pixel))
    lattice = block.mesh(step)
    thick, veil = cloud_signals(lattice.mesh, start, 2.2 * step * block.pixel)
    shift = light.towards(_HEIGHT * (0.75 + 0.6 * hash_fraction(overpass_number(start), 1)))
    shifted = block.mesh(2 * step, shift)
    cast, _ = cloud_signals(shifted.mesh, start, 4.4 * step * block.pixel)
    if max(thick.max(), cast.max()) < -0.4 and veil.max() <= 0:
        return None
    slope_east, slope_north = lattice.slopes(np.minimum(thick, 4))
    rise = slope_east * np.float32(math.sin(light.azimuth)) + slope_north * np.float32(math.cos(light.azimuth))
    white = 0.80 + 0.16 * np.clip(thick * 0.4, 0, 1) - np.clip(rise * 130, -0.16, 0.2)
    opacity, white, cirrus = lattice.pixels(thick, white, veil)
    (shadow,) = shifted.pixels(cast)
    return Sky(opacity_of(opacity), white, opacity_of(shadow * 0.8), cirrus)


def opacity_of(thick: Plane) -> Plane:
    """Part of the light that a signal hides: soft at the rim, all in the middle."""
    part: Plane = np.clip(thick * np.float32(1.5) + np.float32(0.22), 0, 1)
    return part * (2 - part) * np.float32(0.98)


def cloud_signals(mesh: Mesh, start: datetime, finest: float, *, scattered: bool = False) -> tuple[Plane, Plane]:
    """Over a mesh: thickness of the clouds (0 at the rim, in standard deviations), and opacity of cirrus.

    With `scattered`, what is finer than `finest` is not left out but drawn by lot at each place, for statistics.
    """
    days = start.timestamp() / 86_400 / _CHANGE
    before, part = math.floor(days), math.pi / 2 * (days % 1.0)
    noise = MeshNoise.over(mesh, _FIELDS, finest, [before, before + 1, *[overpass_number(start)] * (len(_FIELDS) - 2)])
    old, new, kind, veil, heaps, puffs, sheets, streaks = noise.sums()
    weather = np.float32(math.cos(part)) * old + np.float32(math.sin(part)) * new
    weather += _climate(mesh.latitudes, start)[:, None]
    threshold = np.interp(weather, *_THRESHOLDS).astype(np.float32)
    small = np.float32(hash_fraction(overpass_number(start), 5))
    heaps = _mix(heaps, puffs, small)
    share = np.clip(0.5 + 0.9 * kind + 0.45 * weather, 0, 1)
    detail = _mix(heaps, sheets, share)
    if scattered:
        lost = _pooled(_HEAPS.lost_variance(finest), _PUFFS.lost_variance(finest), small)
        detail += np.sqrt(_pooled(lost, _SHEETS.lost_variance(finest), share)) * _normal_noise(detail.shape)
    thin = np.clip((veil - 0.9) * 0.5, 0, 0.4) * np.clip(0.6 + 0.5 * streaks, 0, 2)
    return detail - threshold, thin


def _climate(latitudes: NDArray[np.float64], start: datetime) -> Plane:
    """How much cloudier than Finland's average each latitude is at that time: wet belts are, and northern winters."""
    away = np.abs(np.degrees(latitudes))
    season = np.cos(2 * np.pi * (day_of_year(start) + 12) / 365.25) * np.sign(latitudes)
    winter = 0.5 * np.clip((away - 35) / 20, 0, 1) * season
    return np.asarray(0.9 * (wetness(latitudes) - 0.68) + winter, np.float32)


def _mix(one: Plane, other: Plane, share: Plane | np.float32) -> Plane:
    """Of two noises, with standard deviation 1 again."""
    return (one + share * (other - one)) / np.sqrt(share * share + (1 - share) * (1 - share))


def _pooled(one: Plane | np.float32 | float, other: float, share: Plane | np.float32) -> Plane | np.float32:
    """The variance of such a mix."""
    return (other * share * share + one * (1 - share) * (1 - share)) / (share * share + (1 - share) * (1 - share))


@lru_cache(maxsize=8)
def _normal_noise(shape: tuple[int, int]) -> Plane:
    """Numbers with standard deviation 1, nearly normal."""
    count = shape[0] * shape[1]
    total = np.sum([hash_fractions(count, seed) for seed in (81, 82, 83)], axis=0)
    return np.asarray((total - 1.5) * 2, np.float32).reshape(shape)


def cloud_cover(window: Window, start: datetime) -> float:
    """Percent of the window that the scene classification calls cloud or cirrus (8, 9, 10), from samples.

    Up to 0.2 more where it is clear: what real classifications mistake, so that two clear days are seldom equal.
    """
    minx, miny, maxx, maxy = window.bounds
    middle = (minx + maxx) / 2, (miny + maxy) / 2
    corners = transformer(window.epsg, 4326).transform(
        [minx, maxx, minx, maxx, middle[0]], [miny, miny, maxy, maxy, middle[1]]
    )
    turns, latitudes = np.asarray(corners[0]) / 360, np.radians(corners[1])
    turns = turns - np.round(turns - turns[4])
    parts = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    west, east = sorted((turns[:4].min(), turns[:4].max()))
    south, north = latitudes[:4].min(), latitudes[:4].max()
    mesh = Mesh(west + parts * (east - west), south + parts * (north - south))
    apart = (north - south) * RADIUS / _SAMPLES
    thick, veil = cloud_signals(mesh, start, max(90.0, apart), scattered=apart > 90)
    part = float(np.mean((opacity_of(thick) > MEDIUM) | (veil > CIRRUS)))
    mistaken = 0.002 * hash_fraction(overpass_number(start), round(turns[4] * 1e7), round(latitudes[4] * 1e7))
    return 100 * (part + (1 - part) * mistaken)

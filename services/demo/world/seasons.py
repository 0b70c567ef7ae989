"""Seasons: each material's reflectance on a day (leaves, crops, snow), as tables for one latitude and one day."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.demo.world import materials
from services.demo.world.climate import anomaly, day_of_year, swing, warmth
from services.demo.world.materials import ARABLE, BANDS, NUMBER, SPECTRA, STANDS, blend
from services.demo.world.noise import hash_fraction
from services.demo.world.raster import Bytes, Plane

Spectrum = Plane


def _calendar(text: str) -> tuple[tuple[float, str], ...]:
    """From `0.1 soil, 0.33 green`: part of the growing season, and the state then; between two the spectra blend."""
    return tuple((float(part), state) for part, state in (entry.split() for entry in text.split(",")))


def _mixtures(text: str) -> dict[str, Spectrum]:
    """From `beach: 0.6 sand 0.4 stones; sea: 1 ocean`: the mixture of each name."""
    found = {}
    for name, parts in (entry.split(":") for entry in text.split(";")):
        words = parts.split()
        found[name.strip()] = blend(**{word: float(share) for share, word in zip(words[::2], words[1::2], strict=True)})
    return found


_CROPS = {
    name: _calendar(text)
    for name, text in {
        "spring grain": "0.1 soil, 0.17 soil, 0.33 green, 0.5 green, 0.6 gold, 0.68 straw, 0.76 straw, 0.84 soil",
        "winter grain": "-0.1 thin, 0.05 thin, 0.2 green, 0.4 green, 0.52 gold, 0.6 straw, 0.68 soil, 0.84 soil, "
        "0.95 thin",
        "rape": "-0.1 thin, 0.06 green, 0.16 green, 0.21 bloom, 0.29 bloom, 0.34 green, 0.5 gold, 0.58 straw, "
        "0.72 soil, 0.9 thin",
        "ley": "-0.1 hay, 0.08 grass, 0.3 grass, 0.32 mown, 0.42 grass, 0.6 grass, 0.62 mown, 0.72 grass, 0.95 grass, "
        "1.1 hay",
        "roots": "0.2 soil, 0.27 soil, 0.45 green, 0.78 green, 0.86 soil",
        "maize": "0.24 soil, 0.3 soil, 0.48 green, 0.68 green, 0.8 gold, 0.86 straw, 0.9 soil",
        "fallow": "0.05 hay, 0.25 weeds, 0.6 weeds, 0.9 hay",
    }.items()
}
_SHARES = ("spring grain",) * 5 + ("winter grain",) * 4 + ("rape",) * 2 + ("ley",) * 4 + ("roots", "maize", "fallow")
_STATES = _mixtures(
    "green: 0.93 corn 0.07 loam; thin: 0.35 corn 0.65 loam; gold: 0.75 straw 0.25 corn; straw: 0.85 straw 0.15 loam; "
    "bloom: 1 bloom; grass: 1 grass; mown: 0.45 grass 0.55 hay; hay: 0.6 hay 0.25 grass 0.15 loam; "
    "weeds: 0.55 grass 0.3 hay 0.15 loam"
)
_SOILS = [blend(clay=1 - k / 3, loam=k / 3 + 1e-3) for k in range(4)]


def _spectrum_at(calendar: tuple[tuple[float, str], ...], part: float, soil: Spectrum) -> Spectrum:
    """The state at a part of the season."""
    spectra = _STATES | {"soil": soil}
    before = [entry for entry in calendar if entry[0] <= part]
    after = [entry for entry in calendar if entry[0] > part]
    if not before or not after:
        return spectra[(before[-1] if before else after[0])[1]]
    (a, low), (b, high) = before[-1], after[0]
    share = np.float32((part - a) / (b - a))
    return spectra[low] * (1 - share) + spectra[high] * share


def arable(variant: int, year: int, part: float, vigour: float) -> Spectrum:
    """A field; `part` of the growing season has gone, `vigour` is how green perennials are."""
    crop = _SHARES[int(hash_fraction(variant, year, 1) * len(_SHARES))]
    part += 0.09 * (hash_fraction(variant, year, 2) - 0.5)
    soil = _SOILS[variant % 4]
    state = _spectrum_at(_CROPS[crop], part, soil)
    if (part < 0.1 or part > 0.95) and crop in {"winter grain", "rape"}:
        thin = np.float32(0.35 + 0.65 * vigour)
        state = state * thin + soil * (1 - thin)
    bare = np.float32(0.25 * hash_fraction(variant, year, 5) ** 2)
    return (state + bare * (soil - state)) * np.float32(0.86 + 0.28 * hash_fraction(variant, year, 3))


ROTATION = 76
"""Years from one felling of a stand to the next."""
_KNOT = 1 / 200
"""Radians of latitude between the tables that are made; between two they are blended."""
_CODES = np.arange(256) / 4 - 48
"""Kelvin of a code of `Ground.cold`."""
_SNOW_LAG, _ICE_LAG = 9.0, 16.0
"""Days by which snow on land, and ice on water, come and go after the frost."""
_AGES = np.array([0, 1, 3, 9, 16, 32, 55, ROTATION], np.float32)
_STILL = _mixtures(
    "sea: 1 ocean; shallows: 1 lagoon; lake: 0.5 clear_water 0.5 brown_water; tarn: 1 brown_water; "
    "river: 0.6 silt 0.4 brown_water; flat: 0.5 silt 0.5 clay; beach: 0.6 sand 0.4 stones; "
    "gravel: 0.7 stones 0.3 sand; rock: 1 rock; scree: 0.6 rock 0.4 stones; glacier: 1 ice; sand: 1 sand; "
    "dune: 1 red_sand; hamada: 0.7 stones 0.3 red_sand; salt: 1 salt; rainforest: 1 jungle; asphalt: 1 asphalt; "
    "track: 0.6 stones 0.4 pale_soil; tile: 1 tiles; slate: 1 slates; concrete: 1 concrete; "
    "tin: 0.5 metal 0.5 concrete; yard: 0.5 asphalt 0.5 stones"
)
"""What looks the same all year, without snow."""


@dataclass(frozen=True)
class Season:
    """The day's tables; a column is a material."""

    bare: Plane
    """(12, 256): reflectance without snow."""
    white: Plane
    """(12, 256): under deep snow."""
    snow: Plane
    """(256): part of the snow that lies on land, by the code of `Ground.cold`."""
    ice: Plane
    """(256): the same on water."""
    bare_class: Bytes
    """(256): class of the scene classification without snow."""
    white_class: Bytes
    """(256): under snow."""


@lru_cache(maxsize=4096)
def season(latitude: float, time: datetime) -> Season:
    """Of a day at a latitude in radians."""
    knot = math.floor(latitude / _KNOT)
    share = np.float32(latitude / _KNOT - knot)
    day = round(day_of_year(time) * 4) / 4
    one, two = (_tables(place, time.year, day) for place in (knot, knot + 1))
    bare, white = (a + share * (b - a) for a, b in zip(one, two, strict=True))
    odd = anomaly(latitude, time)
    return Season(
        bare,
        white,
        _smooth_share((0.5 - warmth(latitude, day - _SNOW_LAG) - odd - _CODES) / 2.6),
        _smooth_share((-0.2 - warmth(latitude, day - _ICE_LAG) - 0.5 * odd - _CODES) / 1.6),
        _classes(bare),
        _classes(white),
    )


def _smooth_share(part: NDArray[np.float64]) -> Plane:
    """From 0 to 1, smoothly."""
    part = np.clip(part, 0, 1)
    return (part * part * (3 - 2 * part)).astype(np.float32)


@lru_cache(maxsize=256)
def _tables(knot: int, year: int, day: float) -> tuple[Plane, Plane]:
    """Bare and white at a knot, (12, 256)."""
    latitude = knot * _KNOT
    odd = anomaly(latitude, datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day))
    bare = np.zeros((256, len(BANDS)), np.float32)
    spectra = _natural(latitude, day, odd)
    bare[: len(NUMBER)] = [spectra[name] for name in NUMBER]
    ages = (year + 2 * np.arange(STANDS)) % ROTATION
    bare[materials.FIRST_STAND : materials.FIRST_ARABLE] = _stands(spectra, ages)
    part, vigour = _growing(latitude, day, odd)
    bare[materials.FIRST_ARABLE : materials.COUNT] = [arable(variant, year, part, vigour) for variant in range(ARABLE)]
    cover = materials.SNOWY.copy()
    cover[materials.FIRST_STAND : materials.FIRST_ARABLE] = np.interp(ages, [0, 5, 20, 40], [0.95, 0.8, 0.3, 0.13])
    white = bare + cover[:, None] * (SPECTRA["snow"] - bare)
    return np.ascontiguousarray(bare.T), np.ascontiguousarray(white.T)


def _growing(latitude: float, day: float, odd: float) -> tuple[float, float]:
    """Where in the growing season a day is (0 its first, 1 its last) and how green perennials are, 0 to 1."""
    mean, half = warmth(latitude, 201 - 91.3), float(swing(latitude))
    depth = (6 - mean - 0.5 * odd) / max(half, 0.1)
    if depth <= -0.95:
        depth = -0.95
    span = math.acos(max(-1.0, min(0.98, depth))) * 365.25 / (2 * math.pi)
    middle = 201 if latitude >= 0 else 201 - 182.6
    away = (day - middle + 182.6) % 365.25 - 182.6
    part = (away + span) / (2 * span)
    now = warmth(latitude, day - (4 if part < 0.5 else -6)) + odd
    return part, float(np.clip((now - 3.5) / 7.0, 0, 1))


def _natural(latitude: float, day: float, odd: float) -> dict[str, Spectrum]:
    """What is neither field nor stand."""
    part, green = _growing(latitude, day, odd)
    leaf = green * green * (3 - 2 * green)
    turning = leaf if part < 0.5 else float(np.clip((1 - part) / 0.14, 0, 1))
    fading = float(np.clip(1 - abs(part - 0.93) / 0.1, 0, 1))
    rains = 0.5 + 0.5 * math.cos(2 * math.pi * (day - (225 if latitude >= 0 else 45)) / 365.25)
    rains = rains if abs(latitude) > 0.05 else 0.75
    drought = float(np.clip(math.degrees(abs(latitude)) - 26, 0, 8) / 8)
    spring = 0.5 + 0.5 * math.cos(2 * math.pi * (day - (90 if latitude >= 0 else 272)) / 365.25)
    wet = rains + drought * (spring - rains)
    broad = turning * SPECTRA["leaves"] + (1 - turning) * SPECTRA["twigs"]
    broad = broad + 0.8 * fading * (SPECTRA["autumn"] - broad)
    grass = leaf * SPECTRA["grass"] + (1 - leaf) * blend(hay=0.6, loam=0.25, moss=0.15)
    needles = SPECTRA["needles"] * np.float32(0.9 + 0.12 * leaf)
    dry = wet * blend(grass=0.75, laterite=0.25) + (1 - wet) * blend(hay=0.75, laterite=0.25)
    steppe = spring * leaf * blend(grass=0.5, pale_soil=0.5) + (1 - spring * leaf) * blend(hay=0.6, pale_soil=0.4)
    moss = (0.3 + 0.7 * leaf) * SPECTRA["moss"] + (0.7 - 0.7 * leaf) * blend(twigs=0.5, hay=0.5)
    return _STILL | {
        "tundra": 0.6 * moss + 0.4 * SPECTRA["lichen"],
        "bog": 0.8 * moss + 0.2 * SPECTRA["brown water"],
        "heath": 0.55 * moss + 0.25 * SPECTRA["lichen"] + 0.2 * needles,
        "meadow": grass,
        "steppe": steppe,
        "savanna": dry,
        "bush": 0.45 * broad + 0.25 * steppe + 0.3 * SPECTRA["loam"],
        "understorey": 0.35 * grass + 0.2 * moss + 0.15 * broad + 0.3 * needles,
        "maquis": 0.6 * SPECTRA["needles"] + 0.25 * SPECTRA["leaves"] + 0.15 * SPECTRA["pale soil"],
        "spruce": needles,
        "pine": 0.78 * needles + 0.22 * moss,
        "birch": 0.9 * broad + 0.1 * grass,
        "beech": broad * np.float32(0.92),
        "oak": 0.85 * broad + 0.15 * needles,
        "acacia": (0.4 + 0.6 * wet) * SPECTRA["jungle"] + (0.6 - 0.6 * wet) * SPECTRA["twigs"],
        "hedge": 0.7 * broad + 0.3 * needles,
        "garden": 0.5 * grass + 0.35 * broad + 0.15 * SPECTRA["loam"],
    }


def _stands(spectra: dict[str, Spectrum], ages: NDArray[np.int64]) -> Plane:
    """A managed forest at some ages: felled, green with herbs and birch, thickets, tall trees."""
    felled = blend(clay=0.3, hay=0.35, twigs=0.35)
    young = 0.6 * spectra["meadow"] + 0.4 * spectra["birch"]
    thicket = 0.5 * spectra["birch"] + 0.5 * spectra["spruce"]
    tall = spectra["spruce"]
    rows = [felled, felled, young, 0.5 * young + 0.5 * thicket, thicket, 0.35 * thicket + 0.65 * tall, tall, 0.9 * tall]
    weights = np.stack([np.interp(ages, _AGES, line) for line in np.eye(len(_AGES))], axis=1)
    found: Plane = (weights[:, :, None] * np.stack(rows)).sum(axis=1).astype(np.float32)
    return found


def _classes(spectra: Plane) -> Bytes:
    """Class of the scene classification by material, of (12, 256) reflectances: 4 green, 5 bare, 6 water, 11 snow."""
    green, red, near, short = (spectra[BANDS.index(band)] for band in ("B03", "B04", "B08", "B11"))
    index = (near - red) / np.maximum(near + red, 1e-4)
    snow = (green - short) / np.maximum(green + short, 1e-4)
    found = np.where(index > 0.4, 4, 5)
    found[: materials.WATERS] = 6
    found[(snow > 0.4) & (green > 0.2)] = 11
    return found.astype(np.uint8)

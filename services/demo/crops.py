"""What fields look like through a year: soil, green, bloom, straw, by crop and by the time of its season."""

import math

import numpy as np

from services.demo.chance import chance
from services.demo.raster import Plane
from services.demo.spectra import SPECTRA, blend

Spectrum = Plane


def _calendar(text: str) -> tuple[tuple[float, str], ...]:
    """From `0.1 soil, 0.33 green`: part of the growing season, and the look then; between two the looks blend."""
    return tuple((float(part), look) for part, look in (entry.split() for entry in text.split(",")))


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
_TROPICAL = _calendar("0 red, 0.12 red, 0.26 green, 0.5 green, 0.62 gold, 0.72 hay, 0.9 red")
_IRRIGATED = _calendar("0 dust, 0.3 thin, 0.6 green, 1 green")
_SHARES = ("spring grain",) * 5 + ("winter grain",) * 4 + ("rape",) * 2 + ("ley",) * 4 + ("roots", "maize", "fallow")
_LOOKS: dict[str, Spectrum] = {
    "green": blend(corn=0.93, loam=0.07),
    "thin": blend(corn=0.35, loam=0.65),
    "gold": blend(straw=0.75, corn=0.25),
    "straw": blend(straw=0.85, loam=0.15),
    "bloom": SPECTRA["bloom"],
    "grass": SPECTRA["grass"],
    "mown": blend(grass=0.45, hay=0.55),
    "hay": blend(hay=0.6, grass=0.25, loam=0.15),
    "weeds": blend(grass=0.55, hay=0.3, loam=0.15),
    "red": blend(laterite=0.8, hay=0.2),
    "dust": SPECTRA["pale soil"],
    "flooded": blend(silt=0.6, corn=0.3, clay=0.1),
}
_SOILS = [blend(clay=1 - k / 3, loam=k / 3 + 1e-3) for k in range(4)]


def _at(calendar: tuple[tuple[float, str], ...], part: float, soil: Spectrum) -> Spectrum:
    """The look at a part of the season."""
    looks = _LOOKS | {"soil": soil}
    before = [entry for entry in calendar if entry[0] <= part]
    after = [entry for entry in calendar if entry[0] > part]
    if not before or not after:
        return looks[(before[-1] if before else after[0])[1]]
    (a, low), (b, high) = before[-1], after[0]
    share = np.float32((part - a) / (b - a))
    return looks[low] * (1 - share) + looks[high] * share


def arable(variant: int, year: int, part: float, vigour: float) -> Spectrum:
    """A field where winters rest; `part` of the growing season has gone, `vigour` is how green perennials are."""
    crop = _SHARES[int(chance(variant, year, 1) * len(_SHARES))]
    part += 0.09 * (chance(variant, year, 2) - 0.5)
    soil = _SOILS[variant % 4]
    look = _at(_CROPS[crop], part, soil)
    if (part < 0.1 or part > 0.95) and crop in {"winter grain", "rape"}:
        thin = np.float32(0.35 + 0.65 * vigour)
        look = look * thin + soil * (1 - thin)
    bare = np.float32(0.25 * chance(variant, year, 5) ** 2)
    return (look + bare * (soil - look)) * np.float32(0.86 + 0.28 * chance(variant, year, 3))


def tropical(variant: int, year: int, day: float, latitude: float) -> Spectrum:
    """A field with two crops a year; most follow the rains."""
    rains = 225 if latitude >= 0 else 45
    turn = ((day - rains) / 365.25 + 0.25 + 0.3 * (chance(variant, year, 4) - 0.5)) % 1.0
    if chance(variant, 5) < 0.3:
        turn = (turn * 2 + chance(variant, 6)) % 1.0
    return _at(_TROPICAL, turn, _LOOKS["red"]) * np.float32(0.9 + 0.2 * chance(variant, year, 7))


def irrigated(variant: int, year: int, day: float) -> Spectrum:
    """A field in a dry land, sown when its water comes."""
    turn = (day / 365.25 + chance(variant, year, 8)) % 1.0
    green = 0.5 - 0.5 * math.cos(4 * math.pi * turn)
    return _at(_IRRIGATED, min(1.0, green * 1.4), _LOOKS["dust"]) * np.float32(0.9 + 0.2 * chance(variant, 9))

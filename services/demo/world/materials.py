"""Materials: what the ground is made of, as numbers that fit a byte, and the reflectance spectra they are mixed from.

The spectra are typical of published libraries (ECOSTRESS, USGS) seen through Sentinel-2's bands, rounded.
"""

import numpy as np

from services.demo.world.raster import Plane

BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
_PERCENT = {
    # 443   490   560   665   705   740   783   842   865   945  1610  2190 nm
    "needles": (1.5, 1.8, 3.3, 2.2, 5.6, 14.5, 18.0, 19.5, 21.0, 21.0, 9.2, 4.0),
    "leaves": (1.8, 2.2, 4.7, 2.6, 8.8, 27.0, 34.0, 36.0, 38.0, 37.5, 16.5, 7.5),
    "jungle": (1.4, 1.7, 3.9, 2.0, 7.0, 24.0, 30.0, 32.0, 34.0, 33.5, 13.5, 5.5),
    "autumn": (2.8, 3.4, 7.6, 9.0, 13.5, 21.0, 24.0, 26.0, 28.0, 28.0, 19.0, 10.0),
    "twigs": (4.0, 4.6, 6.2, 7.2, 9.5, 13.0, 15.0, 17.0, 18.5, 19.0, 20.0, 12.5),
    "grass": (2.9, 3.6, 7.4, 4.8, 11.5, 28.0, 34.0, 36.5, 38.5, 37.5, 21.0, 10.8),
    "hay": (5.0, 6.5, 10.5, 13.0, 17.0, 21.5, 24.0, 26.5, 28.5, 28.0, 34.0, 24.0),
    "corn": (2.4, 3.0, 6.6, 3.6, 10.0, 31.0, 40.0, 43.0, 45.0, 44.0, 18.0, 8.2),
    "straw": (6.5, 8.2, 13.2, 17.8, 21.5, 26.0, 28.0, 30.0, 32.0, 31.0, 36.0, 25.0),
    "bloom": (3.2, 4.4, 15.5, 14.0, 20.0, 33.0, 40.0, 42.0, 44.0, 43.0, 19.0, 9.0),
    "moss": (2.5, 3.0, 5.4, 5.2, 8.5, 16.0, 19.0, 20.5, 22.5, 22.0, 18.0, 10.0),
    "lichen": (5.0, 6.0, 8.2, 8.8, 11.0, 16.0, 18.5, 20.0, 21.5, 21.0, 22.0, 14.0),
    "clay": (4.5, 5.5, 7.4, 9.4, 11.0, 12.5, 14.0, 15.5, 16.5, 17.0, 22.0, 18.0),
    "loam": (5.5, 7.0, 9.8, 13.2, 15.5, 17.0, 18.5, 20.0, 21.5, 21.5, 29.0, 24.0),
    "laterite": (4.5, 5.5, 8.4, 15.8, 18.5, 20.5, 22.0, 23.5, 25.0, 25.0, 34.0, 28.0),
    "pale soil": (9.5, 12.0, 17.2, 22.6, 25.5, 27.5, 29.0, 30.5, 32.5, 32.5, 41.0, 36.0),
    "sand": (8.6, 11.0, 16.8, 22.8, 25.5, 27.5, 29.0, 30.5, 32.0, 31.5, 42.0, 38.5),
    "red sand": (6.2, 7.6, 12.6, 21.0, 24.5, 26.5, 28.0, 29.5, 31.0, 30.5, 41.0, 37.5),
    "stones": (7.5, 9.0, 12.0, 15.2, 17.0, 18.0, 19.0, 20.0, 21.0, 21.0, 28.0, 26.0),
    "rock": (8.0, 9.0, 10.8, 12.2, 13.2, 14.2, 15.0, 16.0, 16.8, 17.2, 20.0, 17.0),
    "salt": (19.0, 22.0, 26.5, 29.5, 30.5, 31.0, 31.5, 32.0, 32.5, 31.0, 27.0, 21.0),
    "ocean": (3.2, 2.6, 1.7, 0.8, 0.7, 0.5, 0.5, 0.4, 0.4, 0.3, 0.2, 0.2),
    "lagoon": (6.5, 7.2, 7.4, 3.0, 1.8, 1.2, 1.0, 0.8, 0.8, 0.7, 0.4, 0.3),
    "clear water": (1.9, 1.9, 1.9, 1.0, 0.9, 0.7, 0.7, 0.6, 0.5, 0.5, 0.3, 0.2),
    "brown water": (1.1, 1.2, 1.6, 1.4, 1.3, 0.8, 0.8, 0.7, 0.6, 0.6, 0.3, 0.2),
    "silt": (3.2, 4.2, 6.6, 5.6, 5.0, 2.6, 2.6, 2.2, 2.1, 1.9, 0.8, 0.5),
    "asphalt": (6.5, 7.4, 8.8, 9.8, 10.6, 11.2, 11.8, 12.4, 13.0, 13.2, 15.5, 14.0),
    "tiles": (6.0, 7.2, 10.6, 17.8, 21.5, 23.5, 24.5, 25.5, 26.5, 26.5, 32.0, 29.0),
    "slates": (8.5, 9.6, 11.0, 11.8, 12.4, 12.8, 13.2, 13.8, 14.4, 14.6, 16.5, 15.5),
    "concrete": (14.0, 16.5, 19.5, 21.5, 22.5, 23.0, 23.5, 24.0, 24.5, 24.5, 27.0, 25.0),
    "metal": (15.0, 16.5, 18.0, 18.8, 19.2, 19.6, 20.0, 20.4, 20.8, 20.6, 21.0, 19.0),
    "snow": (80.0, 84.0, 84.0, 83.0, 82.0, 81.0, 79.0, 78.0, 76.0, 62.0, 10.5, 8.5),
    "ice": (52.0, 55.0, 55.0, 51.0, 48.0, 45.0, 42.0, 40.0, 36.0, 28.0, 4.0, 3.0),
    "cloud": (78.0, 80.0, 79.0, 79.5, 80.0, 80.5, 81.0, 81.5, 81.0, 62.0, 50.0, 37.0),
    "haze": (6.0, 4.2, 2.6, 1.6, 1.4, 1.1, 0.9, 0.8, 0.7, 0.7, 0.2, 0.1),
}

SPECTRA: dict[str, Plane] = {name: np.array(percent, np.float32) / 100 for name, percent in _PERCENT.items()}
"""Name → reflectance in `BANDS`."""


def blend(**parts: float) -> Plane:
    """A mixture, by area; `_` in a name stands for a space."""
    total = sum(parts.values())
    mixture = sum(SPECTRA[name.replace("_", " ")] * np.float32(part / total) for name, part in parts.items())
    return np.asarray(mixture, np.float32)


STANDS = 40
"""Variants of a managed forest, by the year in which it was last cut."""
ARABLE = 48
"""Variants of a field, by what it grows in a year."""

NAMES = (
    *("sea", "shallows", "lake", "tarn", "river", "flat"),
    *("beach", "gravel", "rock", "scree", "glacier", "sand", "dune", "hamada", "salt"),
    *("tundra", "bog", "heath", "meadow", "steppe", "savanna", "bush", "understorey", "maquis"),
    *("spruce", "pine", "birch", "beech", "oak", "rainforest", "acacia", "hedge"),
    *("asphalt", "track", "tile", "slate", "concrete", "tin", "garden", "yard"),
)
"""Those with one appearance each, in the order of their numbers."""
NUMBER = {name: number for number, name in enumerate(NAMES)}
FIRST_STAND = len(NAMES)
FIRST_ARABLE = FIRST_STAND + STANDS
COUNT = FIRST_ARABLE + ARABLE
"""Numbers in use."""
WATERS = 6
"""Numbers below this are water."""


_TEXTURE = {
    # contrast of clumps of 20 m, of blotches of 100 m, of pixels
    "water": (0.0, 0.02, 0.015),
    "fields": (0.025, 0.055, 0.02),
    "stands": (0.15, 0.07, 0.06),
    "open": (0.08, 0.10, 0.035),
    "trees": (0.20, 0.08, 0.07),
    "sand": (0.012, 0.03, 0.012),
    "stone": (0.10, 0.09, 0.05),
    "town": (0.03, 0.03, 0.10),
}
_KIND = {
    "open": "tundra bog heath meadow steppe savanna understorey garden",
    "trees": "bush maquis spruce pine birch beech oak rainforest acacia hedge",
    "sand": "beach sand dune salt glacier",
    "stone": "gravel rock scree hamada",
    "town": "asphalt track tile slate concrete tin yard",
}


def _textures() -> Plane:
    """(3, 256): contrasts by material."""
    found = np.full((256, 3), _TEXTURE["fields"], np.float32)
    found[:WATERS] = _TEXTURE["water"]
    found[FIRST_STAND:FIRST_ARABLE] = _TEXTURE["stands"]
    for kind, names in _KIND.items():
        found[[NUMBER[name] for name in names.split()]] = _TEXTURE[kind]
    return np.ascontiguousarray(found.T)


TEXTURES = _textures()
"""(3, 256): how much clumps, blotches and specks change the brightness of a material."""
_SNOWY = {
    # part that is white under deep snow
    "spruce": 0.13, "pine": 0.2, "birch": 0.4, "oak": 0.35, "beech": 0.35, "hedge": 0.35, "understorey": 0.4,
    "rainforest": 0.15, "bush": 0.55, "maquis": 0.35, "heath": 0.8, "asphalt": 0.3, "tile": 0.7,
    "slate": 0.7, "tin": 0.75, "garden": 0.65, "track": 0.75, "rock": 0.75, "scree": 0.9,
}  # fmt: skip
_WARMER = {
    # kelvin by which snow or ice finds it warmer
    "sea": 2.5, "shallows": 2.0, "river": 2.5, "flat": 2.5, "asphalt": 2.0, "slate": 1.5, "tile": 1.5,
    "garden": 0.8, "spruce": -0.8, "pine": -0.6, "understorey": -0.8,
}  # fmt: skip


def _numbers(names: dict[str, float], otherwise: float) -> Plane:
    """(256): by material."""
    found = np.full(256, otherwise, np.float32)
    for name, value in names.items():
        found[NUMBER[name]] = value
    return found


SNOWY = _numbers(_SNOWY, 0.96)
"""(256): part that is white under deep snow."""
WARMER = _numbers(_WARMER, 0.0)
"""(256): kelvin by which snow or ice finds a material warmer than a field."""

"""What the ground is made of: names, and numbers for them that fit a byte."""

import numpy as np

from services.demo.raster import Plane

STANDS = 40
"""Variants of a managed forest, by the year in which it was last cut."""
ARABLE = 48
"""Variants of a field where winters rest, by what it grows in a year."""
TROPIC = 24
"""Variants of a field where crops follow each other all year."""
OASIS = 12
"""Variants of an irrigated field in a dry land."""

NAMES = (
    *("sea", "shallows", "lake", "tarn", "river", "flat"),
    *("beach", "gravel", "rock", "scree", "glacier", "sand", "dune", "hamada", "salt"),
    *("tundra", "bog", "heath", "meadow", "steppe", "savanna", "bush", "understorey", "maquis"),
    *("spruce", "pine", "birch", "beech", "oak", "rainforest", "acacia", "mangrove", "hedge"),
    *("asphalt", "track", "tile", "slate", "concrete", "tin", "hall", "garden", "lawn", "yard", "plaza"),
)
"""Those with one appearance each, in the order of their numbers."""
NUMBER = {name: number for number, name in enumerate(NAMES)}
FIRST_STAND = len(NAMES)
FIRST_ARABLE = FIRST_STAND + STANDS
FIRST_TROPIC = FIRST_ARABLE + ARABLE
FIRST_OASIS = FIRST_TROPIC + TROPIC
COUNT = FIRST_OASIS + OASIS
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
    "open": "tundra bog heath meadow steppe savanna understorey lawn garden",
    "trees": "bush maquis spruce pine birch beech oak rainforest acacia mangrove hedge",
    "sand": "beach sand dune salt glacier",
    "stone": "gravel rock scree hamada",
    "town": "asphalt track tile slate concrete tin hall yard plaza",
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
    "rainforest": 0.15, "mangrove": 0.15, "bush": 0.55, "maquis": 0.35, "heath": 0.8, "asphalt": 0.3, "tile": 0.7,
    "slate": 0.7, "hall": 0.8, "tin": 0.75, "plaza": 0.4, "garden": 0.65, "track": 0.75, "rock": 0.75, "scree": 0.9,
}  # fmt: skip
_WARMER = {
    # kelvin by which snow or ice finds it warmer
    "sea": 2.5, "shallows": 2.0, "river": 2.5, "flat": 2.5, "asphalt": 2.0, "slate": 1.5, "tile": 1.5, "hall": 1.5,
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

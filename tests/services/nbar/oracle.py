"""The kernel model by vectors and plain numbers, one pixel at a time: another way to write what services.nbar writes.

Weights are those of the papers, typed once more; angles are degrees.
"""

import math
from typing import NamedTuple

WEIGHTS = {
    "B02": (774, 372, 79),
    "B03": (1306, 580, 178),
    "B04": (1690, 574, 227),
    "B05": (2085, 845, 256),
    "B06": (2316, 1003, 273),
    "B07": (2599, 1197, 294),
    "B08": (3093, 1535, 330),
    "B8A": (3093, 1535, 330),
    "B11": (3430, 1154, 453),
    "B12": (2658, 639, 387),
}
"""Ten thousandths: isotropic, volumetric, geometric (Roy et al. 2016, table 5; Roy et al. 2017, table 2)."""


class Angles(NamedTuple):
    """Of an observation."""

    sun: float
    sun_azimuth: float
    view: float
    view_azimuth: float


def towards(zenith: float, azimuth: float) -> tuple[float, float, float]:
    """East, north and up of one."""
    z, a = math.radians(zenith), math.radians(azimuth)
    return math.sin(z) * math.sin(a), math.sin(z) * math.cos(a), math.cos(z)


def kernels(angles: Angles) -> tuple[float, float]:
    """Ross-thick and Li-sparse-reciprocal, from where sun and satellite are and where shadows fall."""
    sun, view = towards(*angles[:2]), towards(*angles[2:])
    cosine = min(1.0, max(-1.0, sum(map(math.prod, zip(sun, view, strict=True)))))
    phase = math.acos(cosine)
    ross = ((math.pi / 2 - phase) * cosine + math.sin(phase)) / (sun[2] + view[2]) - math.pi / 4
    shadow, image = ((one[0] / one[2], one[1] / one[2]) for one in (sun, view))  # on the ground, of one metre's height
    apart = math.dist(shadow, image) ** 2
    cross = shadow[0] * image[1] - shadow[1] * image[0]
    longer = 1 / sun[2] + 1 / view[2]
    t = math.acos(min(1.0, 2 * math.sqrt(apart + cross**2) / longer))
    overlap = (t - math.sin(2 * t) / 2) * longer / math.pi
    return ross, overlap - longer + (1 + cosine) / 2 / sun[2] / view[2]


def reflectance(band: str, angles: Angles) -> float:
    """Of the model's ground."""
    isotropic, volumetric, geometric = (weight / 10_000 for weight in WEIGHTS[band])
    ross, li = kernels(angles)
    return isotropic + volumetric * ross + geometric * li


def factor(band: str, angles: Angles, wanted: float) -> float:
    """What makes one of the other."""
    return reflectance(band, Angles(wanted, 0, 0, 0)) / reflectance(band, angles)

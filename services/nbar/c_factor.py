"""The c-factor: what a reflectance is multiplied by to be that of a view from straight above (NBAR).

Its model of the ground is one for all lands and seasons: isotropic, Ross-thick and Li-sparse-reciprocal kernels with
fixed weights, means of a year of MODIS BRDF parameters. The factor is the model at nadir, under the sun that is wanted,
over the model at the angles of the observation. Sources:

- c-factor and the weights of blue, green, red, near and short-wave infrared: D. P. Roy et al., A general method to
  normalize Landsat reflectance data to nadir BRDF adjusted reflectance, Remote Sensing of Environment 176, 2016.
- The same for Sentinel-2, with the weights of the red edge: D. P. Roy, Z. Li, H. K. Zhang, Adjustment of Sentinel-2
  multi-spectral instrument red-edge band reflectance to nadir BRDF adjusted reflectance and quantification of red-edge
  band BRDF effects, Remote Sensing 9(12), 2017.
- Kernels, with h/b = 2 and b/r = 1: W. Lucht, C. B. Schaaf, A. H. Strahler, An algorithm for the retrieval of albedo
  from space using semiempirical BRDF models, IEEE Transactions on Geoscience and Remote Sensing 38(2), 2000.
- Which band has which weights: as the software of Harmonized Landsat Sentinel-2 (HLS) 2.0 has it. B01 has those of
  blue, of which it is the neighbour; B08 and B8A share those of near infrared; B09, which sees water vapour, has none.
"""

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Angles = NDArray[np.float64]
"""Degrees."""
_BLUE, _NIR = (0.0774, 0.0372, 0.0079), (0.3093, 0.1535, 0.0330)
COEFFICIENTS = MappingProxyType(
    {
        "B01": _BLUE,
        "B02": _BLUE,
        "B03": (0.1306, 0.0580, 0.0178),
        "B04": (0.1690, 0.0574, 0.0227),
        "B05": (0.2085, 0.0845, 0.0256),
        "B06": (0.2316, 0.1003, 0.0273),
        "B07": (0.2599, 0.1197, 0.0294),
        "B08": _NIR,
        "B8A": _NIR,
        "B11": (0.3430, 0.1154, 0.0453),
        "B12": (0.2658, 0.0639, 0.0387),
    }
)
"""Weights of the isotropic, the volumetric (Ross-thick) and the geometric (Li-sparse) part, by band; bands that are not
here stay as they are."""
LOWEST_SUN = 80.0
"""Zenith angle in degrees beyond which nothing is normalised: where the sun is so low the kernels leave the angles for
which their weights were found, and the model of the ground may become negative."""


def kernels(sun: Angles, view: Angles, apart: Angles) -> tuple[Angles, Angles]:
    """Ross-thick and Li-sparse-reciprocal at zenith angles of sun and view, and azimuths so far apart."""
    sun, view, apart = np.radians(sun), np.radians(view), np.radians(apart)
    cos_sun, cos_view, tan_sun, tan_view = np.cos(sun), np.cos(view), np.tan(sun), np.tan(view)
    cos_phase = np.clip(cos_sun * cos_view + np.sin(sun) * np.sin(view) * np.cos(apart), -1, 1)
    phase = np.arccos(cos_phase)
    ross = ((np.pi / 2 - phase) * cos_phase + np.sin(phase)) / (cos_sun + cos_view) - np.pi / 4
    secants = 1 / cos_sun + 1 / cos_view
    distance = tan_sun**2 + tan_view**2 - 2 * tan_sun * tan_view * np.cos(apart)
    across = (tan_sun * tan_view * np.sin(apart)) ** 2
    cos_t = np.clip(2 * np.sqrt(np.maximum(distance + across, 0)) / secants, -1, 1)
    t = np.arccos(cos_t)
    overlap = (t - np.sin(t) * cos_t) * secants / np.pi
    li = overlap - secants + (1 + cos_phase) / (2 * cos_sun * cos_view)
    return ross, li


def c_factors(bands: Sequence[str], angles: Sequence[Angles], wanted: Angles | None) -> dict[str, Angles]:
    """Of each band that has coefficients, as many as there are angles; 1 where angles are not known or the sun is low.

    `angles` are zenith and azimuth of the sun, zenith and azimuth of the view. `wanted` is the sun's zenith angle under
    which all are to be seen, None for that of each observation.
    """
    sun, sun_azimuth, view, view_azimuth = angles
    to_be = sun if wanted is None else np.broadcast_to(wanted, sun.shape)
    known = ((sun != 0) | (sun_azimuth != 0)) & ((view != 0) | (view_azimuth != 0))
    usable = known & (sun <= LOWEST_SUN) & (to_be <= LOWEST_SUN)
    nothing = np.zeros_like(sun)
    seen = kernels(np.where(usable, sun, 0), np.where(usable, view, 0), view_azimuth - sun_azimuth)
    nadir = kernels(np.where(usable, to_be, 0), nothing, nothing)
    found = {}
    for band in bands:
        isotropic, volumetric, geometric = COEFFICIENTS[band]
        over, under = (isotropic + volumetric * ross + geometric * li for ross, li in (nadir, seen))
        found[band] = np.where(usable, over / under, 1.0)
    return found

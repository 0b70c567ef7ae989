"""Frames with the angles of their pixels → their bands as if seen from straight above: NBAR, by the c-factor."""

from services.nbar.c_factor import COEFFICIENTS, c_factors, kernels
from services.nbar.frames import MEANING, angles_words, nadir_bands, read_frame
from services.nbar.program import AS_SEEN, CHAPTER, NORMALISED, literals
from services.nbar.sun import HIGHEST_LATITUDE, overpass_zenith

__all__ = [
    "AS_SEEN",
    "CHAPTER",
    "COEFFICIENTS",
    "HIGHEST_LATITUDE",
    "MEANING",
    "NORMALISED",
    "angles_words",
    "c_factors",
    "kernels",
    "literals",
    "nadir_bands",
    "overpass_zenith",
    "read_frame",
]

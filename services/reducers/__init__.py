"""Reducing methods: many observations of a pixel in, one out, with the words and the program of each method."""

from services.reducers.least_cloudy import first_clear, first_index, least_cloudy
from services.reducers.median import median_index
from services.reducers.median_network import BLOCK, masked_median, median_of
from services.reducers.method import LOW, Chapter, Clear, Formula, Method, Observations, Planes
from services.reducers.methods import METHODS

__all__ = [
    "BLOCK",
    "LOW",
    "METHODS",
    "Chapter",
    "Clear",
    "Formula",
    "Method",
    "Observations",
    "Planes",
    "first_clear",
    "first_index",
    "least_cloudy",
    "masked_median",
    "median_index",
    "median_of",
]

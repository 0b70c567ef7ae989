"""Reducing methods: many observations of a pixel in, one out, with the words and the program of each method."""

from services.reducers.best_pixel import distances
from services.reducers.least_cloudy import first_index, least_cloudy
from services.reducers.median import median_index
from services.reducers.median_network import BLOCK, masked_median, median_of
from services.reducers.method import (
    LOW,
    NOWHERE,
    Chapter,
    Clear,
    Formula,
    Method,
    Observations,
    Pick,
    Planes,
    Scenes,
    Statistic,
)
from services.reducers.methods import METHODS
from services.reducers.percentile import USUAL
from services.reducers.picking import first_of, picked, picked_index

__all__ = [
    "BLOCK",
    "LOW",
    "METHODS",
    "NOWHERE",
    "USUAL",
    "Chapter",
    "Clear",
    "Formula",
    "Method",
    "Observations",
    "Pick",
    "Planes",
    "Scenes",
    "Statistic",
    "distances",
    "first_index",
    "first_of",
    "least_cloudy",
    "masked_median",
    "median_index",
    "median_of",
    "picked",
    "picked_index",
]

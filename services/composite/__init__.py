"""Compositing: frames in, one image with its count of clear observations out."""

from services.composite.eo_tasks import CLEAR, VALID, Frames
from services.composite.image import Composite, Image, Mosaic, mosaic
from services.composite.indices import (
    INDICES,
    NO_INDEX,
    PER_UNIT,
    Index,
    first_index,
    index_of_observation,
    indices_of,
    median_index,
    whole_index,
)
from services.composite.reducers import BLOCK, LOW, first_clear, least_cloudy, masked_median, median_of
from services.composite.workflow import compose, drop

__all__ = [
    "BLOCK",
    "CLEAR",
    "INDICES",
    "LOW",
    "NO_INDEX",
    "PER_UNIT",
    "VALID",
    "Composite",
    "Frames",
    "Image",
    "Index",
    "Mosaic",
    "compose",
    "drop",
    "first_clear",
    "first_index",
    "index_of_observation",
    "indices_of",
    "least_cloudy",
    "masked_median",
    "median_index",
    "median_of",
    "mosaic",
    "whole_index",
]

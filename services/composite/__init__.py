"""Compositing: frames in, one image with its count of clear observations out."""

from services.composite.eo_tasks import CLEAR, VALID, Frames
from services.composite.image import Composite, Image, Mosaic, mosaic
from services.composite.indices import (
    INDICES,
    NO_INDEX,
    PER_UNIT,
    Index,
    indices_of,
    normalized_difference,
    whole_index,
)
from services.composite.stack import Stack
from services.composite.workflow import compose, drop

__all__ = [
    "CLEAR",
    "INDICES",
    "NO_INDEX",
    "PER_UNIT",
    "VALID",
    "Composite",
    "Frames",
    "Image",
    "Index",
    "Mosaic",
    "Stack",
    "compose",
    "drop",
    "indices_of",
    "mosaic",
    "normalized_difference",
    "whole_index",
]

"""Compositing: frames in, one image with its count of clear observations out."""

from services.composite.eo_tasks import CLEAR, VALID, Frames
from services.composite.image import Composite, Image, Mosaic, mosaic
from services.composite.reducers import BLOCK, LOW, first_clear, least_cloudy, mad_sigma, masked_median, median_of
from services.composite.workflow import compose, drop

__all__ = [
    "BLOCK",
    "CLEAR",
    "LOW",
    "VALID",
    "Composite",
    "Frames",
    "Image",
    "Mosaic",
    "compose",
    "drop",
    "first_clear",
    "least_cloudy",
    "mad_sigma",
    "masked_median",
    "median_of",
    "mosaic",
]

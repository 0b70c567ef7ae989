"""Compositing: frames in, one image with its count of clear observations out."""

from typing import TYPE_CHECKING

from services.composite.formula import FUNCTIONS, parse_formula
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
from services.composite.spectral_indices import LISTED, OWN, Listed, even_ticks, index_by_formula, listed_indices
from services.composite.stack import NO_DAY, Reduced, Stack, looks_near, scenes_of
from services.lazy import late

if TYPE_CHECKING:
    from services.composite.eo_tasks import CLEAR, VALID, Dates, Run
    from services.composite.workflow import compose, composing, composite_of, drop
else:
    __getattr__ = late(
        __name__,
        CLEAR="eo_tasks",
        VALID="eo_tasks",
        Dates="eo_tasks",
        Run="eo_tasks",
        compose="workflow",
        composing="workflow",
        composite_of="workflow",
        drop="workflow",
    )

__all__ = [
    "CLEAR",
    "FUNCTIONS",
    "INDICES",
    "LISTED",
    "NO_DAY",
    "NO_INDEX",
    "OWN",
    "PER_UNIT",
    "VALID",
    "Composite",
    "Dates",
    "Image",
    "Index",
    "Listed",
    "Mosaic",
    "Reduced",
    "Run",
    "Stack",
    "compose",
    "composing",
    "composite_of",
    "drop",
    "even_ticks",
    "index_by_formula",
    "indices_of",
    "listed_indices",
    "looks_near",
    "mosaic",
    "normalized_difference",
    "parse_formula",
    "scenes_of",
    "whole_index",
]

"""What the cache has of a recipe → each mask on one of its dates, and how much cloud each lets in over all of them."""

from services.mask_comparison.comparison import MaskComparison, MaskShares
from services.mask_comparison.residual import FLOOR, LEAST_OTHERS, SCATTERS, Residual, brighter
from services.mask_comparison.residuals import MaskResidual

__all__ = [
    "FLOOR",
    "LEAST_OTHERS",
    "SCATTERS",
    "MaskComparison",
    "MaskResidual",
    "MaskShares",
    "Residual",
    "brighter",
]

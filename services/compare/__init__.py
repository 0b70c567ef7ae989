"""Comparison: variants of a recipe in, a matrix of pictures and their differences out."""

from services.compare.comparability import EQUALISED, MONTHS, caveats, equalise
from services.compare.difference import K
from services.compare.difference_preview import DifferencePreview, Pair, counts_map, draw_difference, found_difference
from services.compare.matrix import HERE, MAKING, MISSING, SIDE, UNKNOWN, Cell, Matrix, comparison_matrix

__all__ = [
    "EQUALISED",
    "HERE",
    "MAKING",
    "MISSING",
    "MONTHS",
    "SIDE",
    "UNKNOWN",
    "Cell",
    "DifferencePreview",
    "K",
    "Matrix",
    "Pair",
    "caveats",
    "comparison_matrix",
    "counts_map",
    "draw_difference",
    "equalise",
    "found_difference",
]

"""Comparison: variants of a recipe in, a matrix of pictures and their differences out."""

from services.compare.comparability import EQUALISED, MONTHS, caveats, equalise
from services.compare.difference import K, chance_words
from services.compare.difference_preview import DifferencePreview, Pair, counts_map, draw_difference, found_difference
from services.compare.matrix import HERE, MAKING, MISSING, SIDE, UNKNOWN, Cell, Matrix, comparison_matrix
from services.compare.student_t import false_alarms

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
    "chance_words",
    "comparison_matrix",
    "counts_map",
    "draw_difference",
    "equalise",
    "false_alarms",
    "found_difference",
]

"""Comparison: variants of a recipe in, a matrix of pictures and their differences out."""

from services.compare.comparability import EQUALISED, MONTHS, caveats, common_dates, equalise
from services.compare.difference import K, chance_words
from services.compare.difference_preview import (
    DifferencePreview,
    Pair,
    counts_map,
    difference_file,
    draw_difference,
    found_difference,
)
from services.compare.evened import evened
from services.compare.matrix import (
    HERE,
    MAKING,
    MISSING,
    SIDE,
    UNKNOWN,
    Cell,
    Matrix,
    comparison_matrix,
    of_two_sources,
)
from services.compare.matrix_picture import matrix_picture
from services.compare.source_difference import EQUAL, STEPS, SourceDate, SourceReport, conclusion, part
from services.compare.source_report import SourcePair, source_csv, source_report
from services.compare.student_t import false_alarms

__all__ = [
    "EQUAL",
    "EQUALISED",
    "HERE",
    "MAKING",
    "MISSING",
    "MONTHS",
    "SIDE",
    "STEPS",
    "UNKNOWN",
    "Cell",
    "DifferencePreview",
    "K",
    "Matrix",
    "Pair",
    "SourceDate",
    "SourcePair",
    "SourceReport",
    "caveats",
    "chance_words",
    "common_dates",
    "comparison_matrix",
    "conclusion",
    "counts_map",
    "difference_file",
    "draw_difference",
    "equalise",
    "evened",
    "false_alarms",
    "found_difference",
    "matrix_picture",
    "of_two_sources",
    "part",
    "source_csv",
    "source_report",
]

"""Acquisitions: granules of a catalogue in, overpasses out, and which of them a recipe keeps."""

from services.catalogue.acquisition import (
    PASS,
    Acquisition,
    acquisitions_from_json,
    acquisitions_to_json,
    join,
    products_of,
    window,
)
from services.catalogue.granule import UNKNOWN_BASELINE, Granule, GranuleFile, SourceProduct, sound
from services.catalogue.selection import (
    Choice,
    choose,
    dates_of_groups,
    dates_of_tiles,
    in_season,
    kept,
    kept_or_raise,
    shows_enough,
    slivers_in_words,
)

__all__ = [
    "PASS",
    "UNKNOWN_BASELINE",
    "Acquisition",
    "Choice",
    "Granule",
    "GranuleFile",
    "SourceProduct",
    "acquisitions_from_json",
    "acquisitions_to_json",
    "choose",
    "dates_of_groups",
    "dates_of_tiles",
    "in_season",
    "join",
    "kept",
    "kept_or_raise",
    "products_of",
    "shows_enough",
    "slivers_in_words",
    "sound",
    "window",
]

"""The question: choices in, a frozen Recipe out, with its interval, mask, composite method and vetoes."""

from services.recipe.builder import build_recipe, require_angles
from services.recipe.date_rules import DATE_RULES
from services.recipe.examples import EXAMPLES, Example
from services.recipe.interval import Interval
from services.recipe.masks import (
    BEGINNING,
    CSMASK,
    GROWN,
    MASKS,
    MAX_GROW,
    MaskPreset,
    clear_observations,
    offered_masks,
)
from services.recipe.months import YEAR, months_of, months_text, months_words, typed_months
from services.recipe.processing import PROCESSINGS, Processing
from services.recipe.recipe import Recipe
from services.recipe.variants import MOST_LIMITS, MOST_SOURCES, MOST_YEARS, Variant, shifted, variant, variants
from services.recipe.veto import LONGEST, Veto, check_key, ordered
from services.reducers import METHODS, USUAL, Method

__all__ = [
    "BEGINNING",
    "CSMASK",
    "DATE_RULES",
    "EXAMPLES",
    "GROWN",
    "LONGEST",
    "MASKS",
    "MAX_GROW",
    "METHODS",
    "MOST_LIMITS",
    "MOST_SOURCES",
    "MOST_YEARS",
    "PROCESSINGS",
    "USUAL",
    "YEAR",
    "Example",
    "Interval",
    "MaskPreset",
    "Method",
    "Processing",
    "Recipe",
    "Variant",
    "Veto",
    "build_recipe",
    "check_key",
    "clear_observations",
    "months_of",
    "months_text",
    "months_words",
    "offered_masks",
    "ordered",
    "require_angles",
    "shifted",
    "typed_months",
    "variant",
    "variants",
]

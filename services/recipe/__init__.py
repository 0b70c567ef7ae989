"""The question: choices in, a frozen Recipe out, with its interval, mask, composite method and vetoes."""

from services.recipe.builder import build_recipe
from services.recipe.examples import EXAMPLES, Example
from services.recipe.interval import Interval
from services.recipe.masks import GROWN, MASKS, MAX_GROW, clear_observations
from services.recipe.processing import PROCESSINGS, Processing
from services.recipe.recipe import Recipe
from services.recipe.variants import MOST_LIMITS, MOST_SOURCES, MOST_YEARS, Variant, shifted, variant, variants
from services.recipe.veto import LONGEST, Veto, ordered
from services.reducers import METHODS, Method

__all__ = [
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
    "Example",
    "Interval",
    "Method",
    "Processing",
    "Recipe",
    "Variant",
    "Veto",
    "build_recipe",
    "clear_observations",
    "ordered",
    "shifted",
    "variant",
    "variants",
]

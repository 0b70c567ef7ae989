"""In words for people: durations, parts of a whole, and what a recipe asks for.

Names of areas are among the last, so it is shown as plain text.
"""

import re

from services.errors import NinepatchError
from services.recipe import Recipe

UNKNOWN = "a picture of another version of the program"


def duration(seconds: float) -> str:
    """`20 s`, `5 min`, `3.5 h`: never more than two digits that matter."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def ago(seconds: float) -> str:
    """`just now`, `5 min ago`, `3.5 h ago`, `12 days ago`."""
    if seconds < 20:
        return "just now"
    return f"{duration(seconds)} ago" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days ago"


def percent(part: float) -> str:
    """`0 %`, `0.04 %`, `12.3 %`: little is not nothing."""
    whole = 100 * part
    if whole == 0 or whole >= 1:
        return f"{whole:.1f} %" if whole else "0 %"
    return f"{whole:.2f} %" if whole >= 0.01 else "under 0.01 %"


def whole_percent(value: float) -> str:
    """Whole percent; what is not all or nothing never looks like it."""
    if 0 < value < 1 or 99 < value < 100:
        return "< 1 %" if value < 1 else "> 99 %"
    return f"{value:.0f} %"


def recipe_label(recipe: Recipe) -> str:
    """`Southern Finland · tile 35,25 · 2017 · at most 10 %`."""
    return f"{recipe.area} · tile {recipe.centre} · {recipe.when} · at most {recipe.maxcc} %"


def recipe_json_label(text: str) -> str:
    """The same of a recipe as JSON, which another version may have written."""
    try:
        return recipe_label(Recipe.from_json(text))
    except NinepatchError:
        return UNKNOWN


def spoken(verb: str, name: str) -> str:
    """A label that shows the verb and reads out the name too; every sign of Markdown in the name is a plain sign."""
    plain = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", name)
    return f"{verb} *{plain}*"


def angles_line(recipe: Recipe) -> tuple[tuple[str, str], ...]:
    """Label and value where view angles are evened out; no line where they are as they came."""
    return (("View angles", "evened out (NBAR)"),) if recipe.nbar else ()

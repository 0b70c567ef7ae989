"""What a recipe asks for, in a line for people: names of areas are among it, so it is shown as plain text."""

from services.errors import NinepatchError
from services.recipe import Recipe

UNKNOWN = "a picture of another version of the program"


def recipe_label(recipe: Recipe) -> str:
    """`Southern Finland · tile 35,25 · 2017 · at most 10 %`."""
    return f"{recipe.area} · tile {recipe.centre} · {recipe.when} · at most {recipe.maxcc} %"


def recipe_json_label(text: str) -> str:
    """The same of a recipe as JSON, which another version may have written."""
    try:
        return recipe_label(Recipe.from_json(text))
    except NinepatchError:
        return UNKNOWN

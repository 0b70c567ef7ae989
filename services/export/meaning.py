"""What the names in a recipe meant when its files were made: those of another meaning are not shown as its result."""

from collections.abc import Mapping
from typing import Any

from services.composite import indices_of
from services.errors import RecipeError
from services.recipe import MASKS, METHODS, Recipe
from services.registry import fingerprint
from services.render import VIEWS, default_view

_VERSION = 1
"""Of the files: counted up where the same composite comes to other numbers or pictures in them."""
FIRST: Mapping[str, str] = {
    "files": "080a9ed428559ef6",
    "mask clear": "b675928a02bffc4b",
    "mask strict": "5390ef565f8119f3",
    "mask clouds": "d05f71fe3b3db77c",
    "mask none": "96e5bfe283535b7f",
    "method median": "080a9ed428559ef6",
    "method least-cloudy": "080a9ed428559ef6",
    "view true": "43dca94ff5afd61a",
    "view false": "3e84fdf39d29afb2",
    "view swir": "5b915a357659ee7d",
    "view ndvi": "74fdbf5911e19ef0",
    "view ndwi": "f3b9a4734acab905",
    "view nbr": "8d77522dceb2a30e",
    "view ndsi": "003abda0a343c6e2",
}
"""What was meant before results noted it."""


def meaning_of(recipe: Recipe) -> dict[str, str]:
    """Of each definition that decides the files its fingerprint: mask, method, the picture's view and all indices."""
    views = (default_view(recipe.bands), *(VIEWS[index.name] for index in indices_of(recipe.bands)))
    return {
        "files": fingerprint(_VERSION),
        f"mask {recipe.mask}": fingerprint(MASKS[recipe.mask].meaning),
        f"method {recipe.method}": fingerprint(METHODS[recipe.method].version),
        **{f"view {view.name}": view.stamp for view in views},
    }


def changed(plain: Mapping[str, Any], noted: Mapping[str, str]) -> tuple[str, ...]:
    """Which of the noted definitions are others now, for a recipe as plain values: `("mask clear",)`.

    Where none was noted, the first ones are meant. An index that came later changes nothing of what there is.
    """
    try:
        now = meaning_of(Recipe.from_dict(plain))
    except RecipeError:  # it names what there is no more, and cannot be made again
        return tuple(noted)
    noted = noted or {name: FIRST[name] for name in now if name in FIRST}
    return tuple(name for name, meant in noted.items() if now.get(name) != meant)

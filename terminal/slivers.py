"""The dates that only touch a corner of the picture, and how to take them."""

from typing import TYPE_CHECKING

from services.catalogue import choose, slivers_in_words
from services.recipe import Recipe

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.ninepatch import Ninepatch


def slivers_told(product: "Ninepatch", recipe: Recipe) -> str:
    """A sentence, from the catalogue's answer that was had before; empty where no date is so small."""
    words = slivers_in_words(choose(product.known(recipe) or (), recipe), recipe)
    return f"{words} --least-coverage 0 takes them in." if words else ""

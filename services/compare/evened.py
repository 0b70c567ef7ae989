"""Two cells of a comparison with as much in common as can be had without fetching anything."""

from dataclasses import replace

from services.catalogue import kept
from services.compare.comparability import common_dates, equalise
from services.compare.matrix import Cell, of_two_sources
from services.recipe import Recipe


def evened(left: Cell, right: Cell) -> tuple[Cell, Cell]:
    """Both with the same months and as many dates, of two sources with the dates that both have; all of them are in the
    cache. Raises RecipeError."""
    even = common_dates if of_two_sources(left, right) else equalise
    one, other = even(left.recipe, left.kept, right.recipe, right.kept)
    return _of(left, one), _of(right, other)


def _of(cell: Cell, recipe: Recipe) -> Cell:
    """The cell with fewer dates."""
    return replace(
        cell, recipe=recipe, needs=recipe.with_(bands=cell.needs.bands), kept=kept(cell.kept, recipe), preview=None
    )

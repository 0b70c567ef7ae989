"""Dates that somebody leaves out, as words of a command line: found among the acquisitions that there are."""

from collections.abc import Callable, Sequence

from services.catalogue import Acquisition
from services.errors import RecipeError
from services.recipe import Recipe, Veto
from services.text import quoted


def vetoed(recipe: Recipe, words: Sequence[str] | None, search: Callable[[Recipe], Sequence[Acquisition]]) -> Recipe:
    """With a veto for each of the words, `KEY` or `2017-06-07`, and `:` with the reason; a day means all of that day.

    `search` is asked for the acquisitions only where there are words. Raises RecipeError where none is meant.
    """
    if not words:
        return recipe
    found = search(recipe)
    vetoes = list(recipe.vetoes)
    for word in words:
        name, _, reason = word.strip().partition(":")
        meant = [one.key for one in found if name in (one.key, one.date)]
        if not meant:
            raise RecipeError(
                f"--veto {quoted(name, 60)} is no acquisition in {recipe.interval.words}.",
                "Give the date or the key of one that `python cli.py acquisitions` lists, like 2017-06-07:haze.",
            )
        vetoes += [Veto.typed(key, reason) for key in meant]
    return recipe.with_(vetoes=vetoes)

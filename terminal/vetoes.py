"""Dates that somebody leaves out or takes in, as words of a command line: found among the acquisitions there are."""

from collections.abc import Callable, Sequence

from services.catalogue import Acquisition
from services.errors import RecipeError
from services.recipe import Recipe, Veto
from services.text import quoted


def by_hand(
    recipe: Recipe,
    veto: Sequence[str] | None,
    include: Sequence[str] | None,
    search: Callable[[Recipe], Sequence[Acquisition]],
) -> Recipe:
    """With what `--veto` and `--include` name, a key or a day like `2017-06-07`; a day means all of that day.

    Behind `:` stands the reason of a veto. `search` is asked for the acquisitions only where there are words. Raises
    RecipeError where none is meant.
    """
    if not veto and not include:
        return recipe
    found = search(recipe)
    vetoes, included = list(recipe.vetoes), set(recipe.included)
    for word in veto or ():
        name, _, reason = word.strip().partition(":")
        vetoes += [Veto.typed(key, reason) for key in _meant("--veto", name, found, recipe)]
    for word in include or ():
        included.update(_meant("--include", word.strip(), found, recipe))
    return recipe.with_(vetoes=vetoes, included=tuple(sorted(included - {veto.acquisition for veto in vetoes})))


def _meant(option: str, name: str, found: Sequence[Acquisition], recipe: Recipe) -> list[str]:
    keys = [one.key for one in found if name in (one.key, one.date)]
    if not keys:
        raise RecipeError(
            f"{option} {quoted(name, 60)} is no acquisition in {recipe.when}.",
            "Give the date or the key of one that `python cli.py acquisitions` lists, like 2017-06-07"
            f"{':haze' if option == '--veto' else ''}.",
        )
    return keys

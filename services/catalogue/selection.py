"""Which acquisitions a recipe keeps, and why not the others."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.catalogue import Acquisition
from services.errors import EmptyIntervalError, NothingUnderLimitError
from services.recipe import Recipe
from services.text import plural


@dataclass(frozen=True)
class Choice:
    """One acquisition under a recipe."""

    acquisition: Acquisition
    kept: bool
    reason: str
    """Why it is not kept: `12.3 % > 10 %`, or `vetoed: haze`; empty where it is."""
    vetoed: bool = False
    """Somebody does not want it, whatever its cloud cover."""


def choose(acquisitions: Iterable[Acquisition], recipe: Recipe) -> tuple[Choice, ...]:
    """Each acquisition, kept or not: kept where it is not vetoed and its cloud cover, as a number, is at most maxcc."""
    return tuple(_choice(one, recipe) for one in acquisitions)


def _choice(one: Acquisition, recipe: Recipe) -> Choice:
    veto = recipe.vetoed(one.key)
    if veto is not None:
        return Choice(one, False, f"vetoed: {veto.reason}", vetoed=True)
    if one.cloud_cover <= recipe.maxcc:
        return Choice(one, True, "")
    return Choice(one, False, f"{_percent(one.cloud_cover, recipe.maxcc)} % > {recipe.maxcc} %")


def kept(acquisitions: Iterable[Acquisition], recipe: Recipe) -> tuple[Acquisition, ...]:
    """What the recipe keeps, oldest first; empty where it keeps nothing."""
    chosen = (choice.acquisition for choice in choose(acquisitions, recipe) if choice.kept)
    return tuple(sorted(chosen, key=lambda one: one.time))


def kept_or_raise(acquisitions: Sequence[Acquisition], recipe: Recipe) -> tuple[Acquisition, ...]:
    """The same, of which there is something. Raises EmptyIntervalError or NothingUnderLimitError."""
    if not acquisitions:
        future = recipe.interval.start_time > datetime.now(UTC)
        raise EmptyIntervalError(
            f"There is no acquisition of this place in {recipe.interval.words}.",
            "Choose days that have been."
            if future
            else "Choose a longer interval: a satellite comes by every few days, in 2015 and 2016 every ten.",
        )
    found = kept(acquisitions, recipe)
    if not found:
        raise _nothing(acquisitions, recipe)
    return found


def _nothing(acquisitions: Sequence[Acquisition], recipe: Recipe) -> NothingUnderLimitError:
    """Why none is kept, and which limit would keep one."""
    wanted = [one.cloud_cover for one in acquisitions if recipe.vetoed(one.key) is None]
    dates, vetoed = plural(len(acquisitions), "date"), len(acquisitions) - len(wanted)
    if not wanted:
        return NothingUnderLimitError(f"{vetoed} of {dates} are vetoed.", "Take a veto back, or choose other days.")
    clearest = min(wanted)
    besides = f" and not vetoed, as {vetoed} of them {'are' if vetoed > 1 else 'is'}" if vetoed else ""
    return NothingUnderLimitError(
        f"0 of {dates} ≤ {recipe.maxcc} %{besides}; the clearest{' other' if vetoed else ''} has "
        f"{_percent(clearest, recipe.maxcc)} %.",
        f"Raise the cloud limit to {math.ceil(clearest)} %, or choose other days.",
    )


def _percent(clouds: float, limit: int) -> str:
    """As few decimals as show that it is more than the limit: `14`, `12.3`, `10.04`."""
    shortest = (f"{clouds:.{decimals}f}" for decimals in range(1, 9))
    text = next((text for text in shortest if float(text) > limit), repr(clouds))
    return text.removesuffix(".0")

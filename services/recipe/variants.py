"""The same question of another year, at another max. cloud cover or to another provider: the cells of a comparison."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.errors import RecipeError
from services.recipe.builder import Archive
from services.recipe.interval import Interval
from services.recipe.recipe import Recipe
from services.recipe.veto import within

MOST_YEARS = 8
"""Side by side more are not read on one screen, and each may have to be paid for."""
MOST_LIMITS = 8
"""Of cloud cover, for the same reason."""
MOST_SOURCES = 4
"""Providers, for the same reason."""


@dataclass(frozen=True, order=True)
class Variant:
    """What differs from one cell to the next."""

    year: int
    """In which the interval starts."""
    maxcc: int
    """Highest cloud cover, whole percent."""
    provider: str = ""
    """Name of the provider; empty for the recipe's own."""


def variant(recipe: Recipe, chosen: Variant, archive: Archive | None = None) -> Recipe:
    """The recipe of that year and limit, asked of that archive; the recipe itself for those that it has.

    A calendar year becomes that year, other intervals the same days by whole years. Vetoes and included dates that are
    not in it are dropped; the others hold for every archive, for an overpass has one key everywhere. Raises RecipeError
    for a year or limit that is not possible.
    """
    interval = shifted(recipe.interval, chosen.year)
    vetoes, included = recipe.vetoes, recipe.included
    if interval != recipe.interval:
        vetoes = tuple(veto for veto in vetoes if veto.may_be_in(interval))
        included = within(interval, included)
    source = {"provider": archive.name, "collection": archive.collection} if archive else {}
    return recipe.with_(interval=interval, maxcc=chosen.maxcc, vetoes=vetoes, included=included, **source)


def variants(
    recipe: Recipe, years: Iterable[int], limits: Iterable[int], archives: Sequence[Archive] = ()
) -> dict[Variant, Recipe]:
    """All years of all archives at all limits: the earliest year first, in it the archives in their order, and of each
    the lowest limit first.

    Without archives they are of the recipe's own provider. Raises RecipeError where there is no year or no limit, where
    there are too many of something, or where one is not possible.
    """
    rows = _unique("years", years, MOST_YEARS)
    columns = _unique("values of max. cloud cover", limits, MOST_LIMITS)
    if len(archives) > MOST_SOURCES:
        raise RecipeError(f"A comparison has at most {MOST_SOURCES} sources, got {len(archives)}.", "Choose fewer.")
    sources = archives or (None,)
    return {
        (cell := Variant(year, maxcc, archive.name if archive else "")): variant(recipe, cell, archive)
        for year in rows
        for archive in sources
        for maxcc in columns
    }


def shifted(interval: Interval, year: int) -> Interval:
    """The same days with their start in that year.

    Where that year has no 29 February an interval that starts on it starts on the 28th, and one that ends before it
    ends with the 28th. Raises RecipeError for what is no year, and for one without pictures.
    """
    years = year - interval.start.year
    last = year + interval.end.year - interval.start.year
    if year < 1 or last > 9999:
        raise RecipeError(f"{year} is not a year.", "Give a year from 2015 on.")
    return Interval(_moved(interval.start, years, leap=(2, 28)), _moved(interval.end, years, leap=(3, 1)))


def _moved(day: date, years: int, leap: tuple[int, int]) -> date:
    """The same day of another year; `leap` is the month and day in place of 29 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, *leap)


def _unique(name: str, values: Iterable[int], most: int) -> tuple[int, ...]:
    """Upwards and each once. Raises RecipeError."""
    found = tuple(sorted(set(values)))
    if not 1 <= len(found) <= most:
        raise RecipeError(
            f"A comparison has 1 to {most} {name}, got {len(found)}.",
            f"Choose {'one at least' if not found else 'fewer'}.",
        )
    return found

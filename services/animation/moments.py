"""Which pictures a timelapse has: each date, month or year of which the cache has something, oldest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from services.cache import MissingFrame
from services.catalogue import Acquisition
from services.errors import NoDataError, RecipeError
from services.preview import PreviewService
from services.recipe import Recipe, Variant, variant
from services.text import plural

DATES, MONTHS, YEARS = "dates", "months", "years"
KINDS = {DATES: "Dates", MONTHS: "Months", YEARS: "Years"}
"""What a picture of it is of, with what people read."""
MOST_FRAMES = 120
"""A minute at two a second; more nobody watches, and they would keep others waiting."""
_FIRST_YEAR = 2015
"""Of Sentinel-2."""


@dataclass(frozen=True)
class Moment:
    """One picture of it."""

    label: str
    """Burnt in: `2017-06-12`, `June 2017, 3 of 5 dates`."""
    recipe: Recipe
    """Whose mask and method it has."""
    dates: tuple[Acquisition, ...]
    """That it is made of, oldest first; one at least, and all are in the cache."""


@dataclass(frozen=True)
class Storyboard:
    """All pictures of it."""

    moments: tuple[Moment, ...]
    """Oldest first, MOST_FRAMES at most."""
    left_out: tuple[str, ...]
    """Days, months or years that the cache lacks."""


def storyboard(service: PreviewService, recipe: Recipe, view: str, kind: str) -> Storyboard:
    """What the cache has of it. Raises MissingFrame where there is nothing, RecipeError for too many pictures."""
    moments, left_out = _FINDERS[kind](service, recipe, view)
    if not moments:
        raise MissingFrame(f"Of these {kind} nothing is in the cache.", "Fetch the picture first, or choose others.")
    if len(moments) > MOST_FRAMES:
        raise RecipeError(
            f"A timelapse has at most {MOST_FRAMES} pictures; these would be {len(moments)} {kind}.",
            "Choose months instead, a shorter interval, or a lower max. cloud cover.",
        )
    return Storyboard(tuple(moments), tuple(left_out))


_Found = tuple[list[Moment], list[str]]


def _dates(service: PreviewService, recipe: Recipe, view: str) -> _Found:
    here, lacking = service.dates_here(recipe, view)
    return [Moment(one.date, recipe, (one,)) for one in here], [one.date for one in lacking]


def _months(service: PreviewService, recipe: Recipe, view: str) -> _Found:
    return _grouped(service, recipe, view, "%B %Y")


def _years(service: PreviewService, recipe: Recipe, view: str) -> _Found:
    """Of the interval where it has several; else the same days of every year."""
    if recipe.interval.start.year != recipe.interval.last.year:
        return _grouped(service, recipe, view, "%Y")
    moments, left_out = list[Moment](), list[str]()
    for year in range(_FIRST_YEAR, datetime.now(UTC).year + 1):
        try:
            found, lacking = _grouped(service, variant(recipe, Variant(year, recipe.maxcc)), view, "%Y")
        except (MissingFrame, NoDataError, RecipeError):  # nobody has asked for that year, or it is before the first
            found, lacking = [], [str(year)]
        moments += found
        left_out += lacking
    return moments, left_out


def _grouped(service: PreviewService, recipe: Recipe, view: str, pattern: str) -> _Found:
    """One picture of the dates of which the pattern says the same."""
    here, lacking = service.dates_here(recipe, view)
    moments, left_out = list[Moment](), list[str]()
    dates = sorted((*here, *lacking), key=lambda one: one.time)
    for label, group in groupby(dates, key=lambda one: one.time.strftime(pattern)):
        all_of_it = list(group)
        there = tuple(one for one in all_of_it if one in here)
        if there:
            moments.append(Moment(f"{label}, {_count(there, all_of_it)}", recipe, there))
        else:
            left_out.append(label)
    return moments, left_out


def _count(here: Sequence[Acquisition], wanted: Sequence[Acquisition]) -> str:
    said = plural(len(wanted), "date")
    return said if len(here) == len(wanted) else f"{len(here)} of {said}"


_FINDERS: dict[str, Callable[[PreviewService, Recipe, str], _Found]] = {
    DATES: _dates,
    MONTHS: _months,
    YEARS: _years,
}

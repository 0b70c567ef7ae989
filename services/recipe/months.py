"""Months of the year that count: one season of many years, as numbers, as a text of a link, and in words."""

import re
from calendar import month_name
from collections.abc import Iterable

from services.errors import RecipeError
from services.text import quoted

YEAR = tuple(range(1, 13))
_PART = re.compile(r"([a-z]{3,9}|\d{1,2})(?:-([a-z]{3,9}|\d{1,2}))?")


def months_of(months: Iterable[int]) -> tuple[int, ...]:
    """In the order of the year, each once; empty where all twelve count, so that one question has one digest."""
    found = tuple(sorted(set(months)))
    return () if found == YEAR else found


def months_text(months: tuple[int, ...]) -> str:
    """`6-8`, `12-2`, `3-5,9`: for links and names; empty where all count."""
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in _runs(months))


def months_words(months: tuple[int, ...]) -> str:
    """`June to August`, `December to February`, `March and June to August`; empty where all count."""
    found = [
        month_name[first] if first == last else f"{month_name[first]} to {month_name[last]}"
        for first, last in _runs(months)
    ]
    return " and ".join(filter(None, (", ".join(found[:-1]), *found[-1:])))


def typed_months(text: str) -> tuple[int, ...]:
    """`6-8`, `12-2`, `jun-aug` or `3,6-8`, as months_text gives it or as somebody types it. Raises RecipeError."""
    found: set[int] = set()
    for part in filter(None, (one.strip() for one in text.lower().split(","))):
        ends = _PART.fullmatch(part.replace(" ", "").replace("–", "-"))
        if ends is None:
            raise _unknown(part)
        first = _month(ends[1])
        last = _month(ends[2]) if ends[2] else first
        found.update((first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1))
    return months_of(found)


def _runs(months: tuple[int, ...]) -> list[tuple[int, int]]:
    """First and last month of each season, over the new year where it goes on there."""
    starts = [month for month in months if (month - 2) % 12 + 1 not in months]
    ends = [month for month in months if month % 12 + 1 not in months]
    return [(start, min(ends, key=lambda end: (end - start) % 12)) for start in starts]


def _month(word: str) -> int:
    if word.isdigit() and int(word) in YEAR:
        return int(word)
    named = [month for month in YEAR if month_name[month].lower().startswith(word)]
    if len(named) != 1:
        raise _unknown(word)
    return named[0]


def _unknown(word: str) -> RecipeError:
    return RecipeError(f"{quoted(word, 20)} is no month of the year.", "Give months like 6-8, 12-2 or jun-aug.")

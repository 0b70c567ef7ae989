"""Item search: what every catalogue that speaks STAC is asked with, and what a page of its answer is."""

from typing import Any

from services.catalogue import PASS
from services.errors import BadResponse
from services.geo import Bounds
from services.providers.http import Answer
from services.recipe import Interval

PAGE = 100
"""Items of one page: the largest of most services."""
MAX_PAGES = 500
"""Beyond that the catalogue does not end; a year over the busiest neighbourhood has about 60."""
ADVICE = "Ask again later; if it stays so, check the provider's base_url and collection in the settings."


def search_terms(collection: str, interval: Interval, limit: int) -> dict[str, Any]:
    """The question but for its place: without a filter.

    A little beyond the interval: a pass over midnight belongs whole to the day on which it begins.
    """
    begin, end = interval.start_time - PASS, interval.end_time + PASS
    return {
        "collections": [collection],
        "datetime": f"{begin:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}",
        "limit": limit,
    }


def on_earth(bounds: Bounds) -> Bounds:
    """West, south, east, north in degrees, within what a `bbox` may have."""
    west, south, east, north = bounds
    return max(-180.0, west), max(-90.0, south), min(180.0, east), min(90.0, north)


def page_of(answer: Answer, onward: str, kind: type) -> dict[str, Any]:
    """One page: `features`, and where there is more, `onward` of that kind. Raises BadResponse where it is none."""
    page = answer.json()
    features = page.get("features") if isinstance(page, dict) else None
    whole = isinstance(features, list) and all(isinstance(item, dict) and "id" in item for item in features)
    if not whole or not isinstance(page.get(onward), kind | None):
        raise BadResponse("The catalogue answered with something that is no list of items.", ADVICE)
    return dict(page)

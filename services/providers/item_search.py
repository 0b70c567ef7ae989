"""Item search: what every catalogue that speaks STAC is asked with, and what a page of its answer is."""

from math import ceil, cos, radians
from typing import Any

from services.catalogue import PASS
from services.errors import BadResponse
from services.geo import Bounds
from services.grid import TileBlock
from services.providers.http import Answer
from services.recipe import Interval

PAGE = 100
"""Items of one page: the largest of most services."""
MAX_PAGES = 500
"""More of one answer are not asked for; a year over the busiest neighbourhood has about 60."""
PASSES_PER_DAY = 0.21
"""Of two satellites over a place at the equator: 143 orbits in ten days, each 290 km wide."""
_TILE, _OVERLAP = 100.0, 9.8
"""Kilometres from one granule to the next, and by which they overlap."""
_DEGREE, _SWATH = 111.2, 290.0
"""Kilometres of a degree of latitude, and that a pass is wide."""
_ZONE = 6
"""Degrees of a UTM zone."""
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


def expected_pages(neighbourhood: TileBlock, interval: Interval) -> int:
    """About how many pages the answer has: by how often satellites pass there, and how many granules a pass has over
    the rectangle in degrees that is asked for, which is larger than the place far from the middle of its zone."""
    west, south, east, north = neighbourhood.bounds_wgs84
    degree = max(0.2, cos(radians((south + north) / 2))) * _DEGREE
    width, height = (east - west) % 360 * degree, (north - south) * _DEGREE
    passes = (interval.end - interval.start).days * PASSES_PER_DAY * _DEGREE / degree
    passes *= 1 + min(width, _TILE + _OVERLAP) / _SWATH  # that see a part of a granule
    columns = 1 + (_OVERLAP + width) / _TILE + width / (_ZONE * degree)  # one more where two zones meet
    return max(1, ceil(passes * columns * (1 + (_OVERLAP + height) / _TILE) / PAGE))


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

"""A search of the catalogue: read strictly, then answered with granules, newest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from shapely import MultiPolygon, box
from shapely.geometry.base import BaseGeometry

from services.demo.orbits import Granule, granule_with_id, granules_over
from services.demo.protocol.cql2 import Comparison, parse_filter
from services.demo.protocol.payload import ApiError, JsonObject, instant, polygons
from services.demo.protocol.stac_items import COLLECTION, DEFAULT_FIELDS, item, select_fields

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
FIRST = datetime(2015, 6, 1, tzinfo=UTC)
"""Before the first acquisition."""
LAST = datetime(9000, 1, 1, tzinfo=UTC)
_KEPT = 4
"""Questions whose granules are kept: some tens of MB at most where one is of a whole country."""


@dataclass(frozen=True)
class Search:
    """What is asked for."""

    area: BaseGeometry | None
    """Degrees; None where only ids are asked for."""
    begin: datetime
    end: datetime
    """Both inclusive, UTC."""
    ids: tuple[str, ...]
    conditions: tuple[Comparison, ...]
    include: tuple[str, ...] | None
    """Fields; None is all of them."""
    exclude: tuple[str, ...]
    by_date: bool
    """Days in place of items."""
    limit: int
    first: int
    """How many are left out from the front: `next` of the page before."""

    def granules(self) -> Iterator[Granule]:
        """All of them, newest first; their cloud cover is looked at only as far as the iteration goes."""
        found: tuple[Granule, ...] = ()
        if self.ids:
            named = (granule_with_id(text) for text in self.ids)
            some = [one for one in named if one is not None and self.begin <= one.time <= self.end]
            if self.area is not None:
                some = [one for one in some if self.area.intersects(one.view.footprint_wgs84)]
            found = _newest_first(some)
        elif self.area is not None:
            now = datetime.now(UTC).replace(second=0, microsecond=0)
            found = _all_over(self.area, self.begin, min(self.end, now))
        return (one for one in found if all(condition.holds(one.cloud_cover) for condition in self.conditions))

    def answer(self, root: str) -> dict[str, Any]:
        """One page."""
        features: Iterable[Granule | str] = self.granules()
        if self.by_date:
            features = dict.fromkeys(f"{granule.time:%Y-%m-%d}" for granule in self.granules())
        found = list(islice(features, self.first, self.first + self.limit + 1))  # one more, to see whether there is
        page = found[: self.limit]
        context: dict[str, int] = {"limit": self.limit, "returned": len(page)}
        if len(found) > len(page):
            context["next"] = self.first + self.limit
        return {
            "type": "FeatureCollection",
            "features": [one if isinstance(one, str) else self._item(one, root) for one in page],
            "links": [{"href": f"{root}/search", "rel": "self", "type": "application/json"}],
            "context": context,
        }

    def _item(self, granule: Granule, root: str) -> dict[str, Any]:
        wanted = self.include is None or any(
            path in {"properties", "properties.eo:cloud_cover"} for path in self.include
        )
        whole = item(granule, root, cloud_cover=wanted)
        return select_fields(whole, list(whole) if self.include is None else list(self.include), list(self.exclude))


def _newest_first(granules: Iterable[Granule]) -> tuple[Granule, ...]:
    return tuple(sorted(granules, key=lambda one: (one.time, one.view.tile.name), reverse=True))


@lru_cache(maxsize=_KEPT)
def _all_over(area: BaseGeometry, begin: datetime, end: datetime) -> tuple[Granule, ...]:
    """Kept for the pages that follow: each is some of the same, and to find them takes longer the more there are."""
    return _newest_first(granules_over(area, begin, end))


def read_search(body: Any) -> Search:
    """Raises ApiError."""
    part = JsonObject(body)
    _check_collection(part)
    ids = tuple(part.texts("ids"))
    if "datetime" not in part and not ids:
        raise ApiError("`datetime` is required.", parameter="datetime")
    area = _area(part)
    if area is None and not ids:
        raise ApiError("`bbox` or `intersects` is required.", parameter="bbox")
    begin, end = interval(part.text("datetime", "../.."))
    include, exclude = _fields(part)
    return Search(
        area=area,
        begin=begin,
        end=end,
        ids=ids,
        conditions=parse_filter(part.raw("filter"), part.choice("filter-lang", ("", "cql2-text", "cql2-json"), "")),
        include=include,
        exclude=exclude,
        by_date=part.choice("distinct", ("", "date"), "") == "date",
        limit=min(_counted(part, "limit", 1, DEFAULT_LIMIT), MAX_LIMIT),
        first=_counted(part, "next", 0, 0),
    )


def _check_collection(part: JsonObject) -> None:
    if "query" in part:
        raise ApiError("`query` was removed; use `filter`.", parameter="query")
    collections = part.texts("collections")
    if len(collections) != 1:
        raise ApiError("Exactly one collection should be given.", parameter="collections")
    if collections[0] != COLLECTION:
        raise ApiError(f"Collection `{collections[0]}` was not found.", 404, parameter="collections")


def _counted(part: JsonObject, key: str, least: int, default: int) -> int:
    """A whole number from `least` on."""
    value = part.whole(key)
    if value is not None and value < least:
        raise part.wrong(key, f"{least} or more")
    return default if value is None else value


def interval(text: str) -> tuple[datetime, datetime]:
    """`A/B` with `..` or nothing for an open end, or one instant. Raises ApiError."""
    begin, slash, end = text.partition("/")
    first = FIRST if begin in {"", ".."} and slash else instant(begin, "datetime")
    last = first if not slash else LAST if end in {"", ".."} else instant(end, "datetime")
    if first > last:
        raise ApiError(f"`datetime` begins after it ends: {text}.", parameter="datetime")
    return first, last


def _fields(part: JsonObject) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """What is included (None: all) and what is excluded from that."""
    if "fields" not in part:
        return None, ()
    fields = part.part("fields")
    include, exclude = tuple(fields.texts("include")), tuple(fields.texts("exclude"))
    if include and "exclude" in fields:
        return include, exclude
    return (*DEFAULT_FIELDS, *include), exclude


def _area(part: JsonObject) -> BaseGeometry | None:
    """In degrees inside ±180; None where none is given."""
    if "bbox" in part and "intersects" in part:
        raise ApiError("Only one of `bbox` and `intersects` can be given.", parameter="bbox")
    if "intersects" in part:
        return polygons(part.raw("intersects"), "intersects")
    bbox = part.numbers("bbox", 4)
    if bbox is None:
        return None
    west, south, east, north = bbox
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise part.wrong("bbox", "[west, south, east, north] in degrees")
    if west > east:
        return MultiPolygon([box(west, south, 180, north), box(-180, south, east, north)])
    return box(west, south, east, north)

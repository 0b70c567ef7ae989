"""Which acquisitions there are: asked once for a neighbourhood and an interval, without a cloud limit, and kept."""

import hashlib
import json
import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sentinelhub.constants import MimeType, RequestType
from sentinelhub.download.models import DownloadRequest

from services.account import Account
from services.acquisitions import PASS, Acquisition, acquisitions_from_json, acquisitions_to_json, join
from services.answer import Answer
from services.diskstore import ByteStore
from services.errors import BadResponse, EmptyIntervalError, NothingUnderLimitError
from services.interval import Interval
from services.lattice import Neighbourhood
from services.pace import never
from services.providers import Provider
from services.recipe import Recipe
from services.settings import Settings
from services.utm import Bounds

PATH = "/api/v1/catalog/1.0.0/search"
PAGE = 100
"""Items of one page: the service's largest."""
MAX_PAGES = 500
"""Beyond that the catalogue does not end; a year over the busiest neighbourhood has about 60."""
SETTLED = timedelta(days=60)
"""An interval that ended so long ago gets no new acquisitions, but for processing again."""
SHORTEST_SECONDS = 60.0
"""An answer is kept at least so long, or the page that shows it would never find it."""
STORE_BYTES = 500 * 10**6
"""Size limit of the kept answers; a year over a neighbourhood takes some tens of kB."""
_VERSION = 1
_ADVICE = "Ask again later; if it stays so, check the provider's base_url and collection in the settings."


class Catalogue:
    """The catalogue of one account."""

    def __init__(self, account: Account, settings: Settings) -> None:
        self._account, self._settings = account, settings

    def search(
        self, neighbourhood: Neighbourhood, interval: Interval, cancelled: Callable[[], bool] = never
    ) -> tuple[Acquisition, ...]:
        """All acquisitions that begin in the interval, oldest first; the answer is kept for `known`.

        Asked a little beyond the interval: a pass over midnight belongs whole to the day on which it begins.
        Raises ProviderError, StorageError, and Cancelled once `cancelled` says so.
        """
        provider = self._account.provider
        items = self._items(search_payload(provider, neighbourhood.bounds_wgs84, interval), cancelled)
        begin, end = interval.start_time, interval.end_time
        found = tuple(one for one in join(items, neighbourhood) if begin <= one.time < end)
        _store(self._settings.home).put(
            _key(provider, neighbourhood, interval),
            zlib.compress(acquisitions_to_json(found)),
            expire=_seconds_kept(interval, self._settings),
        )
        return found

    def page(self, payload: dict[str, Any], cancelled: Callable[[], bool] = never) -> dict[str, Any]:
        """One page: `features`, and `context` where there are more. Raises ProviderError."""
        request = DownloadRequest(
            url=self._account.provider.base_url + PATH,
            request_type=RequestType.POST,
            post_values=payload,
            headers={"accept": "*/*"},
            data_type=MimeType.JSON,
            use_session=True,
        )
        return self._account.send(request, _page, cancelled=cancelled)

    def _items(self, payload: dict[str, Any], cancelled: Callable[[], bool]) -> Iterable[dict[str, Any]]:
        """Of all pages, each once: an item that is added meanwhile moves the others to the next page."""
        items: dict[str, dict[str, Any]] = {}
        following: int | None = None
        for _ in range(MAX_PAGES):
            page = self.page(payload if following is None else payload | {"next": following}, cancelled)
            for item in page["features"]:
                items[str(item["id"])] = item
            after = page.get("context", {}).get("next")
            if after is None or not page["features"]:
                return items.values()
            if isinstance(after, bool) or not isinstance(after, int) or after <= (following or 0):
                raise BadResponse(f"The catalogue's next page begins at {after!r}, after {following or 0}.", _ADVICE)
            following = after
        raise BadResponse(f"The catalogue's answer has more than {MAX_PAGES} pages.", _ADVICE)


def search_payload(provider: Provider, bounds: Bounds, interval: Interval, limit: int = PAGE) -> dict[str, Any]:
    """The question as STAC has it: no filter, and no choice of fields, whose default differs between services.

    `bounds` are west, south, east, north in degrees; west > east across the 180th meridian, which no `bbox` of the
    service crosses: then two rectangles are asked for in one question.
    """
    west, south, east, north = bounds
    west, south, east, north = max(-180.0, west), max(-90.0, south), min(180.0, east), min(90.0, north)
    place: dict[str, Any] = {"bbox": [west, south, east, north]}
    if west > east:
        rectangles = [[_ring(west, south, 180.0, north)], [_ring(-180.0, south, east, north)]]
        place = {"intersects": {"type": "MultiPolygon", "coordinates": rectangles}}
    begin, end = interval.start_time - PASS, interval.end_time + PASS
    return {
        "collections": [provider.collection],
        "datetime": f"{begin:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}",
        **place,
        "limit": limit,
    }


def _ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _page(answer: Answer) -> dict[str, Any]:
    """Raises BadResponse where it is no page of items."""
    page = answer.json()
    features = page.get("features") if isinstance(page, dict) else None
    whole = isinstance(features, list) and all(isinstance(item, dict) and "id" in item for item in features)
    if not whole or not isinstance(page.get("context", {}), dict):
        raise BadResponse("The catalogue answered with something that is no list of items.", _ADVICE)
    return dict(page)


def known(
    provider: Provider, settings: Settings, neighbourhood: Neighbourhood, interval: Interval
) -> tuple[Acquisition, ...] | None:
    """The kept answer, or None where there is none or it is too old. Asks nobody, and needs no account."""
    kept = _store(settings.home).get(_key(provider, neighbourhood, interval))
    if kept is None:
        return None
    try:
        return _unpacked(kept)
    except (zlib.error, KeyError, TypeError, ValueError):  # of another version of this program
        return None


@lru_cache(maxsize=32)
def _unpacked(answer: bytes) -> tuple[Acquisition, ...]:
    """The same objects for the same answer: they remember where they lie and what they touch."""
    return acquisitions_from_json(zlib.decompress(answer))


def _key(provider: Provider, neighbourhood: Neighbourhood, interval: Interval) -> str:
    """Without the account. The demo archive's address, which changes, does not matter."""
    bounds = [(edge + 0.0).hex() for edge in neighbourhood.bounds]
    address = "" if provider.simulated else provider.base_url
    named = [_VERSION, provider.name, address, provider.collection, neighbourhood.lattice.epsg, bounds, interval.label]
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def _seconds_kept(interval: Interval, settings: Settings) -> float:
    settled = interval.end_time + SETTLED < datetime.now(UTC)
    hours = settings.catalogue_hours_past if settled else settings.catalogue_hours
    return max(SHORTEST_SECONDS, hours * 3600)


@lru_cache(maxsize=8)
def _store(home: Path) -> ByteStore:
    return ByteStore(home / "catalogue", STORE_BYTES)


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
    veto = recipe.vetoed(one)
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
            f"There is no acquisition of this place in {recipe.interval.label}.",
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
    wanted = [one.cloud_cover for one in acquisitions if recipe.vetoed(one) is None]
    dates, vetoed = _dates(len(acquisitions)), len(acquisitions) - len(wanted)
    if not wanted:
        return NothingUnderLimitError(f"{vetoed} of {dates} are vetoed.", "Take a veto back, or choose other days.")
    clearest = min(wanted)
    besides = f" and not vetoed, as {vetoed} of them {'are' if vetoed > 1 else 'is'}" if vetoed else ""
    return NothingUnderLimitError(
        f"0 of {dates} ≤ {recipe.maxcc} %{besides}; the clearest{' other' if vetoed else ''} has "
        f"{_percent(clearest, recipe.maxcc)} %.",
        f"Raise the cloud limit to {math.ceil(clearest)} %, or choose other days.",
    )


def _dates(count: int) -> str:
    return f"{count} date{'' if count == 1 else 's'}"


def _percent(clouds: float, limit: int) -> str:
    """As few decimals as show that it is more than the limit: `14`, `12.3`, `10.04`."""
    shortest = (f"{clouds:.{decimals}f}" for decimals in range(1, 9))
    text = next((text for text in shortest if float(text) > limit), repr(clouds))
    return text.removesuffix(".0")

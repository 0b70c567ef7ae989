"""Which acquisitions a STAC catalogue has: asked for a neighbourhood and an interval, without a cloud limit."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from services.cancellation import never
from services.errors import BadResponse
from services.geo import Bounds
from services.providers.base import AskPage, TryCallback, directly, ignore
from services.providers.http import Answer
from services.providers.item_search import ADVICE, MAX_PAGES, PAGE, on_earth, page_of, search_terms
from services.providers.stac.asking import Client
from services.providers.stac.items import SIMULATED
from services.providers.stac.profile import Profile
from services.recipe import Interval
from services.text import shorten

MOST_BYTES = 2**28
"""Of all pages together; where a catalogue gives whole items, such a year takes half of it."""
_PROPERTIES = (
    *("datetime", "platform", "eo:cloud_cover", "sat:relative_orbit", "earthsearch:boa_offset_applied"),
    *("s2:product_uri", "s2:processing_baseline", "s2:generation_time"),
    *("proj:epsg", "proj:code", "proj:shape", "proj:transform", SIMULATED),
)


@dataclass(frozen=True)
class Question:
    """One request for a page."""

    method: str
    url: str
    body: Mapping[str, Any] | None
    """As JSON; None for GET, whose address says all."""

    @property
    def identity(self) -> str:
        """Equal where two ask for the same page."""
        return json.dumps([self.method, self.url, self.body], sort_keys=True)


def items_of(
    client: Client,
    bounds: Bounds,
    interval: Interval,
    cancelled: Callable[[], bool] = never,
    ask: AskPage = directly,
) -> list[dict[str, Any]]:
    """All items there, each once; each page is asked for by `ask`. Raises ProviderError and Cancelled."""
    found: dict[str, dict[str, Any]] = {}
    for body in search_bodies(client.profile, bounds, interval):
        for page in _pages(client, Question("POST", f"{client.profile.base_url}/search", body), cancelled, ask):
            found |= {str(item["id"]): item for item in page["features"]}
    return list(found.values())


def search_bodies(profile: Profile, bounds: Bounds, interval: Interval, limit: int = PAGE) -> Iterator[dict[str, Any]]:
    """The questions as STAC has them: a second one across the 180th meridian, which no `bbox` of a catalogue crosses.

    `bounds` are west, south, east, north in degrees; west > east there. Asked a little beyond the interval: a pass
    over midnight belongs whole to the day on which it begins.
    """
    west, south, east, north = on_earth(bounds)
    for left, right in [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]:
        place = {"bbox": [left, south, right, north], "fields": {"include": _fields(profile)}}
        yield search_terms(profile.collection, interval, limit) | place


def ask_page(client: Client, question: Question, heard: TryCallback = ignore) -> dict[str, Any]:
    """One page: `features`, and `links` where there are more. Raises ProviderError."""
    return client.ask(question.method, question.url, _page, question.body, heard=heard)


def following(page: Mapping[str, Any], asked: Question, profile: Profile) -> Question | None:
    """The question for the next page, as the link of this one says it; None where it was the last.

    Raises BadResponse where the link leads to another host, or is none.
    """
    links = page.get("links") or []
    link = next((one for one in links if isinstance(one, dict) and one.get("rel") == "next"), None)
    if link is None or not page["features"]:
        return None
    method, given = str(link.get("method", "GET")).upper(), link.get("body")
    home, there = urlsplit(profile.base_url), _address(asked.url, str(link.get("href", "")))
    host = shorten(there.netloc) or "no address"
    if there.netloc != home.netloc or method not in ("GET", "POST"):
        raise BadResponse(
            f"The next page of {profile.title} is said to be at {host}, by {shorten(method)}; "
            f"only {home.netloc} is asked.",
            ADVICE,
        )
    url = there._replace(scheme=home.scheme).geturl()  # behind a proxy a catalogue may not know that it is encrypted
    if method == "GET":
        return Question("GET", url, None)
    body = given if isinstance(given, dict) else {}
    whole = link.get("merge") is not True and "collections" in body
    return Question("POST", url, body if whole else {**(asked.body or {}), **body})


def _address(base: str, href: str) -> SplitResult:
    """Where a link leads from there; nowhere where it is none."""
    try:
        return urlsplit(urljoin(base, href))
    except ValueError:
        return urlsplit("")


def _pages(client: Client, question: Question, cancelled: Callable[[], bool], ask: AskPage) -> Iterator[dict[str, Any]]:
    asked: set[str] = set()
    follow: Question | None = question
    came = 0

    def accept(answer: Answer) -> dict[str, Any]:
        nonlocal came
        came += answer.bytes
        return _page(answer)

    while follow is not None:
        if follow.identity in asked or len(asked) == MAX_PAGES:
            what = f"has more than {MAX_PAGES} pages" if len(asked) == MAX_PAGES else "leads back to a page of its own"
            raise BadResponse(f"The answer of {client.profile.title} {what}.", ADVICE)
        asked.add(follow.identity)
        page = ask(partial(client.ask, follow.method, follow.url, accept, follow.body, cancelled))
        if came > MOST_BYTES:
            raise BadResponse(
                f"The answer of {client.profile.title} takes more than {MOST_BYTES / 1e6:.0f} MB.", ADVICE
            )
        yield page
        follow = following(page, follow, client.profile)


def _fields(profile: Profile) -> list[str]:
    """What is needed of an item; a catalogue that does not know `fields` gives all of it."""
    assets = [f"assets.{name}" for _, name in profile.assets]
    return ["id", "type", "geometry", "collection", *(f"properties.{name}" for name in _PROPERTIES), *assets]


def _page(answer: Answer) -> dict[str, Any]:
    return page_of(answer, "links", list)

"""Which acquisitions there are: asked for a neighbourhood and an interval, without a cloud limit."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from services.cancellation import never
from services.catalogue import Acquisition, join, sound
from services.errors import BadResponse
from services.geo import Bounds
from services.grid import TileBlock
from services.providers.base import AskPage, directly, ignore
from services.providers.item_search import ADVICE, MAX_PAGES, PAGE, on_earth, page_of, search_terms
from services.providers.kept_answers import keep_search
from services.providers.sentinelhub.client import AnswerCallback, Client
from services.providers.sentinelhub.deployment import Deployment
from services.recipe import Interval
from services.settings import Settings

PATH = "/api/v1/catalog/1.0.0/search"


class Catalogue:
    """The catalogue of one account."""

    def __init__(self, account: Client, settings: Settings) -> None:
        self._account, self._settings = account, settings

    def search(
        self,
        neighbourhood: TileBlock,
        interval: Interval,
        cancelled: Callable[[], bool] = never,
        ask: AskPage = directly,
    ) -> tuple[Acquisition, ...]:
        """All acquisitions that begin in the interval, oldest first; the answer is kept for `cached_search`.

        Items that are no granules are left out, and named by `search_notes`. Each page is asked for by `ask`.

        Asked a little beyond the interval: a pass over midnight belongs whole to the day on which it begins.
        Raises ProviderError, StorageError, and Cancelled once `cancelled` says so.
        """
        provider = self._account.provider
        payload = search_payload(provider, neighbourhood.bounds_wgs84, interval)
        items, notes = sound(self._items(payload, cancelled, ask))
        begin, end = interval.start_time, interval.end_time
        found = tuple(one for one in join(items, neighbourhood) if begin <= one.time < end)
        keep_search(provider, self._settings, neighbourhood, interval, found, notes)
        return found

    def page(
        self, payload: dict[str, Any], cancelled: Callable[[], bool] = never, heard: AnswerCallback = ignore
    ) -> dict[str, Any]:
        """One page: `features`, and `context` where there are more; `heard` hears of each try. Raises ProviderError."""
        from sentinelhub.constants import MimeType, RequestType
        from sentinelhub.download.models import DownloadRequest

        request = DownloadRequest(
            url=self._account.provider.base_url + PATH,
            request_type=RequestType.POST,
            post_values=payload,
            headers={"accept": "*/*"},
            data_type=MimeType.JSON,
            use_session=True,
        )
        return self._account.send(
            request, lambda answer: page_of(answer, "context", dict), cancelled=cancelled, heard=heard
        )

    def _items(self, payload: dict[str, Any], cancelled: Callable[[], bool], ask: AskPage) -> Iterable[dict[str, Any]]:
        """Of all pages, each once: an item that is added meanwhile moves the others to the next page."""
        items: dict[str, dict[str, Any]] = {}
        following: int | None = None
        for _ in range(MAX_PAGES):
            asked = payload if following is None else payload | {"next": following}
            page = ask(partial(self.page, asked, cancelled))
            for item in page["features"]:
                items[str(item["id"])] = item
            after = (page.get("context") or {}).get("next")
            if after is None or not page["features"]:
                return items.values()
            if isinstance(after, bool) or not isinstance(after, int) or after <= (following or 0):
                raise BadResponse(f"The catalogue's next page begins at {after!r}, after {following or 0}.", ADVICE)
            following = after
        raise BadResponse(f"The catalogue's answer has more than {MAX_PAGES} pages.", ADVICE)


def search_payload(provider: Deployment, bounds: Bounds, interval: Interval, limit: int = PAGE) -> dict[str, Any]:
    """The question as STAC has it: no filter, and no choice of fields, whose default differs between services.

    `bounds` are west, south, east, north in degrees; west > east across the 180th meridian, which no `bbox` of the
    service crosses: then two rectangles are asked for in one question.
    """
    west, south, east, north = on_earth(bounds)
    place: dict[str, Any] = {"bbox": [west, south, east, north]}
    if west > east:
        rectangles = [[_ring(west, south, 180.0, north)], [_ring(-180.0, south, east, north)]]
        place = {"intersects": {"type": "MultiPolygon", "coordinates": rectangles}}
    return search_terms(provider.collection, interval, limit) | place


def _ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def item_href(provider: Deployment, granule: str) -> str:
    """Where the provider's catalogue has it.

    The demo archive has another address at each start, so its granules have names in place of addresses:
    `urn:ninepatch:demo-archive:` with collection and id.
    """
    if provider.simulated:
        return f"urn:ninepatch:demo-archive:{provider.collection}:{granule}"
    return f"{provider.base_url}/api/v1/catalog/1.0.0/collections/{provider.collection}/items/{granule}"

"""Rate limits by token buckets: what one member may ask for in a minute, and how many pages they may have open."""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from pages.limits.who import come_back, member_of

FREE, PLAIN, HEAVY = 0, 1, 10
"""What a request counts for."""
COSTS = {
    "/static/": FREE,
    "/assets/": FREE,
    "/health": FREE,
    "/_stcore/health": FREE,
    "/_stcore/upload_file/": HEAVY,
    "/grids/": HEAVY,
    "/ledger/": HEAVY,
}
"""By how its path begins; all others are plain, but for whole zips."""
WHOLE = "/everything.zip"
MOST_BUCKETS = 10_000
"""Members and addresses that are remembered; who was away for longest is forgotten."""


class TokenBuckets:
    """Each member's holds what a minute allows, and fills as time passes."""

    def __init__(self, minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Tokens a minute, and at most so many at once."""
        self._minute, self._clock = minute, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Tokens, and when they were counted."""

    def take(self, member: str, cost: int) -> float:
        """Seconds after which there are enough tokens; 0 where there were, and they are taken."""
        now = self._clock()
        left, then = self._left.pop(member, (float(self._minute), now))
        left = min(self._minute, left + (now - then) * self._minute / 60)
        wait = max(0.0, (cost - left) * 60 / self._minute)
        self._left[member] = left if wait else left - cost, now
        if len(self._left) > MOST_BUCKETS:
            self._left.popitem(last=False)
        return wait


class RateLimit:
    """Refuses with 429 and a sentence what is beyond a member's share; runs in the event loop, so it needs no lock."""

    def __init__(
        self, app: ASGIApp, *, prefix: str, minute: int, pages: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app, self._prefix, self._buckets = app, prefix, TokenBuckets(minute, clock)
        self._pages, self._open = pages, Counter[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one page's connection."""
        if scope["type"] == "websocket":
            await self._page(scope, receive, send)
        elif scope["type"] == "http" and (refused := self._refused(scope)):
            await refused(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refused(self, scope: Scope) -> PlainTextResponse | None:
        wait = self._buckets.take(member_of(scope), cost_of(scope["path"].removeprefix(self._prefix)))
        if not wait:
            return None
        sentence = f"So many requests a minute are more than one member's share. Try again in {max(1, round(wait))} s."
        return come_back(sentence, 429, wait)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        member = member_of(scope)
        refused = self._refused(scope)
        if refused is None and self._open[member] >= self._pages:
            refused = come_back(f"{self._pages} pages of yours are open already. Close some.", 429, 60)
        if refused is not None:
            await WebSocket(scope, receive, send).send_denial_response(refused)
            return
        self._open[member] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[member] -= 1
            if not self._open[member]:
                del self._open[member]


def cost_of(path: str) -> int:
    """What a request for that address, without the base path, counts for."""
    if path.endswith(WHOLE):
        return HEAVY
    return next((cost for start, cost in COSTS.items() if path.startswith(start)), PLAIN)

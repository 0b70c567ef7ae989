"""How a catalogue and the hosts of its files are asked: at one pace, over few connections, with bounds on all of it."""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from http import HTTPStatus
from math import ceil
from threading import Semaphore
from types import MappingProxyType
from typing import Any, TypeVar

from services import __version__
from services.cancellation import acquired, never
from services.errors import BadResponse, QuotaSpent, RequestRefused
from services.providers.base import TryCallback, ignore
from services.providers.http import Answer, Connection, Postponed, RateLimiter, RetryBudget, allowance, is_loopback
from services.providers.stac.asking.response import SECONDS, asks_to_wait, check_status, file_name
from services.providers.stac.asking.signing import Signatures
from services.providers.stac.profile import Profile
from services.providers.stac.ranges import Part
from services.settings import Settings

MOST_CONNECTIONS = 16
"""Beyond so many a home's link gets no faster, and an open service is not asked for more."""
ANSWER_BYTES = 64 * 2**20
"""Longest answer of a catalogue; a page of 100 whole items takes some MB."""
_SLACK = 2**16
"""Bytes that the answer for a part may have more: an error's words, or what shows that it is another part."""
_ANY_UNITS = 1e9
_USER_AGENT = f"ninepatch/{__version__}"
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")
_AGAIN = "Fetch it again; if it happens again, the service has changed, or a proxy stands between."
T = TypeVar("T")


class Client:
    """One catalogue of open data, for one process. Threads share it."""

    def __init__(self, profile: Profile, settings: Settings) -> None:
        self.profile, self.settings = profile, settings
        size = min(settings.connections, MOST_CONNECTIONS)
        here = is_loopback(profile.base_url)
        self._connection = Connection(profile.title, size, self._remedy, proxies=not here)
        self._slots = Semaphore(size)
        shared = allowance(settings, hashlib.sha256(profile.base_url.encode()).hexdigest()[:16])
        self.rate_limiter = RateLimiter(profile.requests_per_minute, _ANY_UNITS, shared=shared)
        """How fast it is asked, by all processes together."""
        self.signatures = Signatures(profile, self._signature)

    @property
    def waiting(self) -> str:
        """What the service holds back all who ask by now, a few words; empty where nothing."""
        held = ceil(self.rate_limiter.held)
        return f"{self.profile.title} asks to wait: about {held} s" if held else ""

    def quota_spent(self) -> QuotaSpent:
        """Nobody counts; a service that wants no more says so by asking to wait."""
        return QuotaSpent(f"{self.profile.title} gives no more for now.", "Ask again later.")

    def close(self) -> None:
        """Close the connections that wait for a next request; the next one opens another."""
        self._connection.close()

    def ask(
        self,
        method: str,
        url: str,
        accept: Callable[[Answer], T],
        question: Any = None,
        cancelled: Callable[[], bool] = never,
        heard: TryCallback = ignore,
    ) -> T:
        """Ask the catalogue, with a `question` as JSON where there is one; what `accept` makes of its answer.

        `accept` raises BadResponse where it is not what was asked for; then, and where the service fails, it is asked
        again, as `services.providers.http.RetryBudget` says. `heard` hears of each try. Raises ProviderError and
        Cancelled.
        """
        budget = RetryBudget(self.settings, self.profile.title, cancelled)

        def attempt() -> T:
            answer = self._send(method, url, budget, cancelled, heard, most=ANSWER_BYTES, question=question)
            check_status(answer, self.profile, url, file=False)
            return accept(answer)

        return budget.persist(attempt)

    def read_range(
        self, href: str, start: int, length: int, etag: str, cancelled: Callable[[], bool], heard: TryCallback
    ) -> Part:
        """As `RangeReader.read_range`."""
        if not self.profile.may_read(href):
            raise RequestRefused(
                f"The file {file_name(href)} is on no host where files of {self.profile.title} may lie.",
                "Add its host to the provider's hosts in the settings, if it is to be trusted.",
            )
        budget = RetryBudget(self.settings, self.profile.title, cancelled)

        def attempt() -> Part:
            answer = self._part_of(href, start, length, budget, cancelled, heard)
            check_status(answer, self.profile, href, file=True)
            return self._checked(answer, href, start, length)

        part = budget.persist(attempt)
        if etag and part.etag != etag:
            raise BadResponse(
                f"The file {file_name(href)} of {self.profile.title} was replaced while it was read.",
                "Fetch it again: then all of it is read anew.",
            )
        return part

    def _part_of(
        self,
        href: str,
        start: int,
        length: int,
        budget: RetryBudget,
        cancelled: Callable[[], bool],
        heard: TryCallback,
    ) -> Answer:
        """One answer; where its signature was refused, the one to the address with another."""
        headers = {"Range": f"bytes={start}-{start + length - 1}", "Accept-Encoding": "identity"}

        def send() -> tuple[Answer, str]:
            with budget.excused():
                token = self.signatures.token(href, cancelled)
            url = f"{href}?{token}" if token else href
            most, unread = length + _SLACK, (HTTPStatus.OK,)
            return self._send("GET", url, budget, cancelled, heard, most=most, unread=unread, headers=headers), token

        answer, token = send()
        if answer.status == HTTPStatus.FORBIDDEN and token:
            with budget.excused():
                self.signatures.renew(href, token, cancelled)
            answer, _ = send()
        return answer

    def _checked(self, answer: Answer, href: str, start: int, length: int) -> Part:
        """Raises BadResponse where it is not the part that was asked for."""
        name, came = file_name(href), len(answer.content)
        if answer.status != HTTPStatus.PARTIAL_CONTENT:
            raise BadResponse(f"{self.profile.title} answered with {answer.reason} for a part of {name}.", _AGAIN)
        match = _RANGE.fullmatch(answer.headers.get("content-range", "").strip())
        first, last, size = map(int, match.groups()) if match else (-1, -1, -1)
        if first != start or last != min(start + length, size) - 1 or came != last - first + 1:
            raise BadResponse(
                f"{self.profile.title} answered with another part of {name}: {came:,} bytes from {first:,} on, where "
                f"{length:,} from {start:,} on were asked for.",
                _AGAIN,
            )
        version = answer.headers.get("etag") or answer.headers.get("last-modified") or f"{size} bytes"
        return Part(answer.content, version, size)

    def _send(
        self,
        method: str,
        url: str,
        budget: RetryBudget,
        cancelled: Callable[[], bool],
        heard: TryCallback,
        *,
        most: int,
        unread: Collection[int] = (),
        headers: Mapping[str, str] = MappingProxyType({}),
        question: Any = None,
    ) -> Answer:
        """One answer, in its turn. Raises Postponed where the service asks to wait; then all who ask wait."""
        with ExitStack() as slot:
            with budget.excused():
                budget.waited(self.rate_limiter.wait(0.0, cancelled))
                slot.enter_context(acquired(self._slots, cancelled))
            try:
                headers = {"User-Agent": _USER_AGENT, **headers}
                answer = self._connection.exchange(
                    method, url, budget.deadline, most=most, unread=unread, headers=headers, json=question
                )
            except BaseException as error:
                heard(None)
                raise error from None  # what it comes from has the whole address, with its signature
        heard(answer)
        if asks_to_wait(answer):
            self.rate_limiter.hold(budget.postponement(answer.retry_after(SECONDS)))
            raise Postponed
        return answer

    def _signature(self, url: str, accept: Callable[[Answer], T], cancelled: Callable[[], bool]) -> T:
        return self.ask("GET", url, accept, cancelled=cancelled)

    def _remedy(self, url: str) -> str:  # noqa: ARG002 - as Connection calls it
        """What to do where nobody answers there."""
        return f"Check the network connection, or choose another source of pixels than {self.profile.title}."

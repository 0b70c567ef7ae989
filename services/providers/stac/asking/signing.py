"""Signatures of addresses: anyone is given one, for a container and for a while. They are secrets, and kept nowhere."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from services.cancellation import acquired
from services.errors import BadResponse
from services.providers.http import Answer
from services.providers.stac.profile import Profile

EARLY = timedelta(minutes=1)
"""So long before its end a signature is renewed, or at half of a shorter life."""
_TOKEN = re.compile(r"[\w.~%=&:+/-]{1,4000}", re.ASCII)
Ask = Callable[[str, Callable[[Answer], "Signature"], Callable[[], bool]], "Signature"]
"""Asks for an address, and gives what is made of the answer."""


@dataclass(frozen=True)
class Signature:
    """Of all files of one container."""

    token: str = field(repr=False)
    """A query, without the question mark."""
    renewed: datetime
    """From when on another one is asked for."""


class Signatures:
    """Those of one catalogue, one a container. Threads share it."""

    def __init__(self, profile: Profile, ask: Ask) -> None:
        self._profile, self._ask = profile, ask
        self._kept: dict[str, Signature] = {}
        self._fetching = threading.Lock()

    def token(self, href: str, cancelled: Callable[[], bool]) -> str:
        """For the file's address; empty where files need none. Raises ProviderError and Cancelled."""
        if not self._profile.sign_url:
            return ""
        container = _container(href)
        if not self._lasts(container):
            with acquired(self._fetching, cancelled):
                if not self._lasts(container):  # nobody else has fetched it meanwhile
                    self._kept[container] = self._fetch(container, cancelled)
        return self._kept[container].token

    def renew(self, href: str, refused: str, cancelled: Callable[[], bool]) -> None:
        """It is not accepted any more: the first to say so fetches another, for all."""
        container = _container(href)
        with acquired(self._fetching, cancelled):
            if self._kept[container].token == refused:
                self._kept[container] = self._fetch(container, cancelled)

    def expiry(self, href: str) -> datetime:
        """When the one that is kept for a file will be renewed."""
        return self._kept[_container(href)].renewed

    def _lasts(self, container: str) -> bool:
        return container in self._kept and datetime.now(UTC) < self._kept[container].renewed

    def _fetch(self, container: str, cancelled: Callable[[], bool]) -> Signature:
        return self._ask(f"{self._profile.sign_url}/{container}", self._signature, cancelled)

    def _signature(self, answer: Answer) -> Signature:
        try:
            plain = answer.json()
            token, expiry = plain["token"], datetime.fromisoformat(plain["msft:expiry"]).astimezone(UTC)
            life = expiry - _time_of(answer)
            if not _TOKEN.fullmatch(token) or life <= timedelta():
                raise ValueError("token")
        except (BadResponse, KeyError, TypeError, ValueError, OverflowError) as error:
            raise BadResponse(  # not with the answer's words: a signature may be among them
                f"{self._profile.title} answered the request for a signature with something else ({answer.reason}).",
                "Ask again later; if it stays so, check the provider's sign_url in the settings.",
            ) from error
        return Signature(token, datetime.now(UTC) + life - min(EARLY, life / 2))


def _time_of(answer: Answer) -> datetime:
    """By the service's clock, which says when a signature ends; by ours where it does not tell it."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return datetime.now(UTC)


def _container(href: str) -> str:
    """`sentinel2l2a01/sentinel2-l2`: the account and the container that hold a file."""
    parts = urlsplit(href)
    return f"{(parts.hostname or '').partition('.')[0]}/{parts.path.split('/')[1]}"

"""An online geocoder, where the settings name one: a search of Nominatim's kind, asked seldom, validated as untrusted.

Off by default. It is asked when somebody says so, never while they type.
"""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import requests

from services import __version__
from services.errors import BadResponse, ProviderUnreachable, ServiceFailed, SettingsError
from services.geo import Bounds
from services.settings import Settings
from services.text import one_line

_USER_AGENT = f"ninepatch/{__version__}"
MOST = 5
"""Answers that are asked for and shown."""
_BYTES = 200_000
"""Of an answer."""
_CONNECT, _READ, _WHOLE = 3.0, 5.0, 8.0
"""Seconds to a connection, between two pieces, and for all of it."""
_APART = 1.0
"""Seconds between two requests: what public services allow."""
_KEPT = 256
"""Answers that are remembered."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_LENGTH = 200
"""Characters of a search and of a name."""


@dataclass(frozen=True)
class Answer:
    """A place that the geocoder knows; its words are untrusted, one line each."""

    name: str
    kind: str
    longitude: float
    """Degrees, within ±180."""
    latitude: float
    bounds: Bounds
    """Degrees: west, south, east, north."""
    attribution: str
    """Whose data it is; shown wherever the answer is."""


class Geocoder:
    """One service; safe for threads. All that use the same address share its pace."""

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Raises SettingsError for an address that is neither https nor of this machine."""
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not (safe and parts.hostname) or parts.username or parts.query or parts.fragment:
            raise SettingsError(
                "The setting geocoder_url is no https address of a search, or of this machine.",
                "Set it to one like https://nominatim.example.org/search, without a query.",
            )
        self.host = parts.hostname
        self._url, self._clock, self._sleep = url, clock, sleep
        self._lock, self._last = threading.Lock(), float("-inf")
        self._answers: OrderedDict[str, tuple[Answer, ...]] = OrderedDict()

    def search(self, text: str) -> tuple[Answer, ...]:
        """The best answers first. Raises ProviderUnreachable, ServiceFailed, BadResponse."""
        wanted = one_line(text, _LENGTH)
        if not wanted:
            return ()
        with self._lock:
            if wanted not in self._answers:
                self._wait()
                self._answers[wanted] = self._checked(self._asked(wanted))
                while len(self._answers) > _KEPT:
                    self._answers.popitem(last=False)
            self._answers.move_to_end(wanted)
            return self._answers[wanted]

    def _wait(self) -> None:
        """At most one request a second."""
        left = self._last + _APART - self._clock()
        if left > 0:
            self._sleep(left)
        self._last = self._clock()

    def _asked(self, text: str) -> bytes:
        query = {"q": text, "format": "jsonv2", "limit": str(MOST), "accept-language": "en"}
        headers = {"User-Agent": _USER_AGENT, "Accept": "application/json"}
        try:
            with requests.get(
                self._url, params=query, headers=headers, timeout=(_CONNECT, _READ), stream=True, allow_redirects=False
            ) as answer:
                if answer.status_code != 200:
                    raise ServiceFailed(
                        f"The geocoder {self.host} answered with status {answer.status_code}.",
                        "Try again later, or write coordinates.",
                    )
                return self._body(answer)
        except requests.RequestException as error:
            raise ProviderUnreachable(
                f"The geocoder {self.host} cannot be reached.", "Try again later, or write coordinates."
            ) from error

    def _body(self, answer: requests.Response) -> bytes:
        """No longer and no slower than an answer may be."""
        deadline, body = self._clock() + _WHOLE, b""
        for piece in answer.iter_content(16_384):
            body += piece
            if len(body) > _BYTES or self._clock() > deadline:
                raise BadResponse(
                    f"The answer of the geocoder {self.host} is too long or too slow.", "Write coordinates instead."
                )
        return body

    def _checked(self, body: bytes) -> tuple[Answer, ...]:
        """What in it is a place on Earth; the rest is left out."""
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, list):
            raise BadResponse(
                f"The geocoder {self.host} did not answer with a list of places.",
                "Check that the setting geocoder_url is the address of a search of Nominatim's kind.",
            )
        answers = (self._answer(one) for one in found[:MOST] if isinstance(one, dict))
        return tuple(answer for answer in answers if answer is not None)

    def _answer(self, one: dict[str, Any]) -> Answer | None:
        name = one_line(one.get("display_name"), _LENGTH)
        kind = one_line(one.get("type"), 40).replace("_", " ")
        attribution = one_line(one.get("licence"), _LENGTH) or f"From {self.host}."
        try:
            longitude, latitude = float(one["lon"]), float(one["lat"])
            box = one.get("boundingbox", [latitude, latitude, longitude, longitude])
            south, north, west, east = (float(number) for number in box)
        except (KeyError, TypeError, ValueError):
            return None
        on_earth = -90 <= south <= latitude <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180
        if not name or not on_earth or not -180 <= longitude <= 180:
            return None
        return Answer(name, kind, longitude, latitude, (west, south, east, north), attribution)


def geocoder_of(settings: Settings) -> Geocoder | None:
    """The one that the settings name; None where they name none. Raises SettingsError."""
    return _shared(settings.geocoder_url) if settings.geocoder_url else None


@lru_cache(maxsize=4)
def _shared(url: str) -> Geocoder:
    return Geocoder(url)

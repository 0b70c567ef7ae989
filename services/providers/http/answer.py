"""What came back of one question over HTTP."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from services.errors import BadResponse
from services.text import printable, shorten

UNITS_HEADERS = ("x-processingunits-spent", "x-processunits")
"""In which a service that counts units says what a question cost. Where both come, the first that is a number wins: its
name says that the units are spent, and it is what published answers have; the other one says the same of old."""


@dataclass(frozen=True)
class Answer:
    """One answer, read to its end."""

    status: int
    """HTTP status."""
    headers: Mapping[str, str]
    """Names in any case."""
    content: bytes
    """The body, unpacked."""
    seconds: float
    """From sending the request to the last byte, of the try that was answered."""
    tries: int = 1
    """How often it was asked; waits that the service asked for are not counted."""

    @property
    def units(self) -> float | None:
        """Processing units that it cost, as the service says; None where it does not."""
        told = {name.lower(): text for name, text in self.headers.items()}
        return next((units for name in UNITS_HEADERS if (units := _number(told.get(name, ""))) is not None), None)

    @property
    def bytes(self) -> int:
        """Length of the body."""
        return len(self.content)

    @property
    def content_type(self) -> str:
        """`image/tiff`, without parameters, in small letters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body's value; raises BadResponse where it is no JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            what = self.content_type or "something without a type"
            raise BadResponse(
                f"The service answered with {shorten(what)} where JSON was asked for ({len(self.content)} bytes).",
                "Ask again later; a proxy or a maintenance page may stand between.",
            ) from error

    @property
    def words(self) -> str:
        """The service's own words about an error, in one line; the status' name where it has none.

        They may repeat what was sent: see `shown`.
        """
        try:
            plain = json.loads(self.content)
        except (ValueError, RecursionError):
            plain = None
        error = plain.get("error") if isinstance(plain, dict) else None
        inner = error if isinstance(error, dict) else plain if isinstance(plain, dict) else {}
        said = next((inner[key] for key in ("message", "description", "error_description") if inner.get(key)), error)
        return _one_line(said) if isinstance(said, str) and _one_line(said) else self.reason

    @property
    def reason(self) -> str:
        """`503 Service Unavailable`."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"status {self.status}"

    def retry_after(self, per_second: int) -> float | None:
        """Seconds to wait, where so many of the header's numbers make one second; None where it says none."""
        text = self.headers.get("retry-after", "").strip()
        return int(text) / per_second if text.isdecimal() and len(text) < 12 else None


def _number(text: str) -> float | None:
    """What can be charged: finite, and not less than nothing; None where it is not."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _one_line(text: str) -> str:
    """Without controls and line ends."""
    return " ".join(printable(text[:10_000]).split())

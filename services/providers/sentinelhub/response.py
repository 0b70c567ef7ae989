"""What a service answered, and what its errors mean."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from services.errors import (
    BadResponse,
    CredentialsRefused,
    ProviderError,
    ProviderUnreachable,
    QuotaSpent,
    RequestRefused,
    ServiceFailed,
)
from services.providers.sentinelhub.deployment import Deployment
from services.text import shorten

WORDS = 300
"""Most characters of a service's words in a message."""
UNITS_HEADER = "x-processingunits-spent"
_QUOTA = re.compile(r"insufficient[ _]+(processing[ _]+units|requests)", re.IGNORECASE)
"""In the code or the message of a 403 once the month is used up: ACCESS_INSUFFICIENT_PROCESSING_UNITS."""


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
        try:
            return float(self.headers.get(UNITS_HEADER, ""))
        except ValueError:
            return None

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

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait; the header is in milliseconds (Sentinel Hub, rate limiting). None where it says none."""
        text = self.headers.get("retry-after", "").strip()
        return int(text) / 1000 if text.isdecimal() and len(text) < 12 else None


def check_status(answer: Answer, provider: Deployment) -> None:
    """Raise what an answer other than 2xx means. Not for 429, which is waited for."""
    if 200 <= answer.status < 300:
        return
    raise _meaning(answer, provider)


def _meaning(answer: Answer, provider: Deployment) -> ProviderError:
    status, title, words = answer.status, provider.title, shown(answer.words, provider)
    if status == HTTPStatus.UNAUTHORIZED:
        words = "a token that it was given just now is not accepted"
        if urlsplit(provider.token_url).netloc != provider.host:
            words += f"; it came from the token_url {provider.token_url}, which must belong to {provider.host}"
        return credentials_refused(provider, words)
    if status == HTTPStatus.FORBIDDEN and _QUOTA.search(answer.content[:10_000].decode("utf-8", "replace")):
        return quota_spent(provider)
    if status == HTTPStatus.FORBIDDEN:
        return CredentialsRefused(
            f"{title} does not let this account do that: {words}.",
            f"Check what the account may use at {provider.host}, and the provider's collection in the settings.",
        )
    if 300 <= status < 400:
        return ProviderUnreachable(
            f"{title} cannot be reached at {provider.host}: instead of an answer comes a way to another address.",
            "Correct the provider's base_url, or see whether a proxy or a log-in page of the network stands between.",
        )
    if status >= 500:
        return ServiceFailed(f"{title} failed with {answer.reason}.", "Ask again later.")
    return RequestRefused(
        f"{title} refused the request: {words}.",
        "Check the provider's base_url and collection in the settings; if they are right, report the words above.",
    )


def credentials_refused(provider: Deployment, words: str) -> CredentialsRefused:
    """The account is not accepted."""
    return CredentialsRefused(
        f"{provider.title} refused the account: {shown(words, provider)}.",
        f"Check the client id and the client secret of the provider {provider.name}: {account_settings(provider)}.",
    )


def no_token(answer: Answer, provider: Deployment) -> RequestRefused:
    """Where tokens are asked for there are none: the address is wrong, not the account."""
    return RequestRefused(
        f"There are no tokens for {provider.title} at {provider.token_url}: {shown(answer.words, provider)}.",
        f"Correct the token_url of the provider {provider.name}: NINEPATCH_TOKEN_URL for the chosen provider, or "
        "token_url in settings.toml; sentinel-hub and copernicus need none.",
    )


def quota_spent(provider: Deployment) -> QuotaSpent:
    """The month is used up."""
    return QuotaSpent(
        f"The month's processing units or requests of the account at {provider.title} are used up.",
        "Wait for the next month or add to the account there; what has been fetched stays usable.",
    )


def account_settings(provider: Deployment) -> str:
    """Where an account is set."""
    return (
        "NINEPATCH_CLIENT_ID and NINEPATCH_CLIENT_SECRET for the chosen provider, "
        f"or client_id and client_secret of {provider.name} in settings.toml"
    )


def shown(words: str, provider: Deployment) -> str:
    """A service's words as people see them: without secrets and tokens, and not too long."""
    words = re.sub(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}", "…", words)  # a token
    for secret in (provider.client_secret.get_secret_value(), provider.client_id):
        if secret and not provider.simulated:
            words = words.replace(secret, "…")
    return (words if len(words) <= WORDS else f"{words[: WORDS - 1]}…").rstrip(".")


def _one_line(text: str) -> str:
    """Without controls and line ends."""
    return " ".join("".join(one if one.isprintable() else " " for one in text[:10_000]).split())

"""What the errors of a deployment mean."""

import re
from http import HTTPStatus
from urllib.parse import urlsplit

from services.errors import (
    CredentialsRefused,
    ProviderError,
    ProviderUnreachable,
    QuotaSpent,
    RequestRefused,
    ServiceFailed,
)
from services.providers.http import Answer
from services.providers.sentinelhub.deployment import Deployment

MILLISECONDS = 1000
"""To a second: in these the service says how long to wait (Sentinel Hub, rate limiting)."""
WORDS = 300
"""Most characters of a service's words in a message."""
_QUOTA = re.compile(r"insufficient[ _]+(processing[ _]+units|requests)", re.IGNORECASE)
"""In the code or the message of a 403 once the month is used up: ACCESS_INSUFFICIENT_PROCESSING_UNITS."""


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

"""Kept-alive connections to one provider, shared by all threads of the process; one exchange at a time each."""

import logging
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from sentinelhub.constants import SHConstants
from urllib3.exceptions import NameResolutionError, NewConnectionError, ReadTimeoutError

from services.answer import Answer
from services.errors import BadResponse, ProviderError, ProviderUnreachable, ServiceFailed
from services.providers import Provider, is_loopback
from services.sockets import DeadlineAdapter, reading_until

CONNECT_SECONDS = 10.0
MAX_BYTES = 512 * 2**20
"""Longest body that is read; 2500 × 2500 px of 14 bands in 16 bits are 175 MB."""
_CHUNK = 2**16
for _name in ("urllib3", "requests_oauthlib", "oauthlib"):  # at DEBUG they write secrets and tokens
    logging.getLogger(_name).setLevel(logging.WARNING)


class _Bearer(AuthBase):
    """Sets the header; as `auth`, or `requests` would look for another account in the user's .netrc."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Connection:
    """A pool of connections to a provider's two hosts. Threads may share it."""

    def __init__(self, provider: Provider, size: int) -> None:
        self._provider = provider
        self._session = requests.Session()
        self._session.trust_env = not is_loopback(provider.base_url)  # a proxy does not reach this machine
        adapter = DeadlineAdapter(pool_connections=4, pool_maxsize=size, pool_block=True)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def exchange(self, method: str, url: str, deadline: float, token: str | None = None, **body: Any) -> Answer:
        """Send one request and read its answer to the end, until `deadline` (monotonic clock). Follows no redirect.

        `body` is `json`, `data` or `headers` as `requests` takes them. Raises ProviderUnreachable where there is no
        connection, ServiceFailed where the answer breaks off or takes too long, BadResponse where it has no end.
        """
        begun = time.monotonic()
        headers = {**SHConstants.HEADERS, **body.pop("headers", {})}
        wait = min(CONNECT_SECONDS, max(0.01, deadline - begun))
        try:
            with (
                reading_until(deadline),
                self._session.request(
                    method,
                    url,
                    headers=headers,
                    auth=_Bearer(token),
                    timeout=(wait, max(0.01, deadline - begun)),
                    stream=True,
                    allow_redirects=False,
                    **body,
                ) as response,
            ):
                content = self._read(response)
                return Answer(response.status_code, response.headers, content, time.monotonic() - begun)
        except requests.RequestException as error:
            raise self._translated(error, url) from error

    def _read(self, response: requests.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            if len(content) > MAX_BYTES:
                raise BadResponse(
                    f"{self._provider.title} answered with more than {MAX_BYTES / 2**20:.0f} MB.",
                    "Ask for a smaller area or a coarser resolution.",
                )
        return bytes(content)

    def _translated(self, error: requests.RequestException, url: str) -> ProviderError:
        """What `requests` raises, as a sentence that names the host."""
        title, host = self._provider.title, urlsplit(url).netloc
        why = _why_unreachable(error)
        if why:
            return ProviderUnreachable(
                f"{title} cannot be reached at {host}: {why}.",
                "Check the network connection, and the provider's base_url and token_url in the settings."
                if not self._provider.simulated
                else "Start the demo archive again with `python cli.py demo`, or let the application start it.",
            )
        if isinstance(error, requests.Timeout) or isinstance(_reason(error), ReadTimeoutError):
            return ServiceFailed(f"{title} at {host} took too long to answer.", "Ask again later.")
        return ServiceFailed(f"The connection to {title} at {host} broke off.", "Ask again later.")

    def close(self) -> None:
        """Close the connections that wait for a next request."""
        self._session.close()


def _reason(error: requests.RequestException) -> object:
    """What `urllib3` raised, where `requests` kept it."""
    inner = error.args[0] if error.args else None
    return getattr(inner, "reason", inner)


def _why_unreachable(error: requests.RequestException) -> str:
    """The reason in words where no connection came about, else empty."""
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not let us through"
    if isinstance(error, requests.exceptions.SSLError):
        return "no encrypted connection comes about, or its certificate is not accepted"
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {CONNECT_SECONDS:.0f} s"
    if isinstance(_reason(error), NameResolutionError):
        return "there is no such name, or no network"
    return "nobody answers there" if isinstance(_reason(error), NewConnectionError) else ""

"""The token of one account: fetched when it is needed, shared by all threads, renewed once when it is refused."""

import re
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
from sentinelhub.download.session import SentinelHubSession

from services.cancellation import acquired, never
from services.errors import BadResponse, CredentialsMissing
from services.providers.http import Answer, Connection, Postponed, RateLimiter, RetryBudget
from services.providers.sentinelhub.deployment import Deployment
from services.providers.sentinelhub.response import (
    MILLISECONDS,
    account_settings,
    check_status,
    credentials_refused,
    no_token,
)
from services.settings import Settings

MARGIN = 0.1
"""Part of a token's life before its end in which it is renewed; sentinelhub's two minutes outlast some tokens."""
_ANY_PACE = 1e9
_CLIENT = re.compile(rb'"error"\s*:\s*"(invalid|unauthorized)_client"')
"""Some servers say with 400 that they do not know the account (RFC 6749, section 5.2)."""


class Bearer(SentinelHubSession):
    """sentinelhub's session with bounds on its token requests and one fetch for all threads.

    Made without a token; raises CredentialsMissing where the provider has no account.
    """

    def __init__(self, provider: Deployment, settings: Settings, connection: Connection) -> None:
        if not provider.has_credentials:
            raise CredentialsMissing(
                f"No account is set for {provider.title}.",
                f"Set {account_settings(provider)}; or choose the demo archive, which needs none, "
                "with NINEPATCH_PROVIDER=demo.",
            )
        self._provider, self._settings, self._connection = provider, settings, connection
        self._rate_limiter = RateLimiter(_ANY_PACE, _ANY_PACE)
        self._fetching = threading.Lock()
        nothing: dict[str, Any] = {"access_token": "", "expires_at": 0.0, "expires_in": 0}
        super().__init__(provider.config, _token=nothing)

    @property
    def token(self) -> dict[str, Any]:
        """A token that lasts for a while yet, with `access_token` and `expires_at` (seconds since 1970)."""
        return self.fresh(never)

    def fresh(self, cancelled: Callable[[], bool]) -> dict[str, Any]:
        """The same; raises Cancelled while it waits."""
        if not self._lasts():
            with acquired(self._fetching, cancelled):
                if not self._lasts():  # nobody else has fetched it meanwhile
                    self._token = self._fetch(cancelled)
        return self._token

    def renew(self, refused: str, cancelled: Callable[[], bool]) -> None:
        """The service does not accept this access token: the first to say so fetches another, for all."""
        with acquired(self._fetching, cancelled):
            if self._token["access_token"] == refused:
                self._token = self._fetch(cancelled)

    def _lasts(self) -> bool:
        return bool(self._token["expires_at"] - time.time() > MARGIN * self._token["expires_in"])

    def _collect_new_token(self) -> dict[str, Any]:
        return self._fetch(never)

    def _fetch(self, cancelled: Callable[[], bool]) -> dict[str, Any]:
        retry_budget = RetryBudget(self._settings, self._provider.title, cancelled)

        def attempt() -> dict[str, Any]:
            with retry_budget.excused():
                retry_budget.waited(self._rate_limiter.wait(0.0, cancelled))
            answer = self._ask(retry_budget.deadline)
            if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                self._rate_limiter.hold(retry_budget.postponement(answer.retry_after(MILLISECONDS)))
                raise Postponed
            if answer.status == HTTPStatus.UNAUTHORIZED or _CLIENT.search(answer.content[:10_000]):
                raise credentials_refused(self._provider, answer.words)
            if 300 <= answer.status < 500 and answer.status != HTTPStatus.FORBIDDEN:
                raise no_token(answer, self._provider)
            check_status(answer, self._provider)
            return self._parsed(answer)

        return retry_budget.persist(attempt)

    def _ask(self, deadline: float) -> Answer:
        client = BackendApplicationClient(client_id=self._provider.client_id)
        secret = self._provider.client_secret.get_secret_value()
        body = client.prepare_request_body(include_client_id=True, client_secret=secret)
        return self._connection.exchange(
            "POST", self._provider.token_url, deadline, data=body, headers=self.DEFAULT_HEADERS
        )

    def _parsed(self, answer: Answer) -> dict[str, Any]:
        try:
            plain = answer.json()
            client = BackendApplicationClient(client_id=self._provider.client_id)
            token = dict(client.parse_request_body_response(answer.content.decode()))
            life = float(plain.get("expires_in", 300))
            if (
                not isinstance(token["access_token"], str)
                or not token["access_token"].isprintable()
                or not 0 < life < 1e9
            ):
                raise ValueError("access_token")
        except (OAuth2Error, BadResponse, KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadResponse(  # not with the answer's words: a token may be among them
                f"{self._provider.title} answered the request for a token with something else ({answer.reason}).",
                "Check the provider's token_url in the settings.",
            ) from error
        return {**token, "expires_in": life, "expires_at": time.time() + life}

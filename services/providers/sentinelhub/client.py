"""How one account is asked: all requests of the process to it, at one pace, over one pool of connections."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, TypeVar

from services.cancellation import never
from services.errors import QuotaSpent, RequestRefused
from services.providers.base import ignore
from services.providers.http import Answer, Connection, Postponed, RateLimiter, RetryBudget, allowance, is_loopback
from services.providers.sentinelhub.deployment import Deployment
from services.providers.sentinelhub.response import MILLISECONDS, check_status, quota_spent
from services.settings import Settings

if TYPE_CHECKING:  # sentinelhub takes a third of a second, which only those spend who ask
    from sentinelhub.config import SHConfig
    from sentinelhub.download.models import DownloadRequest

T = TypeVar("T")
AnswerCallback = Callable[[Answer | None], object]
"""Hears of each try of a request: its answer, whatever its status, or None where none came."""


class Client:
    """Threads share it. Raises CredentialsMissing where the provider has no account."""

    def __init__(self, provider: Deployment, settings: Settings) -> None:
        from services.providers.sentinelhub.token import Bearer

        self.provider = provider
        self.settings = settings
        self._connection = Connection(
            provider.title, settings.connections, self._remedy, proxies=not is_loopback(provider.base_url)
        )
        self.bearer = Bearer(provider, settings, self._connection)
        """The token, as sentinelhub's session: eo-learn's own tasks may use it too."""
        shared = allowance(settings, _identity(provider))
        self.rate_limiter = RateLimiter(provider.requests_per_minute, provider.units_per_minute, shared=shared)
        """How fast the provider is asked, by all processes together; `held` says how long it wants
        to be left alone."""
        self._spent = 0

    @property
    def config(self) -> "SHConfig":
        """For sentinelhub's request types, which would read and write the user's own configuration without it."""
        return self.provider.config

    @property
    def waiting(self) -> str:
        """What the service, or the account's limit, holds back all who ask by now, a few words; empty where nothing."""
        held = ceil(self.rate_limiter.held)
        if held:
            about = f"{held} s" if held < 120 else f"{ceil(held / 60)} minutes"
            return f"{self.provider.title} asks to wait: about {about}"
        if self.rate_limiter.backlog < 1:
            return ""
        requests, units = self.provider.requests_per_minute, self.provider.units_per_minute
        return f"the account's limit of {requests:,.0f} requests and {units:,.0f} units a minute"

    def quota_spent(self) -> QuotaSpent:
        """The month is used up."""
        return quota_spent(self.provider)

    def _remedy(self, url: str) -> str:
        """What to do where nobody answers there."""
        if self.provider.simulated:
            return (
                "Try again in some seconds: the application starts its demo archive again by itself. One that "
                "you started yourself is started again by python cli.py demo."
            )
        settings = "token_url, and then its base_url," if url == self.provider.token_url else "base_url"
        return f"Check the network connection, and the provider's {settings} in the settings."

    def close(self) -> None:
        """Close the connections that wait for a next request; the next one opens another."""
        self._connection.close()

    def send(
        self,
        request: "DownloadRequest",
        accept: Callable[[Answer], T],
        *,
        units: float = 0.0,
        cancelled: Callable[[], bool] = never,
        heard: AnswerCallback = ignore,
    ) -> T:
        """Send a request that costs about so many processing units, and give what `accept` makes of its answer.

        `accept` checks the answer against the request, and raises BadResponse where it is not what was asked for;
        then, and where the service fails, it is asked again: `tries` times within `deadline_seconds`. Where the
        service asks to wait (429), all requests of the account wait, each at most `patience_seconds`. A refused token
        is renewed once. `heard` hears of each try. Raises ProviderError, and Cancelled once `cancelled` says so.
        """
        if not str(request.url).startswith(f"{self.provider.base_url}/"):
            raise RequestRefused(
                f"A request to {request.url} is not sent: the account is for {self.provider.host}.",
                "Make requests with the provider's own collection.",
            )
        retry_budget = RetryBudget(self.settings, self.provider.title, cancelled)
        spent = self._spent

        def attempt() -> T:
            with retry_budget.excused():
                retry_budget.waited(self.rate_limiter.wait(units, cancelled))
                token = str(self.bearer.fresh(cancelled)["access_token"])
            if self._spent != spent:
                raise quota_spent(self.provider)  # another thread has just learnt it
            answer = self._exchange(request, token, retry_budget, cancelled, heard)
            self._check(answer, retry_budget)
            if answer.units is not None:
                self.rate_limiter.settle(answer.units - units)
            return accept(answer)

        return retry_budget.persist(attempt)

    def _exchange(
        self,
        request: "DownloadRequest",
        token: str,
        retry_budget: RetryBudget,
        cancelled: Callable[[], bool],
        heard: AnswerCallback,
    ) -> Answer:
        """One answer; where the token was refused, the one to the request with another."""
        answer = self._once(request, token, retry_budget, heard)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            with retry_budget.excused():
                self.bearer.renew(token, cancelled)
                token = str(self.bearer.fresh(cancelled)["access_token"])
            answer = self._once(request, token, retry_budget, heard)
        return answer

    def _once(self, request: "DownloadRequest", token: str, retry_budget: RetryBudget, heard: AnswerCallback) -> Answer:
        try:
            answer = self._connection.exchange(
                request.request_type.value,
                str(request.url),
                retry_budget.deadline,
                token=token,
                json=request.post_values,
                headers=request.headers,
            )
        except BaseException:
            heard(None)
            raise
        heard(answer)
        return replace(answer, tries=retry_budget.tries)

    def _check(self, answer: Answer, retry_budget: RetryBudget) -> None:
        """Raise what an error means; the waits that it asks for are for all threads."""
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            self.rate_limiter.hold(retry_budget.postponement(answer.retry_after(MILLISECONDS)))
            raise Postponed
        try:
            check_status(answer, self.provider)
        except QuotaSpent:
            self._spent += 1
            raise


def _identity(provider: Deployment) -> str:
    """The same for the same account, under whatever name; nothing can be learnt from it. All demo archives are one."""
    account = provider.name if provider.simulated else f"{provider.token_url} {provider.client_id}"
    return hashlib.sha256(account.encode()).hexdigest()[:16]

"""Whether a provider can be used: a token, and one page of its catalogue. Costs next to nothing."""

import time
from datetime import date

from services.errors import ProviderError
from services.providers.base import AskPage, Step, directly
from services.providers.sentinelhub.account import Account, account_of
from services.providers.sentinelhub.catalog import Catalogue, search_payload
from services.providers.sentinelhub.deployment import Deployment
from services.recipe import Interval
from services.settings import Settings

PLACE = (24.44, 60.59, 24.51, 60.63)
"""West, south, east, north in degrees: a few kilometres in southern Finland."""
DAYS = Interval(date(2017, 6, 1), date(2017, 7, 1))


def check_provider(provider: Deployment, settings: Settings, ask: AskPage = directly) -> list[Step]:
    """One step after the other, up to the first that fails; an error of the provider is its sentence.

    The page is asked for by `ask`.
    """
    steps: list[Step] = []
    step = "account"
    try:
        account = account_of(provider, settings)
        step = "token"
        steps.append(Step(step, True, _token(account)))
        step = "catalogue"
        steps.append(Step(step, True, _catalogue(account, settings, ask)))
    except ProviderError as error:
        steps.append(Step(step, False, str(error)))
    return steps


def _token(account: Account) -> str:
    minutes = max(0.0, float(account.bearer.token["expires_at"]) - time.time()) / 60
    return f"{account.provider.title} gave a token for {minutes:.0f} minutes."


def _catalogue(account: Account, settings: Settings, ask: AskPage) -> str:
    payload = search_payload(account.provider, PLACE, DAYS, limit=1)
    page = ask(lambda heard: Catalogue(account, settings).page(payload, heard=heard))
    items = len(page["features"])
    words = f"{items} item{'s' * (items != 1)}"
    return f"{account.provider.host} answered for {account.provider.collection} with {words}."

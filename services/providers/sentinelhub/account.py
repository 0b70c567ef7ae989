"""One account at one deployment, as the Source that is asked for acquisitions and pixels."""

import threading
from collections.abc import Callable
from functools import lru_cache

from services.cancellation import never
from services.catalogue import Acquisition
from services.errors import ProviderUnreachable
from services.grid import TileBlock
from services.plan import BlockRequest
from services.providers.base import AskPage, Block, TryCallback, directly, ignore
from services.providers.sentinelhub.catalog import Catalogue
from services.providers.sentinelhub.client import Client
from services.providers.sentinelhub.deployment import Deployment
from services.providers.sentinelhub.process import fetch_block
from services.recipe import Interval
from services.settings import Settings


class Account(Client):
    """Threads share it. Raises CredentialsMissing where the provider has no account."""

    def search(
        self,
        neighbourhood: TileBlock,
        interval: Interval,
        cancelled: Callable[[], bool] = never,
        ask: AskPage = directly,
    ) -> tuple[Acquisition, ...]:
        """As `Catalogue.search`."""
        return Catalogue(self, self.settings).search(neighbourhood, interval, cancelled, ask)

    def read_block(self, block: BlockRequest, cancelled: Callable[[], bool], heard: TryCallback = ignore) -> Block:
        """As `fetch_block`."""
        return fetch_block(self, block, cancelled, heard)


_making = threading.Lock()


def account_of(provider: Deployment, settings: Settings) -> Account:
    """The one account of this process for a provider.

    Raises CredentialsMissing where none is set, and ProviderUnreachable where the demo archive does not run.
    """
    if not provider.base_url:
        raise ProviderUnreachable(
            f"{provider.title} cannot be reached: it does not run.",
            "Start it with python cli.py demo, and give its address in NINEPATCH_DEMO_URL.",
        )
    with _making:
        return _account(provider, settings)


@lru_cache(maxsize=32)
def _account(provider: Deployment, settings: Settings) -> Account:
    return Account(provider, settings)

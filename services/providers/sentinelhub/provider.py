"""The Sentinel Hub family as a Provider: Sentinel Hub, Copernicus Data Space, private deployments, the demo archive."""

from collections.abc import Sequence

from pydantic import SecretStr

from services.catalogue import Acquisition
from services.grid import TileBlock
from services.plan import Cost, Terms
from services.providers.base import AskPage, Limits, Program, Step, Words, directly
from services.providers.sentinelhub.account import Account, account_of
from services.providers.sentinelhub.catalog import item_href
from services.providers.sentinelhub.check import check_provider
from services.providers.sentinelhub.cost import DEMO_WORDS, OTHER_TERMS, TERMS, WORDS, search_cost
from services.providers.sentinelhub.deployment import Deployment
from services.providers.sentinelhub.program import DEMO_TOKEN_PATH, program_of
from services.recipe import Interval, Recipe
from services.sentinel2 import COLLECTION
from services.settings import DEMO, ProviderSettings, Settings

DEMO_PER_MINUTE = 60_000.0
"""The demo archive spends nothing and is asked as fast as it answers."""
KNOWN = (
    ProviderSettings(
        name="sentinel-hub",
        title="Sentinel Hub",
        base_url="https://services.sentinel-hub.com",
        token_url="https://services.sentinel-hub.com/auth/realms/main/protocol/openid-connect/token",  # noqa: S106
    ),
    ProviderSettings(
        name="copernicus",
        title="Copernicus Data Space",
        base_url="https://sh.dataspace.copernicus.eu",
        token_url="https://identity.dataspace.copernicus.eu/auth/realms/CDSE/protocol/openid-connect/token",  # noqa: S106
    ),
)
"""Deployments of which only the account must be set."""


class SentinelHub(Deployment):
    """One account at one deployment, as the Provider that the product asks."""

    @property
    def about(self) -> str:
        """Of simulated pixels, or of the account."""
        if self.simulated:
            return "Simulated pixels, no real place: free, and without a network."
        return f"Real Sentinel-2 by the account here, of {self.units_per_month:,.0f} processing units a month."

    @property
    def open_data(self) -> bool:
        """All of the family need an account, and that of the demo archive opens nothing real."""
        return False

    @property
    def ready(self) -> bool:
        """Whether there is an account."""
        return self.has_credentials

    @property
    def terms(self) -> Terms:
        """Of a Process request."""
        return TERMS if self.collection == COLLECTION else OTHER_TERMS

    @property
    def limits(self) -> Limits:
        """Of the account, in processing units and requests."""
        minute = self.requests_per_minute, self.units_per_minute
        return Limits(*minute, self.units_per_month, self.requests_per_month)

    @property
    def words(self) -> Words:
        """Processing units."""
        return DEMO_WORDS if self.simulated else WORDS

    def search_cost(self, neighbourhood: TileBlock, interval: Interval) -> Cost:
        """By the documentation's formula."""
        return search_cost(neighbourhood, interval)

    def gaps(self, interval: Interval) -> str:  # noqa: ARG002 - as Provider.gaps
        """They have it all."""
        return ""

    def granule_href(self, granule: str) -> str:
        """The item in the catalogue."""
        return item_href(self, granule)

    def program(self, recipe: Recipe, kept: Sequence[Acquisition]) -> Program:  # noqa: ARG002 - as Provider says
        """Of plain eo-learn."""
        return program_of(self, recipe)

    def open(self, settings: Settings) -> Account:
        """The one account of this process. Raises CredentialsMissing and ProviderUnreachable."""
        return account_of(self, settings)

    def check(self, settings: Settings, ask: AskPage = directly) -> list[Step]:
        """A token, and one page of the catalogue."""
        return check_provider(self, settings, ask)


def described(given: ProviderSettings, settings: Settings) -> SentinelHub:  # noqa: ARG001 - as Kind.make
    """The deployment that the settings describe. Raises SettingsError."""
    return SentinelHub(
        name=given.name,
        title=given.title or given.name,
        base_url=given.base_url.rstrip("/"),
        token_url=given.token_url,
        collection=given.collection,
        client_id=given.client_id,
        client_secret=given.client_secret,
        requests_per_minute=given.requests_per_minute,
        units_per_minute=given.units_per_minute,
        units_per_month=given.units_per_month,
        requests_per_month=given.requests_per_month,
    )


def demo_archive(given: ProviderSettings, settings: Settings) -> SentinelHub:
    """The demo archive, where the settings say that it runs."""
    url = settings.demo_url.rstrip("/")
    return SentinelHub(
        name=DEMO,
        title=given.title,
        base_url=url,
        token_url=url + DEMO_TOKEN_PATH if url else "",
        client_id="demo",
        client_secret=SecretStr("demo"),
        requests_per_minute=DEMO_PER_MINUTE,
        units_per_minute=DEMO_PER_MINUTE,
    )

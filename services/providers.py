"""Where pixels come from: deployments of the Sentinel Hub services, each with an account."""

import hashlib
import ipaddress
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr
from sentinelhub.config import SHConfig
from sentinelhub.data_collections import DataCollection

from services.errors import RecipeError, SettingsError
from services.settings import ProviderSettings, Settings

DEMO = "demo"
DEMO_TOKEN_PATH = "/auth/realms/main/protocol/openid-connect/token"  # noqa: S105 - a path
DEMO_PER_MINUTE = 60_000.0
"""The demo archive spends nothing and is asked as fast as it answers."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_KNOWN = (
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
_defining = threading.Lock()


@dataclass(frozen=True)
class Provider:
    """One account at one deployment. Raises SettingsError where it could not be used safely.

    Credentials are sent to `token_url` and tokens to `base_url`, so both must be https, or this machine.
    """

    name: str
    """Part of cache keys and recipes, never a secret."""
    title: str
    """What people read."""
    base_url: str
    """Of catalogue and Process API, without a slash at the end; empty for a demo archive that does not run."""
    token_url: str
    collection: str = "sentinel-2-l2a"
    """The service's name of the collection."""
    client_id: str = field(default="", repr=False)
    client_secret: SecretStr = field(default=SecretStr(""), repr=False)
    requests_per_minute: float = 300
    units_per_minute: float = 300
    """Processing units."""
    units_per_month: float = 10_000
    """Processing units."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise SettingsError(
                f"A provider cannot be called {self.name!r}.",
                "Use up to 40 small letters, digits and hyphens, and begin with a letter or a digit.",
            )
        if self.base_url or not self.simulated:
            _check_url(self.name, "base_url", self.base_url)
            _check_url(self.name, "token_url", self.token_url)

    @property
    def simulated(self) -> bool:
        """Whether it is the demo archive, whose pixels no satellite made."""
        return self.name == DEMO

    @property
    def host(self) -> str:
        """Where catalogue and Process API are, as people are told: `sh.dataspace.copernicus.eu`."""
        return urlsplit(self.base_url).netloc

    @property
    def has_credentials(self) -> bool:
        """Whether there is a client id with a secret."""
        return bool(self.client_id and self.client_secret.get_secret_value())

    @property
    def data_collection(self) -> DataCollection:
        """As sentinelhub's type, bound to `base_url`: the client's own is bound to services.sentinel-hub.com."""
        definition = DataCollection.SENTINEL2_L2A.value.derive(
            api_id=self.collection, catalog_id=self.collection, service_url=self.base_url
        )
        digest = hashlib.sha256(f"{self.base_url} {self.collection}".encode()).hexdigest()[:12]
        with _defining:  # a table of the library that all threads share
            for known in DataCollection:
                if known.value == definition:
                    return known
            return DataCollection.SENTINEL2_L2A.define_from(
                f"NINEPATCH_{digest}", api_id=self.collection, catalog_id=self.collection, service_url=self.base_url
            )

    @property
    def config(self) -> SHConfig:
        """The account as sentinelhub's type, made of defaults only: it reads no file, writes none, and knows no
        account of the environment. Its `repr` shows the last letters of a secret: never print it."""
        return SHConfig(
            use_defaults=True,
            sh_client_id=self.client_id,
            sh_client_secret=self.client_secret.get_secret_value(),
            sh_base_url=self.base_url,
            sh_token_url=self.token_url,
        )

    def attribution(self, years: Iterable[int]) -> str:
        """The sentence that the data's licence asks for, or the one that says that the data are simulated."""
        if self.simulated:
            return "Simulated data, made by the demo archive of Ninepatch; no satellite data"
        return f"Contains modified Copernicus Sentinel data [{', '.join(map(str, sorted(set(years))))}]"


def all_providers(settings: Settings) -> tuple[Provider, ...]:
    """The demo archive, the two known deployments, and those of the settings. Raises SettingsError."""
    described = {known.name: known for known in _KNOWN}
    for given in settings.providers:
        if given.name == DEMO:
            raise SettingsError("The name demo belongs to the demo archive.", "Give the provider another name.")
        described[given.name] = _completed(given, described.get(given.name))
    chosen = settings.provider
    if chosen != DEMO and (chosen in described or settings.base_url):
        described[chosen] = _with_account(described.get(chosen) or ProviderSettings(name=chosen), settings)
    return _demo(settings), *map(_provider, described.values())


def find_provider(settings: Settings) -> Provider:
    """The one that the settings choose. Raises SettingsError where they do not describe it."""
    found = {provider.name: provider for provider in all_providers(settings)}
    if settings.provider not in found:
        raise SettingsError(
            f"There is no provider {settings.provider!r}; known are {', '.join(found)}.",
            "Choose one of these with NINEPATCH_PROVIDER, or set NINEPATCH_BASE_URL and NINEPATCH_TOKEN_URL too.",
        )
    return found[settings.provider]


def provider_named(name: str, settings: Settings) -> Provider:
    """The one that a recipe names. Raises RecipeError where the settings do not describe it, and SettingsError."""
    found = {provider.name: provider for provider in all_providers(settings)}
    if name not in found:
        raise RecipeError(
            f"The recipe is for the provider {name!r}; known here are {', '.join(found)}.",
            "Describe that provider in the settings, or ask one of these.",
        )
    return found[name]


def _demo(settings: Settings) -> Provider:
    url = settings.demo_url.rstrip("/")
    return Provider(
        name=DEMO,
        title="Demo archive",
        base_url=url,
        token_url=url + DEMO_TOKEN_PATH if url else "",
        client_id="demo",
        client_secret=SecretStr("demo"),
        requests_per_minute=DEMO_PER_MINUTE,
        units_per_minute=DEMO_PER_MINUTE,
    )


def _completed(given: ProviderSettings, known: ProviderSettings | None) -> ProviderSettings:
    """What the settings leave out of a known deployment comes from here."""
    if known is None:
        return given
    kept = {name: getattr(known, name) for name in ("title", "base_url", "token_url") if not getattr(given, name)}
    return given.model_copy(update=kept)


def _with_account(described: ProviderSettings, settings: Settings) -> ProviderSettings:
    """The chosen provider with the addresses and the account that stand beside the choice."""
    beside = {name: getattr(settings, name) for name in ("base_url", "token_url", "client_id")}
    changes = {name: value for name, value in beside.items() if value}
    if settings.client_secret.get_secret_value():
        changes["client_secret"] = settings.client_secret
    return described.model_copy(update=changes)


def _provider(described: ProviderSettings) -> Provider:
    return Provider(
        name=described.name,
        title=described.title or described.name,
        base_url=described.base_url.rstrip("/"),
        token_url=described.token_url,
        collection=described.collection,
        client_id=described.client_id,
        client_secret=described.client_secret,
        requests_per_minute=described.requests_per_minute,
        units_per_minute=described.units_per_minute,
        units_per_month=described.units_per_month,
    )


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine, whatever the network does."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_url(name: str, key: str, url: str) -> None:
    """A secret goes there: encrypted, or not over a network at all."""
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and (parts.port is None or parts.port > 0) and not re.search(r"\s", url)
    except ValueError:
        whole = False
    if not whole or parts.username is not None or parts.query or parts.fragment:
        shown = "a name and password in it" if "@" in url else repr(url)
        raise SettingsError(
            f"The {key} of the provider {name} is not usable, got {shown}.",
            "Give an address such as https://sh.example.org without a query.",
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(url)):
        raise SettingsError(
            f"The {key} of the provider {name} must begin with https://, got {url!r}.",
            "Only an address on this machine may do without: a secret is sent there.",
        )

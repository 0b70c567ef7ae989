"""Where pixels come from: deployments of the Sentinel Hub services, each with an account."""

from pydantic import SecretStr

from services.errors import RecipeError, SettingsError
from services.providers.base import DEMO, Provider
from services.settings import ProviderSettings, Settings

DEMO_TOKEN_PATH = "/auth/realms/main/protocol/openid-connect/token"  # noqa: S105 - a path
DEMO_PER_MINUTE = 60_000.0
"""The demo archive spends nothing and is asked as fast as it answers."""
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

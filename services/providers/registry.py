"""Which providers there are: kinds with the function that makes one, and those that the settings describe."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from services.errors import RecipeError, SettingsError
from services.providers.base import Provider
from services.providers.sentinelhub import KNOWN, demo_archive, described
from services.providers.stac import KNOWN as OPEN_DATA
from services.providers.stac import open_data
from services.settings import AUTO, DEMO, OPEN, ProviderSettings, Settings
from services.text import quoted


@dataclass(frozen=True)
class Kind:
    """A kind of service."""

    make: Callable[[ProviderSettings, Settings], Provider]
    """Makes a provider of this kind of its description. Raises SettingsError where that could not be used safely."""
    known: tuple[ProviderSettings, ...] = ()
    """Those that need no description."""


KINDS = {
    "demo": Kind(demo_archive, (ProviderSettings(name=DEMO, kind="demo", title="Demo archive"),)),
    "sentinel-hub": Kind(described, KNOWN),
    "stac": Kind(open_data, OPEN_DATA),
}
"""By the name that the settings use."""
_WORDS = {DEMO: "the demo archive", AUTO: "the choice at the start", OPEN: "open data"}
"""Names that no description may have, and what they are for."""


def all_providers(settings: Settings) -> tuple[Provider, ...]:
    """Those that need no description, the demo archive first, and those of the settings; the same for the same, for a
    page asks for them dozens of times. Raises SettingsError."""
    return _all_of(settings, tuple(KINDS.values()))


@lru_cache(maxsize=8)
def _all_of(settings: Settings, kinds: tuple[Kind, ...]) -> tuple[Provider, ...]:
    found = {known.name: known for kind in kinds for known in kind.known}
    for given in settings.providers:
        if given.name in _WORDS:
            raise SettingsError(
                f"The name {given.name} belongs to {_WORDS[given.name]}.", "Give the provider another name."
            )
        found[given.name] = _completed(given, found.get(given.name))
    chosen = settings.provider
    if chosen not in _WORDS and (chosen in found or settings.base_url):
        found[chosen] = _with_account(found.get(chosen) or ProviderSettings(name=chosen), settings)
    return tuple(_made(one, settings) for one in found.values())


def provider_named(name: str, settings: Settings) -> Provider:
    """The one that a recipe names. Raises RecipeError where the settings do not describe it, and SettingsError."""
    found = {provider.name: provider for provider in all_providers(settings)}
    if name not in found:
        raise RecipeError(
            f"The recipe is for the provider {quoted(name)}; known here are {', '.join(found)}.",
            "Describe that provider in the settings, or ask one of these.",
        )
    return found[name]


def _made(given: ProviderSettings, settings: Settings) -> Provider:
    """By the function of its kind."""
    if given.kind not in KINDS:
        raise SettingsError(
            f"The provider {given.name} is of the kind {quoted(given.kind)}; kinds are {', '.join(KINDS)}.",
            "Correct its kind in the settings, or leave it out.",
        )
    return KINDS[given.kind].make(given, settings)


def _completed(given: ProviderSettings, known: ProviderSettings | None) -> ProviderSettings:
    """What the settings leave out of a known provider comes from here."""
    if known is None:
        return given
    kept = {name: getattr(known, name) for name in ("title", "base_url", "token_url") if not getattr(given, name)}
    kind = {} if "kind" in given.model_fields_set else {"kind": known.kind}
    return given.model_copy(update=kept | kind)


def _with_account(given: ProviderSettings, settings: Settings) -> ProviderSettings:
    """The chosen provider with the addresses and the account that stand beside the choice."""
    beside = {name: getattr(settings, name) for name in ("base_url", "token_url", "client_id")}
    changes = {name: value for name, value in beside.items() if value}
    if settings.client_secret.get_secret_value():
        changes["client_secret"] = settings.client_secret
    return given.model_copy(update=changes)

"""The chosen provider where it is one of the Sentinel Hub family, with all that a deployment is."""

from services.providers import find_provider, provider_named
from services.providers.sentinelhub import SentinelHub
from services.settings import Settings


def deployment(settings: Settings, name: str = "") -> SentinelHub:
    """The one that the settings choose, or the one of that name."""
    found = provider_named(name, settings) if name else find_provider(settings)
    assert isinstance(found, SentinelHub)
    return found

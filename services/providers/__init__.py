"""Where pixels come from: settings in, providers out."""

from services.providers.base import Provider
from services.providers.registry import DEMO_TOKEN_PATH, all_providers, find_provider, provider_named

__all__ = [
    "DEMO_TOKEN_PATH",
    "Provider",
    "all_providers",
    "find_provider",
    "provider_named",
]

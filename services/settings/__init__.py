"""The configuration: one typed class, read from the environment (first) and a TOML file (second).

Every field is an environment variable with the prefix ``NINEPATCH_`` (``NINEPATCH_TILE_SIZE=3300``) and a key of
the TOML file, which is ``settings.toml`` under ``NINEPATCH_HOME`` or the path in ``NINEPATCH_SETTINGS``.
"""

from services.settings.loading import load_settings
from services.settings.provider_settings import ProviderSettings
from services.settings.settings import (
    AUTO,
    DEMO,
    FILE_VARIABLE,
    HOME_VARIABLE,
    OPEN,
    Settings,
    default_home,
    settings_file,
)

__all__ = [
    "AUTO",
    "DEMO",
    "FILE_VARIABLE",
    "HOME_VARIABLE",
    "OPEN",
    "ProviderSettings",
    "Settings",
    "default_home",
    "load_settings",
    "settings_file",
]

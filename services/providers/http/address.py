"""Names and addresses of services: whether one may be asked at all."""

import ipaddress
import re
from urllib.parse import urlsplit

from services.errors import SettingsError
from services.text import quoted


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine, whatever the network does."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def check_name(name: str) -> None:
    """A provider's name is part of cache keys and links. Raises SettingsError."""
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"A provider cannot be called {quoted(name)}.",
            "Use up to 40 small letters, digits and hyphens, and begin with a letter or a digit.",
        )


def check_address(name: str, key: str, url: str) -> None:
    """An address that a provider's setting `key` has: encrypted, or not over a network at all. Raises SettingsError."""
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
            f"The {key} of the provider {name} must begin with https://, got {quoted(url, 80)}.",
            "Only an address on this machine may do without.",
        )

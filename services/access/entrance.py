"""Address and login of the server (the entrance): where it listens, what people type, how they prove who they are."""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from services.errors import SettingsError
from services.settings import Settings

Network = IPv4Network | IPv6Network
FORWARDED_VARIABLE = "FORWARDED_ALLOW_IPS"
"""Whom uvicorn believes what the other end of a socket is; everybody at this machine where it is not set."""
VISITOR_HEADER = "x-ninepatch-visitor"
"""Carries who was let in from the gate to the script of a page. What a client sends under this name is dropped."""
LEAST_SECRET = 16
"""Characters of a secret that a proxy proves itself with."""
_USUAL = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]", re.ASCII)
PATH = re.compile(r"(/[\w.~-]+)*", re.ASCII)
"""Below which the application may be served."""


class Login(StrEnum):
    """How people prove who they are."""

    NONE = ""
    """Not at all: whoever reaches the application is its administrator."""
    OIDC = "oidc"
    PROXY = "proxy"
    """A proxy in front says who they are."""


@dataclass(frozen=True)
class PublicUrl:
    """The address that people type, in its parts."""

    scheme: str
    host: str
    """Name and, where it is not the scheme's usual one, port: what a browser sends as `Host`."""
    path: str
    """Without a slash at the end; empty at the root."""

    @property
    def origin(self) -> str:
        """What a browser sends as `Origin`."""
        return f"{self.scheme}://{self.host}"

    @property
    def secure(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.scheme == "https"

    def __str__(self) -> str:
        return self.origin + self.path


@dataclass(frozen=True)
class Entrance:
    """What the settings say of it, found to fit together."""

    login: Login
    public: PublicUrl | None
    """None where only this machine, or a trusted network, is served."""
    proxies: tuple[Network, ...]
    trusted: bool
    """Whether everybody who reaches the application is its administrator."""
    listen: str
    port: int

    @property
    def url(self) -> str:
        """Where people find it."""
        host = "localhost" if loopback(self.listen) else self.listen
        return str(self.public) if self.public else f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def path(self) -> str:
        """What stands before all of its addresses; empty at the root."""
        return self.public.path if self.public else ""

    def is_proxy(self, peer: str) -> bool:
        """Whether the other end of a socket is one of the proxies that are believed."""
        address = peer_address(peer)
        return address is not None and any(address in network for network in self.proxies)

    def brings_many(self, peer: str) -> bool:
        """Whether connections from there may be many people's: a proxy's, as all are where people type https."""
        return self.is_proxy(peer) or (self.public is not None and self.public.secure)

    @classmethod
    def of(cls, settings: Settings, *, listen: str = "", port: int = 0) -> "Entrance":
        """Of the settings, or of where it is served in truth; raises SettingsError where it would be open."""
        made = cls(
            login=_login(settings),
            public=_public(settings.public_url),
            proxies=tuple(map(_network, settings.proxy_addresses)),
            trusted=settings.trusted_network,
            listen=listen or settings.listen,
            port=port or settings.port,
        )
        made._require_closed()
        return made

    def _require_closed(self) -> None:
        if loopback(self.listen):
            return
        if self.login is Login.NONE and not self.trusted:
            raise SettingsError(
                f"The application would listen on {self.listen}, where others reach it, and nobody would have to log "
                "in: whoever comes could spend, stop and remove.",
                "Set NINEPATCH_OIDC_ISSUER for a login, or NINEPATCH_PROXY_ADDRESSES and NINEPATCH_PROXY_SECRET where "
                "a proxy knows who people are, or NINEPATCH_TRUSTED_NETWORK=true where everybody may do everything; "
                "or listen on 127.0.0.1.",
            )
        if self.login is not Login.NONE and self.public is None:
            raise SettingsError(
                f"The application would listen on {self.listen} and does not know the address that people type.",
                "Set NINEPATCH_PUBLIC_URL, for example https://maps.example.org.",
            )


def peer_address(peer: str) -> IPv4Address | IPv6Address | None:
    """The other end of a socket; one of version 4 as itself where a socket of version 6 names it. None of a path."""
    try:
        address = ip_address(peer)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def loopback(address: str) -> bool:
    """Whether only this machine reaches it: an IP address or `localhost`."""
    try:
        return ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return address == "localhost"


def host_of(url: str) -> str:
    """Name and port of an address as a browser sends them: lower case, without the scheme's usual port.

    Empty where it has none.
    """
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    name = f"[{name}]" if ":" in name else name
    if not _NAME.fullmatch(name):
        return ""
    return name if port is None or port == _USUAL.get(parts.scheme) else f"{name}:{port}"


def _login(settings: Settings) -> Login:
    """Raises SettingsError where it is set by halves, or twice."""
    proxy = bool(settings.proxy_addresses or settings.proxy_secret.get_secret_value())
    if settings.oidc_issuer and proxy:
        raise SettingsError(
            "Both oidc_issuer and a proxy are set, and only one of them can say who somebody is.",
            "Remove NINEPATCH_OIDC_ISSUER, or NINEPATCH_PROXY_ADDRESSES and NINEPATCH_PROXY_SECRET.",
        )
    if settings.oidc_issuer:
        _require_client(settings)
        return Login.OIDC
    if proxy:
        _require_proxy(settings)
        return Login.PROXY
    return Login.NONE


def _require_client(settings: Settings) -> None:
    if not (settings.oidc_client_id and settings.oidc_client_secret.get_secret_value()):
        raise SettingsError(
            f"The login at {settings.oidc_issuer} needs a client.",
            "Set NINEPATCH_OIDC_CLIENT_ID and NINEPATCH_OIDC_CLIENT_SECRET, as the issuer gave them.",
        )


def _require_proxy(settings: Settings) -> None:
    if not settings.proxy_addresses:
        raise SettingsError(
            "A proxy's secret is set, and no address that it comes from.",
            "Set NINEPATCH_PROXY_ADDRESSES, for example 127.0.0.1.",
        )
    if len(settings.proxy_secret.get_secret_value()) < LEAST_SECRET:
        raise SettingsError(
            f"The proxy's secret has fewer than {LEAST_SECRET} characters, or is not set.",
            "Set NINEPATCH_PROXY_SECRET to a long random text, and let the proxy send it.",
        )


def _public(url: str) -> PublicUrl | None:
    if not url:
        return None
    host, path, scheme = host_of(url), urlsplit(url).path.rstrip("/"), url.partition(":")[0].lower()
    whole = f"{scheme}://{host}{path}"
    if not host or scheme not in _USUAL or not PATH.fullmatch(path) or host_of(whole) != host or set(url) & set("?#@"):
        raise SettingsError(
            f"The setting public_url, {url}, is no address that a browser could be at.",
            "Give scheme, name and path, for example https://maps.example.org/team.",
        )
    return PublicUrl(scheme, host, path)


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise SettingsError(
            f"The setting proxy_addresses has {text}, which is neither an address nor a network.",
            "Give addresses or networks, for example 127.0.0.1, 10.0.0.0/8.",
        ) from error

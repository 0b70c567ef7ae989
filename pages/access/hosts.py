"""Hosts: by which names the application answers, and to pages of which origin.

A name of somebody else that was made to point here (DNS rebinding) is refused, and so is a page of another origin,
another port of this machine included: a browser would send it along with whatever its user may do here.
"""

import logging
import socket
from ipaddress import ip_address

from starlette.datastructures import Headers

from services.access import Entrance, Login, host_of, loopback

log = logging.getLogger(__name__)
_NO_HOST = set("@/?#\\")
"""Signs of an address that are in no name."""
_MOST_SAID = 100
"""Pairs of names that are told in the log; whoever asks on cannot fill it."""


class Hosts:
    """The names and origins of one entrance."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        own = socket.gethostname().lower()
        self._own = {own, f"{own.partition('.')[0]}.local", own.partition(".")[0]}
        self._said: set[tuple[str, str]] = set()

    def foreign_host(self, headers: Headers) -> str:
        """The sentence for somebody who asks by another name; empty where the name is ours."""
        said = headers.get("host", "")
        host = "" if set(said) & _NO_HOST else host_of(f"{self._scheme}://{said}")
        if self._ours(host):
            return ""
        public = self._entrance.public
        right = f"This server answers at {public}" if public else f"This server answers at {self._entrance.url}"
        self._tell(headers.get("origin", ""), said)
        return f"{right}, and was asked by another name. An administrator sets NINEPATCH_PUBLIC_URL."

    def foreign_origin(self, headers: Headers) -> str:
        """The sentence for a page of another origin; empty where it is ours, and where no page asks."""
        origin = headers.get("origin")
        if origin is None or self._same(origin, headers.get("host", "")):
            return ""
        self._tell(origin, headers.get("host", ""))
        return "A page of another address asked for this; open the address yourself."

    def own_page(self, headers: Headers) -> bool:
        """Whether a page of ours sent somebody here, or they came by themselves; for links that change something."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        return self._same(headers.get("referer", ""), headers.get("host", ""))

    @property
    def _scheme(self) -> str:
        return self._entrance.public.scheme if self._entrance.public else "http"

    def _ours(self, host: str) -> bool:
        if self._entrance.public:
            return host == self._entrance.public.host
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        name = name.strip("[]")
        return loopback(name) or (self._entrance.trusted and (_is_address(name) or name in self._own))

    def _same(self, url: str, host: str) -> bool:
        """Whether an address of ours; without a public one, of the name and port that are asked."""
        public, (scheme, _, _) = self._entrance.public, url.partition("://")
        if public:
            return scheme == public.scheme and host_of(url) == public.host
        return scheme in ("http", "https") and bool(host) and host_of(url) == host_of(f"{scheme}://{host}")

    def _tell(self, origin: str, host: str) -> None:
        """In the log, once for each pair: who runs the server is to know why nobody gets through."""
        if (origin, host) in self._said or len(self._said) >= _MOST_SAID:
            return
        self._said.add((origin, host))
        log.warning(
            "Refused what was asked by Host %s%s. Where people do come by that address, set NINEPATCH_PUBLIC_URL "
            "to it, and let a proxy pass on the Host that it is asked by (nginx: proxy_set_header Host $http_host).",
            _shown(host),
            f" from a page of {_shown(origin)}" if origin else "",
        )


def open_without_login(entrance: Entrance, server: tuple[str, int | None] | None) -> bool:
    """Whether nobody logs in, and the connection came where the entrance says that it may."""
    if entrance.login is not Login.NONE:
        return False
    return entrance.trusted or server is None or loopback(server[0])


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _shown(name: str) -> str:
    """A name as a log may show it."""
    return "".join(one for one in name[:100] if one.isprintable()) or "nothing"

"""The key of limits: whom a request is counted for."""

from ipaddress import IPv6Address

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Scope

from pages.access.visitor import HEADER
from services.access import peer_address


def member_of(scope: Scope) -> str:
    """The name that a login or a proxy has proven to the gate, else the address: of version 6 its network, where one
    person has many.

    At this machine's own address a proxy may stand: the last address that it names is the one that it has seen.
    """
    headers = Headers(scope=scope)
    if HEADER in headers and (actor := scope.get("state", {}).get("actor")) is not None:
        return f"member {actor.name}"
    host = (scope.get("client") or ("",))[0]
    address = peer_address(host)
    if address is not None and address.is_loopback and (seen := headers.get("x-forwarded-for", "")):
        address = peer_address(seen.rpartition(",")[2].strip()) or address
    if isinstance(address, IPv6Address):
        return address.exploded[:19]
    return host if address is None else str(address)


def come_back(sentence: str, status: int, seconds: float) -> PlainTextResponse:
    """A refusal that says when to try again."""
    headers = {"Retry-After": str(max(1, round(seconds))), "Cache-Control": "no-store"}
    return PlainTextResponse(sentence, status_code=status, headers=headers)

"""The key of limits: whom a request is counted for."""

from ipaddress import IPv6Address

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Scope

from pages.access.visitor import HEADER, PROXIED
from services.access import peer_address


def member_of(scope: Scope) -> str:
    """The name that a login or a proxy has proven to the gate, else the address: of version 6 its network, where one
    person has many.

    A proxy may stand at this machine's own address, and does where the gate says so: the last address that it names is
    the one that it has seen.
    """
    headers, state = Headers(scope=scope), scope.get("state", {})
    if HEADER in headers and (actor := state.get("actor")) is not None:
        return f"member {actor.name}"
    host = (scope.get("client") or ("",))[0]
    address = peer_address(host)
    near = state.get(PROXIED) or (address is not None and address.is_loopback)
    if near and (seen := headers.get("x-forwarded-for", "")):
        address = peer_address(seen.rpartition(",")[2].strip()) or address
    if isinstance(address, IPv6Address):
        return address.exploded[:19]
    return host if address is None else str(address)


def come_back(sentence: str, status: int, seconds: float) -> PlainTextResponse:
    """A refusal that says when to try again."""
    headers = {"Retry-After": str(max(1, round(seconds))), "Cache-Control": "no-store"}
    return PlainTextResponse(sentence, status_code=status, headers=headers)

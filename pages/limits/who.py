"""Whom a request is counted for."""

from ipaddress import IPv6Address, ip_address

from starlette.responses import PlainTextResponse
from starlette.types import Scope


def member_of(scope: Scope) -> str:
    """The name that the gate has proven, else the address: of the last version the network, where one has many."""
    actor = scope.get("state", {}).get("actor")
    if actor is not None:
        return f"member {actor.name}"
    host = (scope.get("client") or ("",))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and not address.ipv4_mapped:
        return address.exploded[:19]
    return str(getattr(address, "ipv4_mapped", None) or address)


def come_back(sentence: str, status: int, seconds: float) -> PlainTextResponse:
    """A refusal that says when to try again."""
    headers = {"Retry-After": str(max(1, round(seconds))), "Cache-Control": "no-store"}
    return PlainTextResponse(sentence, status_code=status, headers=headers)

"""The address at which a browser is told to remember the name that somebody typed."""

from starlette.routing import Route

from pages.state.member import _remember


def member_route(prefix: str) -> Route:
    """Where a browser is told to remember the name."""
    return Route(f"{prefix}/member", _remember, name="member")

"""Who acts in tests: by a name and a role."""

from services.access import Actor, Role


def viewer(name: str = "vera") -> Actor:
    """Somebody who looks and downloads."""
    return Actor(name, Role.VIEWER)


def a_member(name: str = "somebody") -> Actor:
    """Somebody who spends and saves."""
    return Actor(name, Role.MEMBER)


def administrator(name: str = "root") -> Actor:
    """Somebody who may do everything."""
    return Actor(name, Role.ADMINISTRATOR)

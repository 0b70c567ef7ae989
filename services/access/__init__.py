"""Who may do what: actors and their roles."""

from services.access.actor import Actor, Role

__all__ = ["Actor", "Role"]

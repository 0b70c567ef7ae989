"""Who may do what: actors and their roles, and what they did; where the application is reached, and how people log in."""

from services.access.actor import Actor, Role
from services.access.audit import Action, AuditLog, record
from services.access.cookie_secret import cookie_secret
from services.access.entrance import Entrance, Login, PublicUrl, host_of, loopback

__all__ = [
    "Action",
    "Actor",
    "AuditLog",
    "Entrance",
    "Login",
    "PublicUrl",
    "Role",
    "cookie_secret",
    "host_of",
    "loopback",
    "record",
]
